import { basic, clientBasic } from '../lib/basic.ts'
import type { OutboundInit } from '../lib/http-client.ts'
import { isObject } from '../lib/json.ts'
import { seconds } from '../lib/time.ts'
import type { SourceAuthentication } from '../model/claim-source.ts'
import { failureOfStatus, type SourceFailure } from './source-faults.ts'

type Needs = { fetch: typeof globalThis.fetch; clock: () => Date }
/** Signs a JWT in the issuer's name. */
export type SignJwt = (claims: Record<string, unknown>) => Promise<string>
type Asked = { method: string; url: URL; signal: AbortSignal; sign: SignJwt }

type Shown = { headers: Record<string, string> } | { failure: SourceFailure }

/** What goes with each request, so that the source knows us. */
export type SourceCredentials = {
  certificate: Pick<OutboundInit, 'clientCertificate'>
  /** The headers of one request, or why there are none. */
  headers(asked: Asked): Promise<Shown>
  /** Forgets a token that the source refused: whether the next try gets another one. Others who ask at the same time may have forgotten it before. */
  renew(): boolean
}

const jwtSeconds = 60

/**
 * How a claim source is shown who asks. An access token (RFC 6749 §4.4) is kept until it is about to expire or the source refuses it. A
 * JWT says who asks (`iss`), whom (`aud`) and for what (`htm`, `htu` as in RFC 9449 §4.2, without the query), for a minute and once.
 */
export function sourceCredentials({ fetch, clock }: Needs, given: SourceAuthentication = {}): SourceCredentials {
  const { api_key, basic: password, oauth, jwt, mutual_tls } = given
  const certificate = mutual_tls ? { clientCertificate: { cert: mutual_tls.certificate, key: mutual_tls.key } } : {}
  let token: { value: string; until: number } | undefined

  async function fetchToken(settings: NonNullable<typeof oauth>, signal: AbortSignal) {
    const { token_endpoint, client_id, client_secret, scope } = settings
    const init: OutboundInit = {
      method: 'POST',
      headers: { accept: 'application/json', authorization: clientBasic(client_id, client_secret) },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
      signal,
      ...certificate,
    }
    const response = await fetch(token_endpoint, init)
    if (response.status !== 200) {
      const failure = failureOfStatus(response)
      return { failure: { ...failure, reason: 'token_refused' } }
    }
    const answer: unknown = await response.json().catch(() => undefined)
    if (!isObject(answer) || typeof answer.access_token !== 'string' || !/^bearer$/i.test(String(answer.token_type)))
      return { failure: { reason: 'token_answer' } }
    const lifetime = typeof answer.expires_in === 'number' ? answer.expires_in : 60
    token = { value: answer.access_token, until: clock().getTime() + Math.max(0, lifetime - 30) * 1000 }
    return token
  }

  return {
    certificate,
    async headers({ method, url, signal, sign }): Promise<Shown> {
      if (api_key) return { headers: { [api_key.header]: api_key.value } }
      if (password) return { headers: { authorization: basic(password.username, password.password) } }
      if (oauth) {
        const live = token && token.until > clock().getTime() ? token : await fetchToken(oauth, signal)
        return 'failure' in live ? live : { headers: { authorization: `Bearer ${live.value}` } }
      }
      if (!jwt) return { headers: {} }
      const iat = seconds(clock())
      const htu = `${url.origin}${url.pathname}`
      const claims = { aud: jwt.audience ?? url.origin, iat, exp: iat + jwtSeconds, htm: method, htu }
      return { headers: { authorization: `Bearer ${await sign(claims)}` } }
    },
    renew() {
      token = undefined
      return oauth !== undefined
    },
  }
}
