import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { addressOf } from './addresses.ts'

export const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const
export type Screen = keyof typeof screens

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }

/** The folder for pictures, if any are wanted. */
const pictures = process.env.TEST_PICTURES

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: addressOf('Chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })

/** A page in a profile of its own, and what its console complained of, such as a breach of the content security policy. */
export async function newPage(
  browser: Browser,
  { size = 'desktop', ...settings }: BrowserContextOptions & { size?: Screen } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: screens[size], locale: 'en-GB', ...settings })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  return { page, complaints }
}

/** What axe finds on the page by the rules of WCAG 2.2 A and AA, and whether the page is wider than its window. */
export async function violations(page: Page): Promise<string[]> {
  // The debugger runs it, which the page's content security policy does not hold up.
  const results = (await page.evaluate(`${axe}; axe.run(document, ${JSON.stringify(options)})`)) as AxeResults
  const width = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  const found = results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  )
  return width === 0 ? found : [...found, `${width} pixels too wide`]
}

/** A picture for the documents, where `TEST_PICTURES` says: of the whole page, or of what the window shows. */
export async function picture(page: Page, name: string, { whole = true }: { whole?: boolean } = {}): Promise<void> {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: whole })
}
