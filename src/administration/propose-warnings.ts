import { isPairwise } from '../connectors/keycloak-mappers.ts'
import type { Realm, RealmClient } from '../connectors/keycloak-realm.ts'
import type { Claims } from './propose-claims.ts'
import { isSymmetric } from './propose-evidence.ts'
import { quoted } from './propose-rule.ts'

function* ofClient({ attributes, ...client }: RealmClient): Generator<string> {
  const name = `The client ${quoted(client.clientId)}`
  if (client.publicClient) yield `${name} is public: whoever has its id is taken for it. The proposed one has a key.`
  if (client.implicitFlowEnabled)
    yield `${name} has the implicit flow on, which puts tokens into addresses. The proposed one has not.`
  if (client.redirectUris.some((uri) => uri.includes('*')))
    yield `${name} has a redirect URI with a wildcard: whoever receives the answer of a sign-in can use it. The proposed one has one exact URI.`
  if (client.defaultClientScopes && !client.defaultClientScopes.includes('basic'))
    yield `${name} lacks the client scope basic, without which a sign-in tells no auth_time. The proposed one has it.`
  if (
    ['id.token.signed.response.alg', 'user.info.response.signature.alg'].some((key) => isSymmetric(attributes.get(key)))
  )
    yield `${name} has its tokens signed with a shared secret (HS256 and the like), which Claimgate refuses. Those of the proposed one are not.`
  if (client.protocolMappers.some(isPairwise))
    yield `${name} has a pairwise subject mapper: a sign-in then does not tell the user's id, by which the Admin API knows people. The proposed one has none.`
}

function* ofRealm(realm: Realm, { claims, used }: Claims): Generator<string> {
  const scopes = new Set(used.map(({ scope }) => scope))
  for (const scope of scopes) {
    if (scope !== undefined && realm.scopes.get(scope)?.some(isPairwise))
      yield `The client scope ${quoted(scope)} has a pairwise subject mapper: a sign-in does not tell the user's id, by which the Admin API knows people. Take the mapper away.`
  }
  if (!realm.scopes.has('basic'))
    yield 'The realm has no client scope basic, without which a sign-in tells no auth_time.'
  if (isSymmetric(realm.defaultSignatureAlgorithm))
    yield 'Tokens of the realm are signed with a shared secret unless the client says otherwise; the proposed one says RS256.'
  if (realm.registrationAllowed)
    yield 'Whoever likes makes an account in the realm (User registration), and then gets a credential.'
  if (!realm.bruteForceProtected)
    yield 'Passwords of the realm can be guessed without end (Brute force detection is off).'
  const tells = (name: string) => claims.some(({ path }) => path.join('.') === name)
  if (!realm.verifyEmail && tells('email')) yield 'The realm does not verify e-mail addresses (Verify email is off).'
  const edited = claims.filter(({ isEdited }) => isEdited).map(({ path }) => quoted(path.join('.')))
  if (edited.length > 0)
    yield `People may change these themselves in the account console, so that they prove nothing: ${edited.join(', ')}.`
}

/** What of a realm and of the client as it is now matters when credentials are issued by them, a sentence each. */
export const warningsOf = (realm: Realm, client: RealmClient | undefined, proposed: Claims): string[] => [
  ...new Set([...(client ? ofClient(client) : []), ...ofRealm(realm, proposed), ...proposed.warnings]),
]
