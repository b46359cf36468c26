import { execFile } from 'node:child_process'
import { createWriteStream, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config.ts'
import { makeLog } from '../../src/lib/log.ts'
import { startNode } from '../../src/main.ts'

const folder = mkdtempSync(join(tmpdir(), 'claimgate-start-'))
const log = makeLog({
  level: 'info',
  destination: createWriteStream(join(process.env.TEST_LOG_DIR ?? folder, 'start.log')),
})
const ports = { PORT: '18480', CLAIMGATE_DEMO_PORT: '18481' }
const config = readConfig({ ...ports, CLAIMGATE_DATA: folder }, { demo: true })
const node = await startNode(config, { log })
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://localhost:18480${path}`, { headers, redirect: 'manual' })

test.after.always(() => node.stop())

test('a node says that it lives and that it can serve', async (t) => {
  t.is((await get('/healthz')).status, 200)
  t.is((await get('/readyz')).status, 200)
})

test('the demo has a start page that leads to an offer page of each of its three issuers', async (t) => {
  const page = await (await get('/')).text()
  for (const issuer of ['staff', 'registry', 'campus']) {
    t.true(page.includes(`id="offer-${issuer}"`), issuer)
    const answer = await get(`/start/${issuer}`)
    t.is(answer.status, 303)
    t.regex(answer.headers.get('location') ?? '', new RegExp(`^http://localhost:18480/demo/${issuer}/offer/`))
  }
})

test('VCI-2, VCI-6, VCI-9: metadata in both well-known forms name the stored identifier, whatever the Host says', async (t) => {
  const inserted = await get('/.well-known/openid-credential-issuer/demo/staff', { host: 'elsewhere.example' })
  const appended = await get('/demo/staff/.well-known/openid-credential-issuer')
  t.is(inserted.status, 200)
  t.is(inserted.headers.get('content-type'), 'application/json')
  t.is(inserted.headers.get('access-control-allow-origin'), '*')
  const metadata = (await inserted.json()) as Record<string, unknown>
  t.is(metadata.credential_issuer, 'http://localhost:18480/demo/staff')
  t.deepEqual(await appended.json(), metadata)
})

test('a node whose port is taken says so in a sentence and ends, with all that it had opened', async (t) => {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const { PATH = '' } = process.env
  const env = { PATH, PORT: '18480', CLAIMGATE_DEMO_PORT: '18482', CLAIMGATE_DATA: join(folder, 'second') }
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; text: string }>()
  execFile(process.execPath, [main, 'start', '--demo'], { env, timeout: 60_000 }, (error, _, text) =>
    resolve({ code: error?.code, text }),
  )
  const { code, text } = await promise
  t.is(code, 1)
  t.regex(text, /Something listens at 127\.0\.0\.1 port 18480 already\. PORT .* other ports\.\n$/)
})
