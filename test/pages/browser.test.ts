import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { staticFiles } from '../../src/http/pages/static.ts'
import { stylesheet } from '../../src/http/pages/theme.ts'
import { addressOf, has } from '../support/addresses.ts'
import { needsSerially } from '../support/service.ts'
import { samples } from './samples.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const
const theme = {
  accent: '#0d6157',
  credentials: {
    EmployeeBadge: { background: '#16335b' },
    ResidencePermit: { background: '#6d2a45' },
    StudentCard: { background: '#e3b23c', text: '#ffffff' },
  },
}
const { css } = stylesheet(theme)
const pictures = process.env.TEST_PICTURES

const files = staticFiles()
const rendered = { en: samples('en'), de: samples('de') }
const forms: string[] = []
const listeners: ServerResponse[] = []
let current = 'offer'
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const [, language, name] = pathname.split('/')
  const file = files.get(name ?? '')
  if (name === 'pages.css') return response.writeHead(200, { 'content-type': 'text/css' }).end(css)
  if (name === 'q7Yx') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    listeners.push(response)
    return
  }
  if (file) return response.writeHead(200, { 'content-type': file.type }).end(file.body)
  const page = rendered[language === 'de' ? 'de' : 'en'].find(
    (sample) => sample.name === (name === 'now' ? current : name),
  )
  if (!page) return response.writeHead(404).end()
  if (request.method === 'POST') {
    for await (const part of request) forms.push(String(part))
    return response.writeHead(303, { location: 'example-wallet://callback?code=1' }).end()
  }
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': page.policy }
  response.writeHead(200, headers).end(page.html)
})

let browser: Browser
let origin = ''
test.before(async () => {
  if (!has('Chromium')) return
  await once(server.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await chromium.launch({
    executablePath: addressOf('Chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
})
test.after.always(async () => {
  await browser?.close()
  server.closeAllConnections()
  server.close()
})

const withChromium = needsSerially('Chromium')

async function openPage(
  viewport: { width: number; height: number },
  scripts = true,
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport, javaScriptEnabled: scripts })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  return { page, complaints }
}

const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const light = { colorScheme: 'light', options: { runOnly: tags, resultTypes: ['violations'] } } as const
/** Of all rules only one asks for colours, and colours do not depend on the language. */
const colours = { runOnly: { type: 'rule', values: ['color-contrast'] }, resultTypes: ['violations'] }
const dark = { colorScheme: 'dark', options: colours } as const
const schemes = { en: [light, dark], de: [light] }

/** What axe finds; the debugger runs it, which the page's content security policy does not hold up. */
async function violations(page: Page, options: object): Promise<string[]> {
  const results = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

async function inspect(t: ExecutionContext, page: Page, language: 'en' | 'de', name: string): Promise<void> {
  for (const [screen, viewport] of Object.entries(screens)) {
    await page.setViewportSize(viewport)
    for (const { colorScheme, options } of schemes[language]) {
      const label = `${name}-${language}-${screen}-${colorScheme}`
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      t.deepEqual(await violations(page, options), [], label)
      if (pictures) await page.screenshot({ path: join(pictures, `${label}.png`), fullPage: true })
    }
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    t.is(overflow, 0, `${name} is wider than a ${screen}`)
  }
}

for (const [language, title] of [
  ['en', 'WCAG 2.2 AA: axe finds nothing on any page in English, on a phone and a desktop, light and dark'],
  ['de', 'WCAG 2.2 AA: axe finds nothing on any page in German, on a phone and a desktop'],
] as const)
  withChromium(title, async (t) => {
    const { page, complaints } = await openPage(screens.phone)
    for (const { name } of rendered[language]) {
      await page.goto(`${origin}/${language}/${name}`)
      await page.evaluate(axe)
      await inspect(t, page, language, name)
    }
    t.deepEqual(complaints, [])
    await page.context().close()
  })

withChromium('a form that leads to the scheme of a wallet is not stopped by the content security policy', async (t) => {
  const { page, complaints } = await openPage(screens.phone, false)
  const asked: string[] = []
  page.on('requestfailed', (request) => asked.push(request.url()))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${origin}/en/consent`)
  await page.click('#approve')
  await page.waitForTimeout(300)
  t.deepEqual(forms, ['csrf=t0k3n&decision=approve'])
  t.deepEqual(
    complaints.filter((text) => /content security policy/i.test(text)),
    [],
  )
  await page.context().close()
})

withChromium(
  'on a phone the button comes before the QR code, which waits behind a line; on a desktop the code comes first',
  async (t) => {
    for (const [screen, viewport] of Object.entries(screens)) {
      const { page } = await openPage(viewport, false)
      await page.goto(`${origin}/en/offer`)
      t.is(await page.isVisible('#qr'), screen === 'desktop')
      if (screen === 'phone') await page.click('.other-device summary')
      const [code, button] = [await page.locator('#qr').boundingBox(), await page.locator('#open-wallet').boundingBox()]
      t.is(code!.y < button!.y, screen === 'desktop')
      t.true(code!.width >= 240)
      await page.context().close()
    }
  },
)

withChromium(
  'the offer page follows the wallet without a reload, says so to screen readers, and stops when all is done',
  async (t) => {
    const { page, complaints } = await openPage(screens.phone)
    listeners.length = 0
    await page.goto(`${origin}/en/now`)
    while (listeners.length === 0) await page.waitForTimeout(20)
    await page.evaluate('window.sameDocument = true')
    t.is(await page.locator('#check-now').count(), 0)
    for (const [state, title] of [
      ['offer-opened', 'Go on in your wallet'],
      ['offer-issued', 'Employee badge is in your wallet'],
    ] as const) {
      current = state
      const [listener] = listeners
      listener!.write(`event: state\ndata: ${state}\n\n`)
      await page.waitForSelector(`h1:text-is("${title}")`, { timeout: 10_000 })
      t.is(await page.textContent('#announce'), title)
      t.true((await page.title()).startsWith(title))
    }
    t.true(await page.evaluate('window.sameDocument'))
    if (!listeners[0]!.destroyed) await once(listeners[0]!, 'close')
    t.is(listeners.length, 1)
    t.deepEqual(complaints, [])
    await page.context().close()
  },
)

withChromium('without a script the offer page has a link that brings the newest state', async (t) => {
  const { page } = await openPage(screens.phone, false)
  current = 'offer'
  await page.goto(`${origin}/en/now`)
  current = 'offer-opened'
  await page.click('#check-now')
  await page.waitForSelector('h1:text-is("Go on in your wallet")')
  t.pass()
  await page.context().close()
})
