import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../src/cli/run.ts'

const demoFile = new URL('../../demo/demo.yaml', import.meta.url).pathname
const folder = await mkdtemp(join(tmpdir(), 'claimgate-cli-'))

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

/** A command line with the environment it runs in, and what came of it. */
async function claimgate(words: string[], environment: Record<string, string> = {}) {
  const [printed, noted]: [string[], string[]] = [[], []]
  const code = await run(words, {
    environment: { CLAIMGATE_DATA: folder, ...environment },
    fetch: globalThis.fetch,
    now: () => new Date('2026-11-24T12:00:00Z'),
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  })
  return { code, printed: printed.join('\n'), noted: noted.join('\n') }
}

type Call = { method: string | undefined; url: string | undefined; authorization: string | undefined; body: unknown }

/** Something that answers as the admin API does, and remembers what it was asked. */
async function api(status: number, answer: unknown) {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { method, url, headers } = request
    calls.push({ method, url, authorization: headers.authorization, body: text ? JSON.parse(text) : undefined })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const CLAIMGATE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { calls, server, environment: { CLAIMGATE_URL, CLAIMGATE_API_KEY: 'key-of-the-integrator' } }
}

const offer = {
  id: 'off_1',
  state: 'waiting',
  expires_at: '2026-12-01T12:00:00Z',
  credential_offer_url: 'openid-credential-offer://?credential_offer_uri=x',
  offer_page_url: 'http://localhost:8080/demo/registry/offer/x',
  credential_configuration_ids: ['ResidencePermit'],
  tx_code: '012345',
}

test('what is not understood ends with exit code 2 and a word on what was meant', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['issue'], /unknown command 'issue'/],
    [['validate'], /--file/],
    [['offer', 'create'], /tenant\/issuer/],
    [['offer', 'create', 'demo'], /TENANT\/ISSUER/],
    [['offer', 'create', 'demo/staff', '--grant', 'password'], /authorization_code or pre_authorized_code/],
    [['offer', 'create', 'demo/staff', '--by', 'pigeon'], /value, reference/],
    [['start', '--dmo'], /--demo/],
    [['propose', 'keycloak'], /--url/],
    [['propose', 'keycloak', '--url', 'http://login.example'], /use https/],
    [['propose', 'keycloak', '--url', 'https://login.example', '--tenant', 'api'], /fixed path/],
  ]
  for (const [words, hint] of wrong) {
    const { code, noted } = await claimgate(words)
    t.is(code, 2, words.join(' '))
    t.regex(noted, hint)
  }
})

test('--help and --version are answers, not mistakes', async (t) => {
  const help = await claimgate(['--help'])
  t.is(help.code, 0)
  for (const name of ['start', 'migrate', 'apply', 'validate', 'test', 'offer'])
    t.true(help.printed.includes(name), name)
  t.regex((await claimgate(['--version'])).printed, /^\d+\.\d+\.\d+$/)
})

test('a node does not start with a wrong environment; every mistake is named', async (t) => {
  const { code, noted } = await claimgate(['start'], { CLAIMGATE_SECRET: 'short', CLAIMGATE_SECRETT: 'x' })
  t.is(code, 1)
  for (const name of ['CLAIMGATE_PUBLIC_URL', 'CLAIMGATE_SECRET', 'CLAIMGATE_SECRETT'])
    t.regex(noted, new RegExp(`^${name} `, 'm'))
})

test('validate says that a good file is good, and what of it only the demo may do', async (t) => {
  const { code, printed, noted } = await claimgate(['validate', '-f', demoFile])
  t.is(noted.match(/Only the demo/g)?.length, 3)
  t.is(code, 0)
  t.regex(printed, /Tenant: demo, identity providers: 1, issuers: 3, credential configurations: 6\./)
})

const badge = (tests: string) => `
tenant: acme
issuers:
  staff:
    wallets: []
    grants: { pre_authorized_code: {} }
    credential_configurations:
      Badge:
        format: dc+sd-jwt
        claims:
          name: { from: offer.name, mandatory: true }
          roles: { from: offer.groups, match: '^/staff/(.+)$', type: list(string) }
        tests: ${tests}
`

test('test runs the mapping tests, without node or database, and tells of each what came', async (t) => {
  const good = await claimgate(['test', '-f', demoFile])
  t.is(good.code, 0)
  t.regex(good.printed, /^demo\/staff EmployeeBadge\n {2}✔ test 1\n/)
  t.regex(good.printed, /\d+ tests passed\.$/)

  const tests = `
          - { name: Ada, given: { offer: { name: Ada, groups: [/staff/dev] } }, expect: { name: Ada, roles: [dev] } }
          - { name: Bob, given: { offer: { name: Bob, groups: [/x] } }, expect: { name: Bob, roles: [x] } }
          - { given: {}, expect_refused: [name] }
          - { given: {}, expect: { name: Eve } }`
  const name = await file('some-fail.yaml', badge(tests))
  const bad = await claimgate(['test', '-f', name])
  t.is(bad.code, 1)
  t.is(
    bad.printed,
    [
      'acme/staff Badge',
      '  ✔ Ada',
      '  ✘ Bob',
      '    expect roles:',
      '      expected ["x"]',
      '      got      null',
      '  ✔ test 3',
      '  ✘ test 4',
      '    expect name: The sources have nothing for this mandatory claim.',
    ].join('\n'),
  )
  t.is(bad.noted, '2 of 4 tests failed.')

  const json = await claimgate(['test', '-f', name, '--json'])
  t.is(json.code, 1)
  const { failed, configurations } = JSON.parse(json.printed)
  t.is(failed, 2)
  t.like(configurations[0].outcomes[1], {
    name: 'Bob',
    differences: [{ path: ['expect', 'roles'], values: { expected: ['x'], got: null } }],
  })

  const validated = await claimgate(['validate', '-f', name])
  t.is(validated.code, 1)
  t.regex(validated.noted, /some-fail\.yaml:15:\d+ .*\/tests\/1\/expect\/roles The rule gives null\./)
})

