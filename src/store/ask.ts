import type { Queryable } from './database.ts'

/** How a table reaches the database: outside a transaction with retries and a second look after a miss, inside it as it is. */
export type Ask = <T>(question: (db: Queryable) => Promise<T>, options?: { fresh?: boolean }) => Promise<T>

/** Every row belongs to a tenant and an issuer; the id comes first in every call and stands in every WHERE. */
export type Owner = { tenantId: string; issuerId: string }

export const date = (moment: unknown): Date => new Date(Number(moment))
export const dateOrUndefined = (moment: unknown): Date | undefined =>
  moment === null || moment === undefined ? undefined : date(moment)
export const parsed = <T>(text: unknown): T => JSON.parse(text as string) as T
export const bytes = (blob: unknown): Buffer | undefined =>
  blob === null || blob === undefined ? undefined : Buffer.from(blob as Buffer)
export const text = (column: unknown): string | undefined =>
  column === null || column === undefined ? undefined : String(column)

/** The columns that an id puts into a WHERE. */
export const ownedBy = (owner: Owner) => ({ tenant_id: owner.tenantId, issuer_id: owner.issuerId })
