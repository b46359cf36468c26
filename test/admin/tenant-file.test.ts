import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { mistakeLine, readYaml } from '../../src/administration/read-yaml.ts'
import { refuseReferences, resolveReferences } from '../../src/administration/resolve-references.ts'
import { isOfferScheme, redirectUriMistake } from '../../src/protocol/redirect-uri.ts'

const now = new Date('2026-11-24T12:00:00Z')
type Options = { demo?: boolean; environment?: Record<string, string>; folder?: string }

const read = (text: string, { demo = false, environment = {}, folder = '.' }: Options = {}) =>
  readTenantFile(text, 'tenant.yaml', { demo, environment, folder, now })

/** The mistakes of a file as a person sees them, without the file's name. */
function mistakes(text: string, options?: Options): string[] {
  const answer = read(text, options)
  return 'mistakes' in answer ? answer.mistakes.map((mistake) => mistakeLine(mistake).replace('tenant.yaml:', '')) : []
}

const good = `tenant: acme
identity_providers:
  login: { kind: oidc, issuer: https://login.acme.example, client_id: claimgate, client_secret: "\${env:SECRET}" }
wallet_profiles:
  pocket: { client_id: pocket, name: Pocket, redirect_uris: ["pocket://callback"] }
issuers:
  staff:
    wallets: [pocket]
    grants:
      authorization_code: { identity_providers: [login] }
    credential_configurations:
      Badge:
        format: dc+sd-jwt
        claims:
          name: { from: id_token.name, mandatory: true }
        tests:
          - given: { id_token: { name: Ada } }
            expect: { name: Ada }
`
const environment = { SECRET: 'hunter2hunter2' }

test('a good file is read, with every default filled in and every reference resolved and remembered', (t) => {
  const answer = read(good, { environment })
  if ('mistakes' in answer) return t.fail(answer.mistakes.map(mistakeLine).join('\n'))
  const { file, references } = answer
  t.like(file.identity_providers.login, { client_secret: 'hunter2hunter2' })
  t.like(file.issuers.staff, { dpop: 'optional', consent: 'always', batch_size: 10 })
  t.deepEqual(references, { '/identity_providers/login/client_secret': '$' + '{env:SECRET}' })
})

test('VCI-15: a logo is an https address or an image that wallets can read; SVG as data makes some refuse all metadata', (t) => {
  const logoAt = (uri: string) =>
    mistakes(`${good}display: [{ name: ACME, logo: { uri: "${uri}" } }]\n`, { environment })
  t.deepEqual(logoAt('https://acme.example/logo.svg'), [])
  t.deepEqual(logoAt('data:image/png;base64,iVBORw0KGgo='), [])
  for (const uri of ['data:image/svg+xml;base64,PHN2Zy8+', 'data:image/svg+xml,<svg/>', 'http://acme.example/logo.png'])
    t.regex(logoAt(uri)[0] ?? '', /\/display\/0\/logo\/uri An image is an https URI, or a data URI of a PNG/, uri)
})

test('the demo file is without mistakes in the demo; elsewhere only its open wallets are refused', async (t) => {
  const text = await readFile(new URL('../../demo/demo.yaml', import.meta.url), 'utf8')
  t.deepEqual(mistakes(text, { demo: true }), [])
  const elsewhere = mistakes(text)
  t.is(elsewhere.length, 3)
  for (const line of elsewhere) t.regex(line, /^\d+:5 \/issuers\/[a-z]+\/wallets Only the demo serves any wallet/)
})

test('the file in the guide is without mistakes', async (t) => {
  const guide = await readFile(new URL('../../docs/guides/tenant-file.md', import.meta.url), 'utf8')
  const text = /^```yaml\n(tenant:.*?)^```$/ms.exec(guide)?.[1] ?? ''
  t.deepEqual(mistakes(text, { environment: { ACME_KEYCLOAK_SECRET: 'x' } }), [])
})