test('test names other mistakes of the file as validate does, and says where there is nothing to run', async (t) => {
  const wrong = await file('misspelt.yaml', badge('[]').replace('offer.name', 'ofer.name'))
  const { code, noted } = await claimgate(['test', '-f', wrong])
  t.is(code, 1)
  t.regex(noted, /misspelt\.yaml:11:25 .*Did you mean offer\.name\?\n1 mistake\.$/)
  const none = await claimgate(['test', '-f', await file('none.yaml', badge('[]'))])
  t.is(none.code, 0)
  t.regex(none.noted, /has no tests/)
})

test('validate names file, line, column and field of every mistake, and ends with exit code 1', async (t) => {
  const name = await file('wrong.yaml', 'tenant: acme\naccent: green\nissuers:\n  staff:\n    grants: {}\n')
  const { code, printed, noted } = await claimgate(['validate', '-f', name])
  t.is(code, 1)
  t.is(printed, '')
  t.true(noted.includes(`${name}:2:1 /accent `))
  t.true(noted.includes(`${name}:5:5 /issuers/staff/grants `))
  t.true(noted.includes('/issuers/staff/credential_configurations '))
  t.true(noted.endsWith('3 mistakes.'))
})

test('a file that is not there is said to be not there', async (t) => {
  const { code, noted } = await claimgate(['validate', '-f', join(folder, 'nowhere.yaml')])
  t.is(code, 1)
  t.regex(noted, /nowhere\.yaml cannot be read \(ENOENT\)/)
})

test('propose keycloak prints the tenant file of an export, and tells besides what to do at Keycloak', async (t) => {
  const realm = new URL('../../keycloak/realm-acme.json', import.meta.url).pathname
  const words = ['propose', 'keycloak', '--url', 'https://login.example', '--realm-file']
  const { code, printed, noted } = await claimgate([...words, realm], { CLAIMGATE_URL: 'https://issuer.example' })
  t.is(code, 0)
  const { code: valid } = await claimgate(['validate', '-f', await file('proposed.yaml', printed)])
  t.is(valid, 0)
  t.regex(noted, /^Watch out:\n {2}- [\s\S]*\nTo do at Keycloak:\n/)
  for (const [name, text, hint] of [
    ['no.json', '{', /no\.json is not JSON/],
    ['other.json', '{"clients": []}', /holds no realm/],
  ] as const) {
    const refused = await claimgate([...words, await file(name, text)])
    t.is(refused.code, 1)
    t.regex(refused.noted, hint)
  }
  const nothing = await claimgate(words.slice(0, -1))
  t.is(nothing.code, 1)
  t.regex(nothing.noted, /--realm-file.*--admin-client-id/)
})

test('offer create sends what was asked for, and shows link, page and PIN', async (t) => {
  const { calls, server, environment } = await api(201, offer)
  const words = ['offer', 'create', 'demo/registry', '--configuration', 'ResidencePermit', '--configuration', 'Other']
  const rest = ['--grant', 'pre_authorized_code', '--tx-code', '--claims', '{"given_name":"Ada"}', '--by', 'value']
  const { code, printed } = await claimgate([...words, ...rest], environment)
  server.close()
  t.is(code, 0)
  t.deepEqual(calls, [
    {
      method: 'POST',
      url: '/api/v1/tenants/demo/issuers/registry/offers',
      authorization: 'Bearer key-of-the-integrator',
      body: {
        credential_configuration_ids: ['ResidencePermit', 'Other'],
        grants: ['pre_authorized_code'],
        tx_code: true,
        claims: { given_name: 'Ada' },
        delivery: { by: 'value' },
      },
    },
  ])
  for (const shown of [offer.id, offer.credential_offer_url, offer.offer_page_url, offer.tx_code])
    t.true(printed.includes(shown))
})

test('offer create names the person whom the offer is for', async (t) => {
  const { calls, server, environment } = await api(201, offer)
  const subject = { identity_provider: 'login', email: 'ada@acme.example' }
  for (const given of [JSON.stringify(subject), await file('subject.json', JSON.stringify(subject))])
    t.is((await claimgate(['offer', 'create', 'demo/staff', '--subject', given], environment)).code, 0)
  server.close()
  for (const { body } of calls) t.deepEqual(body, { subject })
  const { code, noted } = await claimgate(['offer', 'create', 'demo/staff', '--subject', '{"sub":'], environment)
  t.is(code, 1)
  t.regex(noted, /^--subject/)
})

