import test from 'ava'
import { makeLog } from '../../src/lib/log.ts'

function capture(level = 'info') {
  const lines: string[] = []
  const log = makeLog({ level, destination: { write: (line: string) => lines.push(line) } })
  return { log, lines }
}
const token = 'kYvE7u0Qy2l9c0mQ0e3Hn8h1W5sRz6TtXb4aPqJdLfg'

test('a log line is one JSON object with time, level, message and the names of its request', (t) => {
  const { log, lines } = capture()
  log.child({ request: 'req_1' }).info({ status: 200, issuer: 'acme/staff' }, 'answered')
  log.debug('not at this level')
  t.is(lines.length, 1)
  const line = JSON.parse(lines[0] ?? '')
  t.like(line, { level: 'info', request: 'req_1', status: 200, issuer: 'acme/staff', msg: 'answered' })
  t.false(Number.isNaN(Date.parse(line.time)))
})

test('a log line never shows what stands under the name of a secret, however deep', (t) => {
  const { log, lines } = capture()
  const names = ['authorization', 'cookie', 'access_token', 'client_secret', 'tx_code', 'pre-authorized_code', 'claims']
  for (const name of names) log.info({ request: { headers: { [name]: `x-${name}-x` } } }, 'one')
  log.info({ a: { b: { c: { d: { e: 'too deep to be looked at' } } } } }, 'deep')
  for (const name of names) t.false(lines.join().includes(`x-${name}-x`), name)
  t.false(lines.join().includes('too deep'))
})

test('a log line never shows a token, a JWT or an e-mail address that stands in a text, but does show ids', (t) => {
  const { log, lines } = capture()
  const id = 'off_0199d5a8-7c1e-7000-8000-1234567890ab'
  log.warn({ detail: `seen ${token}`, jwt: `${token}.${token}.${token}`, who: 'ada@acme.example', id }, 'texts')
  const text = lines.join()
  t.false(text.includes(token))
  t.false(text.includes('ada@'))
  t.true(text.includes(id))
})

test('a logged error keeps its name, code, place and causes, and loses what libraries hang on it', (t) => {
  const { log, lines } = capture()
  const cause = Object.assign(new Error(`bad answer ${token}`), { code: 'ECONNREFUSED', response: { body: 'ada' } })
  const error = Object.assign(new TypeError('outer', { cause }), { sql: 'insert ada', claims: { name: 'ada' } })
  log.error({ err: error }, 'failed')
  const line = JSON.parse(lines[0] ?? '')
  t.like(line.err, { type: 'TypeError', message: 'outer', cause: { type: 'Error', code: 'ECONNREFUSED' } })
  t.true(line.err.stack.includes('log.test.ts'))
  t.false(lines.join().includes('ada'))
  t.false(lines.join().includes(token))
})

test('the piece of unreadable JSON that an error quotes is left out', (t) => {
  const { log, lines } = capture()
  try {
    JSON.parse('{"given_name": ada}')
  } catch (err) {
    log.error({ err }, 'unreadable')
  }
  t.true(lines.join().includes('is not valid JSON'))
  t.false(lines.join().includes('given_name'))
})