test('every mistake of every kind is named at once, in the order of the file, with line and column', (t) => {
  const text = `tenant: Acme Corp
acccent: "#000000"
time_zone: Mars/Olympus
identity_providers:
  login: { kind: oidc, issuer: nowhere, client_id: claimgate, client_secret: s }
  other: { kind: carrier-pigeon }
wallet_profiles:
  pocket: { client_id: pocket, name: Pocket, redirect_uris: ["javascript:alert(1)", "https://ok.example/cb"] }
issuers:
  staff:
    wallets: [pocket, purse]
    grants:
      authorization_code: { identity_providers: [login, logout] }
    credential_configurations:
      Badge:
        format: dc+sd-jwt
        valid_for: ninety days
        claims:
          name: { from: id_token.name, cel: "1" }
      Card:
        format: dc+sd-jwt
        identity_providers: [other]
        claims:
          name: { cel: id_tokn.name }
      Pass:
        format: dc+sd-jwt
        claims:
          name: { from: id_token.name }
        tests: [{ given: { id_token: { name: Ada } }, expect: { name: Bob } }]
  letters:
    grants:
      pre_authorized_code: { expires_in: P2D }
`
  const found = mistakes(text)
  const expected = [
    /^1:1 \/tenant A name is/,
    /^2:1 \/acccent There is no such setting here\.$/,
    /^3:1 \/time_zone Not a time zone/,
    /^5:\d+ \/identity_providers\/login\/issuer /,
    /^6:\d+ \/identity_providers\/other\/kind /,
    /^8:\d+ \/wallet_profiles\/pocket\/redirect_uris\/0 The scheme javascript is refused/,
    /^11:23 \/issuers\/staff\/wallets\/1 There is no wallet profile purse in this file; there is pocket\.$/,
    /^13:57 \/issuers\/staff\/grants\/authorization_code\/identity_providers\/1 There is no identity provider logout/,
    /^17:9 \/issuers\/staff\/credential_configurations\/Badge\/valid_for A duration is/,
    /^19:11 \/issuers\/staff\/credential_configurations\/Badge\/claims\/name A rule has exactly one of/,
    /^22:30 \/issuers\/staff\/credential_configurations\/Card\/identity_providers\/0 The issuer does not let other/,
    /^24:\d+ \/issuers\/staff\/credential_configurations\/Card\/claims\/name\/cel .*id_tokn/,
    /^29:\d+ \/issuers\/staff\/credential_configurations\/Pass\/tests\/0/,
    /^30:3 \/issuers\/letters\/credential_configurations This is required\.$/,
  ]
  for (const pattern of expected)
    t.true(
      found.some((line) => pattern.test(line)),
      `${pattern}\n${found.join('\n')}`,
    )
  const lines = found.map((line) => Number.parseInt(line, 10))
  t.deepEqual(
    lines,
    lines.toSorted((a, b) => a - b),
  )
})

test('a mistake inside an expression is pointed at where it stands in the file', (t) => {
  const text = good.replace('from: id_token.name', "cel: 'id_token.name + nonsense'")
  const [line = ''] = mistakes(text, { environment })
  const column = (text.split('\n')[14]?.indexOf('nonsense') ?? 0) + 1
  t.true(line.startsWith(`15:${column} /issuers/staff/credential_configurations/Badge/claims/name/cel `), line)
})

test('what cannot be YAML is refused with its line: broken syntax, repeated keys, two documents, aliases that multiply', (t) => {
  t.regex(mistakes('tenant: acme\nissuers: [a, b\n')[0] ?? '', /^[23]:\d+ /)
  t.regex(mistakes('tenant: acme\ntenant: other\n')[0] ?? '', /^2:1 /)
  t.regex(mistakes('tenant: acme\n---\ntenant: other\n')[0] ?? '', /^[23]:\d+ /)
  t.regex(mistakes('tenant: !!js/function "x"\n')[0] ?? '', /^1:\d+ /)
  const levels = Array.from({ length: 20 }, (_, n) => `a${n}: &a${n} [${n ? `*a${n - 1}, *a${n - 1}` : '1, 2'}]`)
  t.regex(mistakes(`${levels.join('\n')}\n`)[0] ?? '', /aliases/)
  t.regex(mistakes('x'.repeat(1024 * 1024 + 1))[0] ?? '', /^1:1 The file is larger than 1 MiB/)
  t.true(mistakes('').length > 0)
  t.true(mistakes('just a text').length > 0)
})

test('no key of a file reaches a prototype or is passed over in silence', (t) => {
  const found = mistakes(`${good}__proto__: { polluted: true }\n`, { environment })
  t.deepEqual(found, ['19:1 /__proto__ There is no such setting here.'])
  t.is(({} as { polluted?: boolean }).polluted, undefined)
  t.true(mistakes(good.replace('Badge:', '__proto__:'), { environment }).length > 0)
})

test('a mistake in something that an alias repeats is found where it was written, or at the alias', (t) => {
  const text = `tenant: acme\ndisplay: &d [{ name: ACME, locale: en, nme: x }]\nissuers:\n  staff:\n    display: *d\n`
  const found = mistakes(text)
  t.true(
    found.some((line) => /^2:\d+ \/display\/0\/nme /.test(line)),
    found.join('\n'),
  )
  t.true(
    found.some((line) => /^2:\d+ \/issuers\/staff\/display\/0\/nme /.test(line)),
    found.join('\n'),
  )
})

test('a missing variable or file is a mistake at its line, once, and without its would-be value', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'claimgate-tenant-'))
  await writeFile(join(folder, 'secret.txt'), 'from-a-file\n')
  const found = mistakes(good)
  t.is(found.length, 1)
  t.regex(
    found[0] ?? '',
    /^3:\d+ \/identity_providers\/login\/client_secret The environment variable SECRET is not set\.$/,
  )
  const withFile = (name: string) => good.replace('env:SECRET', `file:${name}`)
  t.deepEqual(mistakes(withFile('secret.txt'), { folder }), [])
  t.regex(mistakes(withFile('none.txt'), { folder })[0] ?? '', /The file none\.txt cannot be read \(ENOENT\)/)
  t.regex(mistakes(good.replace('env:SECRET', 'evn:SECRET'))[0] ?? '', /A reference is .* not .*evn/)
})

