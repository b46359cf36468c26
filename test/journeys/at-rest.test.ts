import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { memoryPlace } from '../../src/issuance/draw-trial.ts'
import { claimsPlace } from '../../src/issuance/evaluate-claims.ts'
import { resultPlace } from '../../src/issuance/finish-sign-in.ts'
import { renewalPlace } from '../../src/issuance/renewal.ts'
import { makeFetch } from '../../src/lib/http-client.ts'
import { purge } from '../../src/store/purge.ts'
import { startTestNode } from '../support/node.ts'
import { startRenewingProvider } from '../support/renewing-provider.ts'
import { remember } from '../support/secrets.ts'
import { apiKey } from '../support/tenant.ts'
import { personAt } from '../support/way.ts'

// What the database holds of a person while a sign-in goes on, while its wallet is served, and when all of it is over.

type Json = Record<string, unknown>
type Row = Record<string, unknown>

const idp = await startRenewingProvider()
const person = { given_name: 'Wilhelmina', department: 'Aeronautics' }
idp.people.set('alice', person)
for (const value of Object.values(person)) remember(value, 'claim')
const outward = makeFetch({ allowAddresses: ['127.0.0.0/8', '::1/128'] })
/** The provider's answer to the last code. */
let tokens: Json = {}
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/renewal.yaml'),
  environment: { HR_URL: 'http://127.0.0.1:9' },
  identityProvider: { ...idp, spoil: {} },
  settings: { kept: { refresh_tokens: undefined } },
  fetch: async (input, init) => {
    const answer = await outward(input, init)
    if (String(input).startsWith(`${idp.issuer}/token`)) tokens = (await answer.clone().json()) as Json
    return answer
  },
})
test.after.always(async () => {
  await node.stop()
  await idp.stop()
})
const { db } = node.services.database

async function rowsOf(table: string): Promise<Row[]> {
  return await db(table)
}

/** All that stands in the database, letter by letter. */
async function written(): Promise<string> {
  const tables = (await db('sqlite_master').where({ type: 'table' }).pluck('name')) as string[]
  const rows = await Promise.all(tables.map(rowsOf))
  const cells = rows.flat().flatMap((row) => Object.values(row))
  return cells.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('latin1') : cell)).join('\n')
}

/** What the sealed columns of sign-ins and grants hold, by column. */
async function sealed(): Promise<Record<string, string>> {
  const sealer = await node.services.vault.of((await node.issuer('fresh')).tenantId)
  const [signIns, grants] = [await rowsOf('sign_ins'), await rowsOf('grants')]
  const opened: Record<string, string> = {}
  const open = (rows: Row[], place: typeof claimsPlace) => {
    for (const row of rows) {
      const at = place(String(row.id))
      const cell = row[at.column] as Buffer | null
      if (cell && cell.length > 0) opened[at.column] = sealer.open(at, cell).toString()
    }
  }
  open(signIns, memoryPlace)
  open(signIns, resultPlace)
  open(grants, claimsPlace)
  open(grants, renewalPlace)
  return opened
}

function assertNothingIn(t: ExecutionContext, text: string, secrets: Record<string, unknown>, when: string): void {
  for (const [name, secret] of Object.entries(secrets)) {
    t.truthy(secret, `there is a ${name}`)
    t.false(text.includes(String(secret)), `${when}: ${name}`)
  }
}

for (const [issuer, isRenewable] of [
  ['kept', false],
  ['fresh', true],
] as const) {
  test.serial(
    `VCI-127, OIDC Core §16.11: of a person the database holds what is sealed, and nothing of the provider’s tokens but ${isRenewable ? 'the one to renew by' : 'claims'}, until all is over`,
    async (t) => {
      const wallet = node.wallet(issuer, { dpop: true })
      const { press, consent } = personAt(wallet.redirectUri)
      const page = await consent(await wallet.authorizeUrl(), 'alice')
      const { access_token, id_token, refresh_token } = tokens
      t.is(refresh_token !== undefined, isRenewable, 'a refresh token is asked for only where it is needed')
      const theirs = { access_token, id_token, ...(isRenewable && { refresh_token }) }
      const everything = { ...theirs, ...person, apiKey }
      assertNothingIn(t, await written(), everything, 'at the consent page')
      const asked = await sealed()
      t.true(asked.result_sealed?.includes(person.given_name))
      assertNothingIn(t, JSON.stringify(asked), { access_token, id_token }, 'sealed at the consent page')

      const code = new URL((await press(page, 'approve')).url).searchParams.get('code') ?? ''
      const token = await wallet.redeem({ code })
      const issued = await wallet.credential(token)
      t.is(issued.status, 200, issued.text)
      const ours = { code, token: token.body.access_token, credential: issued.text.slice(60, 120) }
      assertNothingIn(t, await written(), { ...everything, ...ours }, 'issued')
      const { claims_sealed, renewal_sealed } = await sealed()
      t.true(claims_sealed?.includes(person.department))
      assertNothingIn(t, String(claims_sealed), theirs, 'with the claims')
      if (isRenewable) {
        t.true(renewal_sealed?.includes(String(refresh_token)))
        assertNothingIn(t, String(renewal_sealed), { access_token, id_token, ...person }, 'with the way to renew')
      } else t.is(renewal_sealed, undefined)

      node.wait({ minutes: 31 * 24 * 60 })
      await purge((question) => node.services.database.ask(question))(node.services.clock())
      t.deepEqual(await sealed(), {}, 'when the last token has ended')
      t.true((await rowsOf('credentials')).length > 0, 'that it was issued is still on record')
    },
  )
}
