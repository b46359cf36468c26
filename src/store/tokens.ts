import { type Ask, date, dateOrUndefined, type Owner, ownedBy, parsed, text } from './ask.ts'
import { insertOnce } from './database.ts'
import { type Grant, readGrant } from './grant-row.ts'

/** An `external` one is of another authorization server: its row alone opens nothing. */
export type TokenKind = 'access' | 'refresh' | 'external'

export type Token = {
  kind: TokenKind
  /** The DPoP key it is bound to. */
  keyThumbprint: string | undefined
  /** The wallet instance's key it is bound to (OpenID4VCI Appendix E). */
  attestationKey: string | undefined
  /** How the client had authenticated when it got it. */
  authentication: string
  /** The configurations it was narrowed to, where the token request did so. */
  configurationIds: string[] | undefined
  createdAt: Date
  expiresAt: Date
  revokedAt: Date | undefined
}
export type NewToken = { hash: string; grantId: string } & Omit<Token, 'revokedAt'>

/** What a token allows, and whose it is. */
export type TokenOfGrant = { token: Token; grant: Grant }

const columns = ['kind', 'key_thumbprint', 'attestation_key', 'authentication', 'configuration_ids'] as const
const moments = ['created_at', 'expires_at', 'revoked_at'] as const
const named = [...columns, ...moments].map((column) => `tokens.${column} as token_${column}`)

const read = (row: Record<string, unknown>): Token => ({
  kind: row.token_kind as TokenKind,
  keyThumbprint: text(row.token_key_thumbprint),
  attestationKey: text(row.token_attestation_key),
  authentication: text(row.token_authentication) ?? 'none',
  configurationIds: row.token_configuration_ids === null ? undefined : parsed<string[]>(row.token_configuration_ids),
  createdAt: date(row.token_created_at),
  expiresAt: date(row.token_expires_at),
  revokedAt: dateOrUndefined(row.token_revoked_at),
})

export const tokens = (ask: Ask) => ({
  insert: (owner: Owner, token: NewToken): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'tokens', {
        ...ownedBy(owner),
        hash: token.hash,
        grant_id: token.grantId,
        kind: token.kind,
        key_thumbprint: token.keyThumbprint ?? null,
        attestation_key: token.attestationKey ?? null,
        authentication: token.authentication === 'none' ? null : token.authentication,
        configuration_ids: token.configurationIds ? JSON.stringify(token.configurationIds) : null,
        created_at: token.createdAt.getTime(),
        expires_at: token.expiresAt.getTime(),
      }),
    ),

  /** A token of one of these kinds, with the grant it came from. */
  findWithGrant: (owner: Owner, hash: string, kinds: TokenKind[] = ['access']): Promise<TokenOfGrant | undefined> =>
    ask(async (db) => {
      const row = await db('tokens')
        .where({ 'tokens.tenant_id': owner.tenantId, 'tokens.issuer_id': owner.issuerId, hash })
        .whereIn('tokens.kind', kinds)
        .join('grants', 'grants.id', 'tokens.grant_id')
        .first('grants.*', ...named)
      return row && { token: read(row), grant: readGrant(row) }
    }),

  /** Whether the wallet can come back once its access token has expired. */
  hasRefresh: (owner: Owner, grantId: string, now: Date): Promise<boolean> =>
    ask(async (db) => {
      const ofGrant = db('tokens').where({ ...ownedBy(owner), grant_id: grantId, kind: 'refresh' })
      return (await ofGrant.whereNull('revoked_at').where('expires_at', '>', now.getTime()).first('hash')) !== undefined
    }),

  revoke: (owner: Owner, hash: string, now: Date): Promise<unknown> =>
    ask((db) =>
      db('tokens')
        .where({ ...ownedBy(owner), hash })
        .whereNull('revoked_at')
        .update({ revoked_at: now.getTime() }),
    ),
})
