import { join } from 'node:path'
import test from 'ava'
import { previewSources } from '../../src/issuance/preview-sources.ts'
import { createTestSignIn } from '../../src/issuance/test-sign-in.ts'
import { startAuthorizationServer } from '../support/authorization-server.ts'
import { json, startClaimSource } from '../support/claim-source.ts'
import { startTestNode } from '../support/node.ts'
import { plainBrowser } from '../support/plain-browser.ts'
import { remember } from '../support/secrets.ts'

const hr = await startClaimSource()
const server = await startAuthorizationServer()
const node = await startTestNode({
  tenantFile: join(import.meta.dirname, '../support/fixtures/claim-sources.yaml'),
  environment: { SERVER: server.issuer, HR_URL: hr.url, HR_KEY: remember('the-key-of-hr-at-the-preview-0123') },
})
test.after.always(async () => {
  await node.stop()
  await hr.stop()
  await server.stop()
})

const grade = remember('grade-seventy-two', 'claim')
const caller = 'client boss'

/** What rules of the badge read after alice's test sign-in. */
async function sourcesAfterSignIn(more: object = {}) {
  const issuer = await node.issuer('staff')
  const { id, url } = await createTestSignIn(node.services, issuer, 'idp', caller)
  const browser = plainBrowser()
  const provider = await browser.press(await browser.go(remember(url, 'link')), 'begin-test')
  await browser.press(provider, 'sign-in', { username: 'alice', password: 'alice' })
  const badge = issuer.configurations.get('Badge')!
  return previewSources(node.services, issuer, badge, { sign_in: `tsi_${id}`, ...more }, caller)
}

test.serial(
  'a preview of a test sign-in asks the claim sources that its rules read, as an issuance does',
  async (t) => {
    hr.answer = () => json({ grade })
    hr.requests.length = 0
    const { sources, failed, from } = await sourcesAfterSignIn()
    t.is(from, 'sign_in')
    t.is(failed, undefined)
    t.like(Object.values(sources.source ?? {})[0], { grade })
    t.is(hr.requests.length, 1)
  },
)

test.serial('sources that are given are taken for those that would be asked', async (t) => {
  hr.requests.length = 0
  const { sources } = await sourcesAfterSignIn({ source: { hr: { grade: 'given' } } })
  t.deepEqual(sources.source, { hr: { grade: 'given' } })
  t.is(hr.requests.length, 0)
})

test.serial(
  'a claim source that fails is told by its fault, and what the provider said is there all the same',
  async (t) => {
    hr.answer = () => ({ status: 500 })
    const { sources, failed } = await sourcesAfterSignIn()
    t.like(failed, { fault: 'source-failed' })
    t.is(sources.id_token?.sub, 'alice')
    t.false(JSON.stringify(failed).includes(grade))
  },
)