test('offer create takes the claims from a JSON or YAML file, and prints the bare answer with --json', async (t) => {
  const { calls, server, environment } = await api(201, { ...offer, more: 1 })
  for (const [name, text] of [
    ['claims.json', '{"birthdate": "1985-12-10"}'],
    ['claims.yaml', 'birthdate: 1985-12-10'],
  ] as const) {
    const words = ['offer', 'create', 'demo/registry', '--json', '--claims', await file(name, text)]
    const { printed } = await claimgate(words, environment)
    t.deepEqual(JSON.parse(printed), { ...offer, more: 1 })
  }
  server.close()
  for (const { body } of calls) t.deepEqual(body, { claims: { birthdate: '1985-12-10' } })
  t.is((await claimgate(['offer', 'create', 'demo/registry', '--claims', '{"a":'], environment)).code, 1)
})

test('offer show says what became of an offer', async (t) => {
  const { tx_code, ...shown } = { ...offer, state: 'issued' }
  const { calls, server, environment } = await api(200, shown)
  const { code, printed } = await claimgate(['offer', 'show', 'demo/registry', 'off_1'], environment)
  server.close()
  t.is(code, 0)
  t.is(calls[0]?.url, '/api/v1/tenants/demo/issuers/registry/offers/off_1')
  t.regex(printed, /off_1 is issued\noffers ResidencePermit\nexpires 2026-12-01/)
})

test('a refusal of the node is told with its reason and every field, and ends with exit code 1', async (t) => {
  const problem = {
    title: 'Unprocessable',
    detail: 'The offer is wrong.',
    errors: [{ pointer: '/claims', detail: 'Too large.' }],
  }
  const { server, environment } = await api(422, problem)
  const { code, printed, noted } = await claimgate(['offer', 'create', 'demo/registry'], environment)
  server.close()
  t.is(code, 1)
  t.is(printed, '')
  t.is(noted, '422 The offer is wrong.\n/claims Too large.')
})

test('a missing key, a silent node and a stranger at the address each get a sentence', async (t) => {
  const locked = await api(401, {})
  t.regex((await claimgate(['offer', 'create', 'a/b'], locked.environment)).noted, /CLAIMGATE_API_KEY/)
  locked.server.close()
  const stranger = await api(200, { hello: 'world' })
  t.regex((await claimgate(['offer', 'create', 'a/b'], stranger.environment)).noted, /no offer/)
  stranger.server.close()
  const silent = await claimgate(['offer', 'show', 'a/b', 'off_1'], stranger.environment) // nobody listens there any more
  t.is(silent.code, 1)
  t.regex(silent.noted, /No answer from http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
})

test('apply sends a checked file to the API if CLAIMGATE_URL is set, with its references resolved', async (t) => {
  const { calls, server, environment } = await api(200, {})
  const name = await file('tenant.yaml', `tenant: acme\nprivacy_uri: https://\${env:ACME_HOST}/privacy\n`)
  const { code, noted } = await claimgate(['apply', '-f', name], { ...environment, ACME_HOST: 'acme.example' })
  t.is(code, 0, noted)
  t.is((await claimgate(['apply', '-f', name], environment)).code, 1)
  server.close()
  const body = { tenant: 'acme', privacy_uri: 'https://acme.example/privacy' }
  t.like(calls, { length: 1, 0: { method: 'PUT', url: '/api/v1/tenants/acme', body } })
})

test('a secret that is not the one of the database is told in a sentence, and nothing is written', async (t) => {
  const apply = (secret: string) =>
    claimgate(['apply', '--demo', '-f', demoFile], {
      CLAIMGATE_DATABASE_URL: `sqlite:${join(folder, 'sealed.sqlite')}`,
      CLAIMGATE_SECRET: secret.repeat(32),
    })
  t.like(await apply('a'), { code: 0 })
  const { code, noted } = await apply('b')
  t.is(code, 1)
  t.regex(noted, /^CLAIMGATE_SECRET is not the secret that this database was made with.*\.$/)
})

test('an outage of the database is told in a sentence, not in a stack', async (t) => {
  const CLAIMGATE_DATABASE_URL = 'mysql://claimgate:secret@127.0.0.1:9/claimgate'
  const { code, noted } = await claimgate(['migrate', '--demo'], { CLAIMGATE_DATABASE_URL })
  t.is(code, 1)
  t.regex(noted, /ECONNREFUSED/)
  t.notRegex(noted, /secret|^ {4}at /m)
})

test('migrate makes the database, and finds nothing to do the second time', async (t) => {
  const environment = { CLAIMGATE_DATA: await mkdtemp(join(tmpdir(), 'claimgate-cli-')) }
  for (const _ of [1, 2])
    t.deepEqual(await claimgate(['migrate', '--demo'], environment), {
      code: 0,
      printed: 'The database is up to date.',
      noted: '',
    })
})
