import test from 'ava'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode()
test.after.always(() => node.stop())
const url = `${node.url}/.well-known/openid-credential-issuer${new URL(node.identifierOf('staff')).pathname}`
const get = (headers: Record<string, string> = {}) => fetch(url, { headers })

type Displayed = { display: { locale: string; name: string }[] }

test('VCI-5: in the language asked for, and it says which', async (t) => {
  const localesOf = async (language: string) => {
    const answer = await get({ 'accept-language': language })
    const { display } = (await answer.json()) as Displayed
    return [display.map(({ locale }) => locale), answer.headers.get('content-language')]
  }
  t.deepEqual(await localesOf('de'), [['de'], 'de'])
  t.deepEqual(await localesOf('de-AT, en;q=0.5'), [['de'], 'de'])
  t.deepEqual(await localesOf('fr, en;q=0.5'), [['en'], 'en'])
  t.deepEqual(await localesOf('fr'), [['en', 'de'], 'de, en'], 'what nobody speaks leaves all')
  t.deepEqual(await localesOf('*'), [['en', 'de'], 'de, en'])
  t.deepEqual(await localesOf('*, de;q=0.5'), [['en', 'de'], 'de, en'], 'any, as gladly as anything')
  t.deepEqual(await localesOf('DE'), [['de'], 'de'], 'the case of a tag says nothing')
  t.deepEqual(await localesOf('de;q=0, en'), [['en'], 'en'])
  t.deepEqual(await localesOf('no language; at=all'), [['en', 'de'], 'de, en'])
})

test('VCI-5: a part in which nobody wrote that language is left whole, for nothing may be without a name', async (t) => {
  const own = await startTestNode({
    identityProvider: node.identityProvider,
    settings: { staff: { display: [{ name: 'Service du personnel', locale: 'fr-CA' }, { name: 'HR' }] } },
  })
  t.teardown(own.stop)
  const url = `${own.url}/.well-known/openid-credential-issuer${new URL(own.identifierOf('staff')).pathname}`
  const localesOf = async (language: string) => {
    const answer = await fetch(url, { headers: { 'accept-language': language } })
    const { display } = (await answer.json()) as Displayed
    return [display.map(({ name }) => name), answer.headers.get('content-language')]
  }
  t.deepEqual(await localesOf('fr'), [['Service du personnel'], 'de, en, fr-CA'])
  t.deepEqual(await localesOf('de'), [['Service du personnel', 'HR'], 'de, fr-CA'])
})

test('VCI-5, RFC 9110 §13: each language is a version of its own to caches', async (t) => {
  const tags = await Promise.all(
    ['en', 'de', '*'].map(async (language) => (await get({ 'accept-language': language })).headers.get('etag')),
  )
  t.is(new Set(tags).size, 3)
  const [english, german] = tags as [string, string]
  const ask = (etag: string) => get({ 'accept-language': 'de', 'if-none-match': etag, 'cache-control': 'max-age=0' })
  t.is((await ask(german)).status, 304)
  t.is((await ask(english)).status, 200)
})

test('VCI-5, VCI-25: signed metadata is in that language, too', async (t) => {
  const answer = await get({ accept: 'application/jwt', 'accept-language': 'de' })
  t.is(answer.headers.get('content-language'), 'de')
  const members = JSON.parse(Buffer.from((await answer.text()).split('.')[1]!, 'base64url').toString()) as Displayed
  t.deepEqual(
    members.display.map(({ locale }) => locale),
    ['de'],
  )
})

test('VCI-5, VCI-22: credentials and claims are named in that language, too', async (t) => {
  const answer = await get({ 'accept-language': 'de' })
  const metadata = (await answer.json()) as {
    credential_configurations_supported: {
      EmployeeBadge: { credential_metadata: Displayed & { claims: Partial<Displayed>[] } }
    }
  }
  const { display, claims } = metadata.credential_configurations_supported.EmployeeBadge.credential_metadata
  t.deepEqual(display, [{ name: 'Dienstausweis', locale: 'de' }])
  t.deepEqual(claims[0]?.display, [{ name: 'Vorname', locale: 'de' }])
})
