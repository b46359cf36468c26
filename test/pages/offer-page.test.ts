import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { startTestNode } from '../support/node.ts'

const fixture = readFileSync(join(import.meta.dirname, '../support/fixtures/tenant.yaml'), 'utf8')
const display = /^ {4}display: .*Test House account.*\n/m

async function offerPage(tenant: string): Promise<string> {
  const tenantFile = join(mkdtempSync(join(tmpdir(), 'claimgate-offer-page-')), 'tenant.yaml')
  writeFileSync(tenantFile, tenant)
  const node = await startTestNode({ tenantFile })
  const { page } = await node.offer({ issuer: 'staff' })
  const text = await (await fetch(page)).text()
  await node.stop()
  return text
}

test('the offer page names the provider as people know it, and never by its id', async (t) => {
  t.regex(await offerPage(fixture), /Sign in with your Test House account/)
  t.regex(fixture, display)
  const text = await offerPage(fixture.replace(display, ''))
  t.regex(text, /Sign in with your account/)
  t.notRegex(text, /your idp|every idp/)
})
