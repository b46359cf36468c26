import { createHash } from 'node:crypto'
import { startTestNode } from '../test/support/node.ts'

export type Statement = { sql: string; bindings: unknown[] }
/** What one issuance says to the database, and what its offer said before. */
export type Recorded = { offer: Statement[]; token: Statement[]; credential: Statement[]; constants: string[] }

/** Runs one issuance on a node over this database and writes down each statement. The database keeps its tables and its tenant. */
export async function recordStatements(databaseUrl: string): Promise<Recorded> {
  const node = await startTestNode({ databaseUrl })
  const heard: Statement[] = []
  node.services.database.db.on('query', ({ sql, bindings = [] }: Statement) => heard.push({ sql, bindings }))
  const wallet = node.wallet('campus')
  const run = async () => {
    const { code } = await node.offer()
    const offer = heard.splice(0)
    const answer = await wallet.redeem(code)
    const token = heard.splice(0)
    const { status, text } = await wallet.credential(answer, { configurationId: 'StudentCard' })
    if (status !== 200) throw new Error(text)
    return { offer, token, credential: heard.splice(0) }
  }
  await run() // what is done only once is done
  const { tenantId, issuerId } = await node.issuer('campus')
  const recorded = await run()
  await node.stop()
  return { ...recorded, constants: [tenantId, issuerId] }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const digest = /^[A-Za-z0-9_-]{43}$/

/** The same statements for another issuance: ids and hashes are others, each the same wherever it stands. */
export function another(statements: Statement[], at: number, constants: string[]): Statement[] {
  const own = (value: unknown): unknown => {
    if (typeof value !== 'string' || constants.includes(value)) return value ?? null
    if (uuid.test(value)) return value.slice(0, 24) + at.toString(16).padStart(8, '0') + value.slice(-4)
    if (digest.test(value)) return createHash('sha256').update(`${at} ${value}`).digest('base64url')
    return value
  }
  return statements.map(({ sql, bindings }) => ({ sql, bindings: bindings.map(own) }))
}
