import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

type TypeMetadata = { vct: string; claims: { path: [string]; sd: string; mandatory?: boolean }[] }
const read = async (url: string) => (await (await fetch(url, { redirect: 'error' })).json()) as TypeMetadata
const display = (...names: [string, string][]) => names.map(([locale, name]) => ({ locale, name }))
const labels = (...names: [string, string][]) => names.map(([locale, label]) => ({ locale, label }))

test('VCI-111, SD-JWT VC §6: a vct leads to its type metadata, which names it', async (t) => {
  const vct = `${node.identifierOf('staff')}/types/EmployeeBadge`
  const answer = await fetch(vct)
  t.is(answer.status, 200)
  t.is(answer.headers.get('content-type'), 'application/json')
  t.is(answer.headers.get('cache-control'), 'public, max-age=300')
  t.deepEqual(await answer.json(), {
    vct,
    name: 'Employee badge',
    display: display(['en', 'Employee badge'], ['de', 'Dienstausweis']),
    claims: [
      { path: ['given_name'], sd: 'always', mandatory: true, display: labels(['en', 'Given name'], ['de', 'Vorname']) },
      { path: ['family_name'], sd: 'always', mandatory: true },
      {
        path: ['employee_id'],
        sd: 'never',
        mandatory: true,
        display: labels(['en', 'Employee number'], ['de', 'Personalnummer']),
      },
      { path: ['department'], sd: 'always' },
      { path: ['email'], sd: 'always' },
    ],
  })
})

test('SD-JWT VC §6: what the type says of mandatory claims and of withholding them is true of a credential', async (t) => {
  const issuer = node.identifierOf('registry')
  const wallet = node.wallet('registry')
  const token = await wallet.redeem((await node.offer({ txCode: '004217' })).code, '004217')
  const { credential } = (await wallet.credential(token)).body.credentials[0]!
  const { claims, shown } = await readSdJwt(credential, { root: await rootOf(issuer), issuer })
  const type = await read(String(claims.vct))
  t.is(type.vct, String(claims.vct))
  t.true(type.claims.some(({ sd }) => sd === 'never') && type.claims.some(({ sd }) => sd === 'always'))
  for (const { path, sd, mandatory } of type.claims) {
    if (mandatory) t.true(path[0] in claims, path[0])
    t.is(path[0] in shown, sd === 'never', path[0])
  }
})

test('SD-JWT VC §6: a type that an issuer does not have is unknown there', async (t) => {
  for (const type of ['EmployeeBadge', 'Unknown', '__proto__', '%00']) {
    const response = await fetch(`${node.identifierOf('registry')}/types/${type}`)
    const { status, headers } = response
    const text = await response.text()
    isRefused(t, { status, headers, text, body: JSON.parse(text) }, { error: 'invalid_request', status: 404 }, type)
  }
})
