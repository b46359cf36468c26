import { randomUUID } from 'node:crypto'
import {
  CompactEncrypt,
  compactDecrypt,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
} from 'jose'
import { signJwt, type WalletKey } from '../../src/wallet/keys.ts'

type Fetch = typeof globalThis.fetch
type Metadata = {
  credential_endpoint: string
  deferred_credential_endpoint?: string
  credential_request_encryption?: { jwks: { keys: [Record<string, unknown>] } }
}

const [alg, enc] = ['ECDH-ES', 'A256GCM']
const jsonOf = async <T>(answer: Promise<Response>): Promise<T> => (await (await answer).json()) as T
const pop = 'OAuth-Client-Attestation-PoP'

/**
 * Encrypts credential requests and opens the responses, OpenID4VCI §10. The wallets' libraries leave this to those who use them: the
 * first knows `credential_response_encryption` only with `alg` beside the `jwk`, as it was up to draft 15, the second not at all.
 */
function encrypting(fetch: Fetch): Fetch {
  let metadata: Promise<Metadata> | undefined
  return async (input, init) => {
    const url = String(input)
    if (url.includes('/.well-known/openid-credential-issuer'))
      metadata ??= jsonOf(fetch(url, { headers: { accept: 'application/json' } }))
    const known = await metadata
    const isCredentialRequest = url === known?.credential_endpoint || url === known?.deferred_credential_endpoint
    if (!known || !isCredentialRequest) return fetch(input, init)

    const [issuerKey] = known.credential_request_encryption?.jwks.keys ?? []
    if (!issuerKey) throw new Error('The issuer has no key for credential requests.')
    const { publicKey, privateKey } = await generateKeyPair(alg)
    const jwk = { ...(await exportJWK(publicKey)), kid: randomUUID(), use: 'enc', alg }
    const message = { ...JSON.parse(String(init?.body)), credential_response_encryption: { jwk, enc, zip: 'DEF' } }
    const body = await new CompactEncrypt(Buffer.from(JSON.stringify(message)))
      .setProtectedHeader({ alg, enc, kid: String(issuerKey.kid) })
      .encrypt(await importJWK(issuerKey, alg))
    const headers = new Headers(init?.headers)
    headers.set('Content-Type', 'application/jwt')
    const answer = await fetch(input, { ...init, headers, body })
    if (!answer.ok) return answer
    if (answer.headers.get('content-type') !== 'application/jwt') throw new Error('The response is not encrypted.')
    const { plaintext } = await compactDecrypt(await answer.text(), privateKey)
    const kept = new Headers(answer.headers)
    kept.set('content-type', 'application/json')
    kept.delete('content-length')
    return new Response(new Uint8Array(plaintext), { status: answer.status, headers: kept })
  }
}

/**
 * Fetches a challenge for each proof of possession of the wallet attestation, and has it signed again with it: of challenges the
 * wallets' libraries know nothing yet.
 */
function withChallenges(fetch: Fetch, key: WalletKey): Fetch {
  let metadata: Promise<{ challenge_endpoint?: string }> | undefined
  return async (input, init) => {
    const url = String(input)
    if (url.includes('/.well-known/oauth-authorization-server')) metadata ??= jsonOf(fetch(url))
    const endpoint = (await metadata)?.challenge_endpoint
    const headers = new Headers(init?.headers)
    const proof = headers.get(pop)
    if (!endpoint || !proof) return fetch(input, init)
    const { attestation_challenge: challenge } = await jsonOf<Record<string, string>>(
      fetch(endpoint, { method: 'POST' }),
    )
    headers.set(pop, signJwt(key, { ...decodeProtectedHeader(proof) }, { ...decodeJwt(proof), challenge }))
    return fetch(input, { ...init, headers })
  }
}

/**
 * Takes `notification_id` out of deferred credentials: `@openid4vc/openid4vci` 0.4.6 refuses it beside `credentials`, though it means to
 * refuse it without them (§9.2).
 */
function withoutDeferredNotification(fetch: Fetch): Fetch {
  return async (input, init) => {
    const answer = await fetch(input, init)
    const isDeferred = typeof init?.body === 'string' && init.body.includes('"transaction_id"')
    if (!isDeferred || answer.status !== 200) return answer
    const { headers, status } = answer
    return Response.json(
      { ...(await jsonOf<object>(Promise.resolve(answer))), notification_id: undefined },
      { headers, status },
    )
  }
}

/** What a wallet sends its requests with. `key` is that of the attested instance. */
export function transport(
  { fetch = globalThis.fetch, encrypted = false }: { fetch?: Fetch; encrypted?: boolean },
  key: WalletKey | undefined,
): Fetch {
  const sealed = encrypted ? encrypting(fetch) : fetch
  return withoutDeferredNotification(key ? withChallenges(sealed, key) : sealed)
}
