import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../src/cli/run.ts'
import { applied, startAdmins, tenantFile } from '../support/admin.ts'

const admins = await startAdmins()
const [admin] = admins
test.after.always(() => Promise.all(admins.map((one) => one.stop())))

const folder = mkdtempSync(join(tmpdir(), 'claimgate-preview-'))
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

/** A tenant of its own, and a command line that speaks to it. */
async function commandLine(tenant: string) {
  const written = tenantFile(tenant)
  const { key } = await applied(admin!.services, { ...written, api_clients: { boss: { role: 'administrator' } } })
  const claimgate = async (...words: string[]) => {
    const [printed, noted]: [string[], string[]] = [[], []]
    const code = await run(words, {
      environment: { CLAIMGATE_URL: admin!.url, CLAIMGATE_API_KEY: key },
      fetch: globalThis.fetch,
      now: () => new Date(),
      print: (text) => printed.push(text),
      note: (text) => noted.push(text),
    })
    return { code, printed: printed.join('\n'), noted: noted.join('\n') }
  }
  const preview = (...words: string[]) => claimgate('preview', `${tenant}/staff`, 'Badge', ...words)
  return { claimgate, preview }
}

test('preview reads a token from a file as a provider gave it, and rules that are not saved yet', async (t) => {
  const { preview } = await commandLine('shown')
  const payload = { given_name: 'Ada', groups: ['/staff/dev', '/other'], department: 'R&D' }
  const parts = [{ alg: 'RS256' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const token = file('token.jwt', `${parts.join('.')}.c2ln\n`)
  const claims = file(
    'claims.yaml',
    `given_name: { from: id_token.given_name, mandatory: true, disclosed: always }
roles: { from: id_token.groups, match: "^/staff/(.+)$", type: list(string), disclosed: elements }
department: { from: userinfo.department, mandatory: true }
site: { from: id_token.site, default: Lund }
`,
  )
  const { code, printed, noted } = await preview('--id-token', token, '--claims', claims)
  t.is(code, 0, noted)
  t.deepEqual(printed.split('\n'), [
    'Badge (dc+sd-jwt), signed in at idp: cannot be issued',
    'What was pasted is not verified.',
    '',
    'Claim         Value    From                     Seen by',
    'given_name *  "Ada"    id_token.given_name      everybody',
    'roles         ["dev"]  id_token.groups > match  each element by choice',
    'department *  –                                 by choice',
    '    ✘ Nothing was there: userinfo.department is absent.',
    '    userinfo.department is not there, but id_token.department is.',
    'site          "Lund"   default                  by choice',
  ])
  const asJson = await preview('--id-token', '{"given_name":"Ada"}', '--json')
  t.like(JSON.parse(asJson.printed), { issuable: true, claims: { given_name: 'Ada' }, verified: false })
})

test('preview says what is wrong with rules and with what was pasted, and ends with 1', async (t) => {
  const { preview } = await commandLine('refused')
  const rules = await preview('--claims', '{ given_name: { cel: id_token.given_name + } }')
  t.is(rules.code, 1)
  t.regex(rules.noted, /^422 .*\n\/claims\/given_name\/cel .*line 1/)
  const token = await preview('--id-token', file('no-token', 'eyJ.x'))
  t.regex(token.noted, /\/id_token .*Paste a signed JWT/)
})

test('test-sign-in shows the link, and what to preview with when somebody has signed in', async (t) => {
  const { claimgate, preview } = await commandLine('testing')
  const { code, printed, noted } = await claimgate('test-sign-in', 'testing/staff', 'idp')
  t.is(code, 0, noted)
  const [open = '', then = '', until] = printed.split('\n')
  const [, id] = /^Then {3}claimgate preview testing\/staff CONFIGURATION --sign-in (tsi_\S+)$/.exec(then) ?? []
  t.true(open.startsWith(`Open   https://id.example/testing/staff/test-sign-in/${id}.`), printed)
  t.regex(until ?? '', /^Until {2}20/)
  t.regex((await preview('--sign-in', id ?? '')).noted, /^422 .*\n\/sign_in Nobody has signed in yet/)
  t.regex((await claimgate('test-sign-in', 'testing/staff', 'nobody')).noted, /^404 /)
})