test('references are resolved anywhere in a text, secrets are left for the node, expressions are left alone', (t) => {
  const [env, secret] = ['$' + '{env:HOST}', '$' + '{secret:keycloak}']
  const raw = {
    url: `https://${env}/x`,
    client_secret: secret,
    claims: { a: { cel: `"${env}"` } },
    list: [1, env, null],
  }
  const { resolved, mistakes: none } = resolveReferences(raw, { environment: { HOST: 'h.example' }, folder: '.' })
  t.deepEqual(none, [])
  t.deepEqual(resolved, {
    url: 'https://h.example/x',
    client_secret: secret,
    claims: { a: { cel: `"${env}"` } },
    list: [1, 'h.example', null],
  })
  const escaping = { a: '$' + '{secret:../other/keycloak}' }
  t.is(resolveReferences(escaping, { environment: {}, folder: '.' }).mistakes.length, 1)
})

test('what an environment variable says is not looked at for further references', (t) => {
  const [env, file] = ['$' + '{env:A}', '$' + '{file:/etc/hostname}']
  const { resolved } = resolveReferences({ a: env }, { environment: { A: file }, folder: '.' })
  t.deepEqual(resolved, { a: file })
})

test('a node refuses the references that only the command line resolves, and names each', (t) => {
  const raw = { a: '$' + '{env:CLAIMGATE_SECRET}', b: ['x$' + '{file:/etc/passwd}'], c: '$' + '{secret:fine}' }
  t.deepEqual(
    refuseReferences(raw).map(({ pointer }) => pointer),
    ['/a', '/b/0'],
  )
})

test('RFC 8252 §7: a redirect URI is https, a scheme of the app, or http to this very machine', (t) => {
  const fine = [
    'https://w.example/cb',
    'eu.europa.ec.euidi://authorization',
    'wallet:/cb',
    'http://127.0.0.1/cb',
    'http://[::1]:99/cb',
    'http://localhost:3/cb',
  ]
  const bad = [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc',
    'blob:https://x',
    'about:blank',
    'intent://x',
    'http://w.example/cb',
    'http://127.0.0.1.evil.example',
    '/cb',
    '',
    'https://w.example/cb#x',
    'https://w.example/c b',
    ' https://w.example',
  ]
  for (const uri of fine) t.is(redirectUriMistake(uri), undefined, uri)
  for (const uri of bad) t.is(typeof redirectUriMistake(uri), 'string', uri)
})

test('VCI-29: an offer link begins with a custom scheme or an https address, never with what a browser runs or reads', (t) => {
  const fine = [
    'openid-credential-offer://',
    'haip-vci://',
    'eu.europa.ec.euidi://',
    'https://wallet.example/offer?via=qr',
  ]
  const bad = [
    'javascript://',
    'JavaScript://x',
    'data://',
    'file://',
    'intent://',
    'http://w.example/',
    'https://',
    '',
    'offer',
    'a b://',
    'x://#',
  ]
  for (const scheme of fine) t.true(isOfferScheme(scheme), scheme)
  for (const scheme of bad) t.false(isOfferScheme(scheme), scheme)
})

test('an issuer names each provider once, keeps long-lived codes behind a PIN, and gives each credential its scope', (t) => {
  const twice = good.replace('[login]', '[login, login]')
  t.regex(mistakes(twice, { environment })[0] ?? '', /named twice/)
  const grants = (text: string) =>
    good.replace('authorization_code: { identity_providers: [login] }', `pre_authorized_code: ${text}`)
  t.regex(mistakes(grants('{ expires_in: P2D }'), { environment })[0] ?? '', /only with a tx_code of at least 6/)
  t.regex(
    mistakes(grants('{ expires_in: P2D, tx_code: { length: 4 } }'), { environment })[0] ?? '',
    /only with a tx_code/,
  )
  t.regex(mistakes(grants('{ expires_in: P8D, tx_code: {} }'), { environment })[0] ?? '', /at most seven days/)
  t.deepEqual(mistakes(grants('{ expires_in: P7D, tx_code: {} }'), { environment }), [])
  const scope = good.replace('claims:', 'scope: openid\n        claims:')
  t.regex(mistakes(scope, { environment })[0] ?? '', /scope openid has a meaning/)
  const second = `${good}      Card:\n        format: dc+sd-jwt\n        scope: Badge\n        claims: { name: { const: x } }\n`
  t.regex(mistakes(second, { environment })[0] ?? '', /^21:9 .*Card\/scope The scope Badge stands for Badge already/)
})

test('no mistake repeats a secret that was put in', (t) => {
  const text = good
    .replace('kind: oidc', 'kind: oidc, issuer2: x')
    .replace('client_id: claimgate', 'client_id: "${env:SECRET}", domains: ["${env:SECRET}!"]')
  t.false(mistakes(text, { environment }).join('\n').includes('hunter2'))
})

test('a field is found by its pointer also if its name has slashes, tildes or is a number', (t) => {
  const yaml = readYaml('a:\n  "x/y~z":\n    1: bad\n', 'f.yaml')
  if ('mistakes' in yaml) return t.fail()
  t.like(yaml.locate({ pointer: '/a/x~1y~0z/1', detail: '' }), { line: 3, column: 5 })
})
