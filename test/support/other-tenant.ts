import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestNode } from './node.ts'
import { actionsOn, applyTestTenant } from './tenant.ts'

const template = join(import.meta.dirname, 'fixtures/tenant.yaml')

/** A second tenant at a node, `other`, which has all that `test` has but API clients; and `retired`, of which only the name is left. */
export async function addOtherTenant(
  node: Pick<TestNode, 'services' | 'identityProvider'>,
  { retired }: { retired?: 'campus' } = {},
) {
  const folder = await mkdtemp(join(process.env.TEST_RUN_DIR ?? tmpdir(), 'claimgate-'))
  const tenantFile = join(folder, 'other.yaml')
  const text = readFileSync(template, 'utf8').replace('tenant: test\n', 'tenant: other\n')
  const whole = text.replace(/^api_clients:\n( .*\n)+/m, '')
  writeFileSync(tenantFile, retired === undefined ? whole : whole.slice(0, whole.indexOf(`  ${retired}:\n`)))
  await applyTestTenant(node.services, node.identityProvider, { tenantFile })
  return actionsOn(node.services, globalThis.fetch, 'other')
}
