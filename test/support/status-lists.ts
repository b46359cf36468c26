import { randomBytes } from 'node:crypto'
import type { LiveConfiguration, LiveIssuer } from '../../src/model/live.ts'
import { type Allocator, makeAllocator, type Needs } from '../../src/status/allocate.ts'
import type { Database } from '../../src/store/database.ts'
import { tablesOver } from '../../src/store/index.ts'
import { makeVault } from '../../src/store/sealed.ts'

/** An allocator of a node of its own, over a database that has its tables. */
export function allocatorOver(database: Database, settings: Pick<Needs, 'size' | 'block'> = {}): Allocator {
  const clock = () => new Date()
  const tables = tablesOver((question, options) => database.ask(question, options))
  const vault = makeVault({ database, secret: Buffer.alloc(32, 7), random: randomBytes, clock })
  const kindOf = (format: string) => (format === 'jwt_vc_json' ? 'bitstring' : 'token')
  return makeAllocator({ tables, vault, clock, random: randomBytes, kindOf, ...settings })
}

/** An issuer of which an allocator reads no more than this. */
export const someIssuer = (name: string) =>
  ({ tenantId: 'status', issuerId: name, identifier: `https://status.example/test/${name}` }) as LiveIssuer

export const someConfiguration = (settings: Partial<LiveConfiguration> = {}) =>
  ({ format: 'dc+sd-jwt', signing_key: 'default', signing_algorithm: 'ES256', ...settings }) as LiveConfiguration
