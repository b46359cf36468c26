import { type Ask, date, dateOrUndefined, type Owner, ownedBy, parsed, text } from './ask.ts'
import { insertOnce } from './database.ts'
import { type Grant, readGrant } from './grants.ts'

export type Token = {
  keyThumbprint: string | undefined
  /** The configurations it was narrowed to, where the token request did so. */
  configurationIds: string[] | undefined
  expiresAt: Date
  revokedAt: Date | undefined
}
export type NewToken = { hash: string; grantId: string; createdAt: Date; expiresAt: Date } & Pick<
  Token,
  'keyThumbprint' | 'configurationIds'
>

export const tokens = (ask: Ask) => ({
  insert: (owner: Owner, token: NewToken): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'tokens', {
        ...ownedBy(owner),
        hash: token.hash,
        grant_id: token.grantId,
        kind: 'access',
        key_thumbprint: token.keyThumbprint ?? null,
        configuration_ids: token.configurationIds ? JSON.stringify(token.configurationIds) : null,
        created_at: token.createdAt.getTime(),
        expires_at: token.expiresAt.getTime(),
      }),
    ),

  /** An access token with the grant it came from. */
  findWithGrant: (owner: Owner, hash: string): Promise<{ token: Token; grant: Grant } | undefined> =>
    ask(async (db) => {
      const row = await db('tokens')
        .where({
          'tokens.tenant_id': owner.tenantId,
          'tokens.issuer_id': owner.issuerId,
          hash,
          'tokens.kind': 'access',
        })
        .join('grants', 'grants.id', 'tokens.grant_id')
        .first(
          'grants.*',
          'tokens.key_thumbprint as token_key',
          'tokens.configuration_ids as token_configurations',
          'tokens.expires_at as token_expires_at',
          'tokens.revoked_at as token_revoked_at',
        )
      if (!row) return undefined
      const token: Token = {
        keyThumbprint: text(row.token_key),
        configurationIds: row.token_configurations === null ? undefined : parsed<string[]>(row.token_configurations),
        expiresAt: date(row.token_expires_at),
        revokedAt: dateOrUndefined(row.token_revoked_at),
      }
      return { token, grant: readGrant(row) }
    }),

  revokeOfGrant: (owner: Owner, grantId: string, now: Date): Promise<unknown> =>
    ask((db) =>
      db('tokens')
        .where({ ...ownedBy(owner), grant_id: grantId })
        .whereNull('revoked_at')
        .update({ revoked_at: now.getTime() }),
    ),
})
