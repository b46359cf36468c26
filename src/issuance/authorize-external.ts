import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { TokenOfGrant } from '../store/tokens.ts'
import { type ExternalToken, verifyExternalToken } from '../tokens/external.ts'
import { mayServe } from './choose-provider.ts'
import { drawExternalGrant } from './draw-external-grant.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'keyRing' | 'vault' | 'tables' | 'inTransaction' | 'log'>

/**
 * An access token of an external authorization server of the issuer (OpenID4VCI §12.2.4), verified; undefined if it is of none.
 * @throws ProtocolError `invalid_token`; `temporarily_unavailable` where the server does not answer
 */
export async function findExternalToken(
  services: Pick<Services, 'clock' | 'fetch'>,
  issuer: LiveIssuer,
  accessToken: string,
): Promise<ExternalToken | undefined> {
  const { authorizationServers: servers, identifier: audience, settings, tenant } = issuer
  if (servers.length === 0) return undefined
  const { wallets } = settings
  const ofWallets =
    wallets === 'any' ? wallets : wallets.flatMap((id) => tenant.walletProfiles.get(id)?.client_id ?? [])
  return verifyExternalToken(services, servers, accessToken, ({ client_ids }) => {
    return { audience, clientIds: client_ids ?? ofWallets, now: services.clock() }
  })
}

/** The configurations that a token reaches by its scope, OpenID4VCI §5.1.2. */
function coveredBy({ scopes, server }: ExternalToken, issuer: LiveIssuer): LiveConfiguration[] {
  const all = [...issuer.configurations.values()].filter(({ id }) => mayServe(issuer, id, server.id))
  const covered = all.filter(({ scope }) => scopes.includes(scope))
  if (covered.length > 0) return covered
  const cause = { fault: 'external-token-audience', claim: 'scope', expected: all.map(({ scope }) => scope) }
  throw new ProtocolError('insufficient_scope', 'No scope of the access token is of a credential of this issuer.', {
    cause,
  })
}

/**
 * The grant of an external token, made when the token comes first, so that copies, nonces, notifications and status are as with a grant of
 * ours. Its claims are evaluated then, once. Of two nodes one makes it: the row of the token decides.
 * @throws ProtocolError `insufficient_scope`; `temporarily_unavailable` where UserInfo or a claim source does not answer
 */
export async function openExternalGrant(
  services: Needs,
  issuer: LiveIssuer,
  external: ExternalToken,
  accessToken: string,
): Promise<TokenOfGrant> {
  const { tables, inTransaction } = services
  const covered = coveredBy(external, issuer)
  const find = async () => {
    const found = await tables.tokens.findWithGrant(issuer, external.id, ['external'])
    // What the token reaches is looked up anew each time: the server or the issuer may have thought better of it.
    return found && { ...found, token: { ...found.token, configurationIds: covered.map(({ id }) => id) } }
  }
  const known = await find()
  if (known) return known

  const { session, grant, token, events } = await drawExternalGrant(services, issuer, external, covered, accessToken)
  await inTransaction(async (within) => {
    if (!(await within.tokens.insert(issuer, token))) return
    await within.sessions.insert(issuer, session)
    await within.grants.insert(issuer, grant)
    for (const event of events) await within.events.insert(issuer, event)
  })
  const opened = await find()
  if (!opened) throw new Error('The grant of an external token is not there')
  return opened
}
