import type { WrittenTenantFile } from '../model/tenant.ts'
import type { Tables } from '../store/index.ts'
import type { Sealer } from '../store/sealed.ts'

type Kind =
  | 'tenant'
  | 'identity_provider'
  | 'authorization_server'
  | 'claim_source'
  | 'wallet_profile'
  | 'attester'
  | 'api_client'
  | 'issuer'
  | 'credential_configuration'
export type Change = { kind: Kind; id: string; change: 'created' | 'changed' | 'removed' }

/** What is to be written, with everything random drawn before the transaction. */
export type TenantDraft = {
  tenantId: string
  file: WrittenTenantFile
  publicUrl: string
  now: Date
  sealer: Sealer
  issuerIds: ReadonlyMap<string, string>
  keys: ReadonlyMap<string, string>
}

type Columns = Record<string, unknown>
export type Row = { id: string; columns: Columns; once?: Columns }
type Note = (kind: Kind, id: string, change: Change['change'] | 'same') => void
/** What every writer is handed: the transaction, what is to be written, and where a change is noted. */
export type Pen = { within: Tables; draft: TenantDraft; note: Note }

export type Written<Section extends keyof WrittenTenantFile> = NonNullable<WrittenTenantFile[Section]>

/** The rows of one table below an owner: those that the file does not name go first, for what they hold may be wanted again. */
export async function writeRows(
  { within, note }: Pen,
  kind: Kind,
  { table, owner, path = '' }: { table: string; owner: Columns; path?: string },
  rows: Row[],
): Promise<void> {
  for (const id of await within.configurationObjects.keys(table, owner, 'id')) {
    if (rows.some((row) => row.id === id)) continue
    await within.configurationObjects.remove(table, { ...owner, id })
    note(kind, path + id, 'removed')
  }
  for (const { id, ...row } of rows) {
    note(kind, path + id, await within.configurationObjects.save({ table, key: { ...owner, id }, ...row }))
  }
}
