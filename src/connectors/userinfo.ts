import * as client from 'openid-client'
import type { ProtocolError } from '../protocol/errors.ts'
import type { ClientKeys } from './connector.ts'
import type { Provider } from './discovery.ts'
import { type FaultId, fault, protocolErrorIn } from './faults.ts'
import { faultOfIdToken } from './id-token.ts'
import type { Product } from './product.ts'
import { verified } from './relying-party.ts'

/** What a fault of an ID token is called where UserInfo has it. */
const calledHere: Partial<Record<string, FaultId>> = {
  'idp-no-id-token': 'userinfo-subject', // an answer without `sub`
  'id-token-signature': 'userinfo-signature',
  'id-token-alg': 'userinfo-signature',
  'id-token-iss': 'userinfo-signature',
  'id-token-aud': 'userinfo-signature',
  'id-token-expired': 'userinfo-signature',
}

/** The fault behind an error of the library at UserInfo (OIDC Core §5.3.2, §5.3.4): of another person, not the provider's word to us, or unreadable. */
function faultOfUserInfo(error: unknown): ProtocolError {
  const known = protocolErrorIn(error)
  if (known) return known
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'none'
  const facts = { endpoint: 'userinfo', code }
  if (code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return fault('userinfo-subject', facts)
  if (code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return fault('userinfo-refused', facts)
  const { fault: id } = faultOfIdToken(error).cause as { fault: string }
  return fault(calledHere[id] ?? 'userinfo-failed', facts)
}

type Asked = { accessToken: string; subject: string; proof: client.DPoPOptions | undefined }

/** UserInfo of this person, OIDC Core §5.3; nothing where the provider has none. Throws the faults `userinfo-…`, and `id-token-impersonated`. */
export async function fetchUserInfo(
  provider: Provider,
  us: { keys: ClientKeys; product: Product },
  { accessToken, subject, proof }: Asked,
): Promise<Record<string, unknown>> {
  if (provider.metadata.userinfo_endpoint === undefined) return {}
  const asked = verified(provider, us, (configuration) =>
    client.fetchUserInfo(configuration, accessToken, subject, proof),
  )
  const userinfo = await asked.catch((error: unknown) => {
    throw faultOfUserInfo(error)
  })
  if ('act' in userinfo) throw fault('id-token-impersonated')
  return { ...userinfo }
}
