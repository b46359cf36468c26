import type { ClaimPlan } from '../claims/evaluate.ts'
import { readsOfSource } from '../claims/reads.ts'
import { ProviderUrl } from '../connectors/client-settings.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import { effective, hasOwnGrants, type IssuerSettings } from '../model/issuer.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { mistakesOf, notInFile, pointerTo } from '../protocol/mistakes.ts'
import { membersOf } from './members-of.ts'

type Servers = TenantFile['authorization_servers']
type Granting = Pick<IssuerSettings, 'grants' | 'authorization_servers'>

/** What is wrong with an authorization server of others. Pointers begin at the server. */
export function serverMistakes({ issuer, token, client_id, client_secret }: AuthorizationServer): Mistake[] {
  const url = ProviderUrl.safeParse(issuer)
  const mistakes = url.success ? [] : mistakesOf(url.error).map((mistake) => ({ ...mistake, pointer: '/issuer' }))
  for (const [name, value] of Object.entries({ client_id, client_secret })) {
    if (token === 'introspection' && value === undefined)
      mistakes.push({
        pointer: `/${name}`,
        detail: 'Whoever asks the server for its tokens has to authenticate (RFC 7662 §2.1).',
      })
    if (token === 'jwt' && value !== undefined)
      mistakes.push({
        pointer: `/${name}`,
        detail: 'Nobody authenticates to read keys; it is for token: introspection.',
      })
  }
  return mistakes
}

/** What only our own authorization server does. */
const ours = [
  'refresh_tokens',
  'consent',
  'pushed_authorization_requests',
  'anonymous_wallets',
  'tx_code_tries',
  'attesters',
]

function modeMistakes(issuer: IssuerSettings, written: unknown): Mistake[] {
  const mistakes: Mistake[] = []
  const { wallet_attestation: attestation } = effective(issuer)
  if (issuer.haip)
    mistakes.push({
      pointer: '/authorization_servers',
      detail: 'haip holds for what our own authorization server does; another one cannot be held to it.',
    })
  else if (attestation === 'required')
    mistakes.push({
      pointer: '/wallet_attestation',
      detail: 'Wallets of an external authorization server are attested there, if at all; it cannot be required here.',
    })
  if (hasOwnGrants(issuer)) return mistakes
  for (const name of ours)
    if (membersOf(written)[name] !== undefined)
      mistakes.push({
        pointer: `/${name}`,
        detail: 'All tokens come from external authorization servers, where this decides nothing; leave it out.',
      })
  for (const [id, { approval }] of Object.entries(issuer.credential_configurations)) {
    const detail =
      'A wallet comes back for an approved credential with a refresh token of ours, and this issuer has no grants that give one.'
    if (approval === 'manual')
      mistakes.push({ pointer: pointerTo(['credential_configurations', id, 'approval']), detail })
  }
  return mistakes
}

/** What an issuer says of authorization servers that cannot be so. Pointers begin at the issuer. */
export function authorizationServerMistakes(
  issuer: IssuerSettings,
  servers: Servers,
  known: readonly string[],
  written: unknown,
): Mistake[] {
  const named = issuer.authorization_servers
  if (!named) return []
  const mistakes = named.flatMap((id, index) => {
    const wrong = (detail: string) => [{ pointer: `/authorization_servers/${index}`, detail }]
    const server = servers[id]
    const before = named.slice(0, index)
    if (!known.includes(id)) return wrong(notInFile('authorization server', id, known))
    if (before.includes(id)) return wrong(`The authorization server ${id} is named twice.`)
    if (!server) return []
    if (before.some((other) => servers[other]?.issuer === server.issuer))
      return wrong('Two of them are the same server.')
    if (server.token === 'introspection' && before.some((other) => servers[other]?.token === 'introspection'))
      return wrong('Only one of them can be asked: the token of one would be shown to the other.')
    if (server.userinfo && effective(issuer).dpop === 'required')
      return wrong(
        'UserInfo cannot be asked with a token that is bound to the key of the wallet, and dpop is required.',
      )
    if (!server.client_ids && issuer.wallets.length === 0)
      return wrong('No wallet may come: name wallets here, or client_ids at the server.')
    return []
  })
  return [...mistakes, ...modeMistakes(issuer, written)]
}

/**
 * Mandatory claims that no token of an external server can fill, where the issuer has no grants of its own. Pointers begin at the
 * configuration.
 */
export function unfillableClaims(issuer: Granting, servers: Servers, plan: ClaimPlan): Mistake[] {
  if (hasOwnGrants(issuer) || !issuer.authorization_servers) return []
  return plan.claims.flatMap(({ key, mandatory, source, byProvider, when, fallback }) => {
    const isFilled = issuer.authorization_servers?.some((id) => {
      const chosen = byProvider.get(id)?.source ?? source
      const there = ['id_token', 'source', 'session', 'now', ...(servers[id]?.userinfo ? ['userinfo'] : [])]
      return chosen.kind !== 'from' || readsOfSource(chosen).some(({ root }) => there.includes(root))
    })
    const isAsked = mandatory && when === undefined && fallback === undefined
    if (!isAsked || isFilled) return []
    const detail =
      'Nothing of this is known of a person who comes from an external authorization server, and the claim is mandatory.'
    return [{ pointer: pointerTo(['claims', key]), detail }]
  })
}
