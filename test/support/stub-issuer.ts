import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Jwk } from '../../src/lib/jwk.ts'
import type { Fetch } from '../../src/wallet/exchange.ts'
import { signJwt } from '../../src/wallet/keys.ts'
import { preAuthorizedCode } from '../../src/wallet/messages.ts'
import { digest, disclosureOf, makeRoot, makeSigner } from './sd-jwt-issuer.ts'

export const stubIssuer = 'https://issuer.example/acme/staff'
const [vct, code] = [`${stubIssuer}/types/EmployeeBadge`, 'pre-authorized-code-of-the-stub']

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

/** An offer of the stub, as a link. `tx_code` is 0042. */
export function stubOffer(grant: 'authorization_code' | 'pre_authorized_code' | 'with_pin'): string {
  const preAuthorized = { 'pre-authorized_code': code, ...(grant === 'with_pin' && { tx_code: { length: 4 } }) }
  const grants =
    grant === 'authorization_code'
      ? { authorization_code: { issuer_state: 'i' } }
      : { [preAuthorizedCode]: preAuthorized }
  const offer = { credential_issuer: stubIssuer, credential_configuration_ids: ['EmployeeBadge'], grants }
  return `credential_offer=${encodeURIComponent(JSON.stringify(offer))}`
}

type Behaviour = {
  /** Claims of the next credentials. */
  claims?: Record<string, unknown>
  /** Binds them to this key instead of the wallet's. */
  cnf?: { jwk: Jwk }
  /** Asks for a DPoP proof with its nonce. */
  dpop?: boolean
}

/** The few endpoints that a wallet calls, as a `fetch`; every request is noted. */
export async function startStubIssuer(now: Date, behaviour: Behaviour = {}) {
  const root = await makeRoot('Stub', now)
  const signer = await makeSigner(root, now)
  const requests: { path: string; headers: Headers; body: string }[] = []

  const documents: Record<string, () => Response> = {
    '/.well-known/openid-credential-issuer/acme/staff': () =>
      json({
        credential_issuer: stubIssuer,
        credential_endpoint: `${stubIssuer}/credential`,
        nonce_endpoint: `${stubIssuer}/nonce`,
        display: [{ name: 'Acme Staff Office', locale: 'en' }],
        credential_configurations_supported: {
          EmployeeBadge: {
            format: 'dc+sd-jwt',
            vct,
            proof_types_supported: { jwt: {} },
            credential_metadata: {
              display: [
                { name: 'Employee badge', locale: 'en', background_color: '#16335b' },
                { name: 'Dienstausweis', locale: 'de' },
              ],
              claims: [{ path: ['given_name'], display: [{ name: 'Given name', locale: 'en' }] }],
            },
          },
        },
      }),
    '/.well-known/oauth-authorization-server/acme/staff': () =>
      json({
        issuer: stubIssuer,
        authorization_endpoint: `${stubIssuer}/authorize`,
        token_endpoint: `${stubIssuer}/token`,
        pushed_authorization_request_endpoint: `${stubIssuer}/par`,
        authorization_response_iss_parameter_supported: true,
        'pre-authorized_grant_anonymous_access_supported': true,
        ...(behaviour.dpop && { dpop_signing_alg_values_supported: ['ES256'] }),
      }),
    '/acme/staff/root.pem': () => new Response(root.certificate.toString('pem')),
    '/acme/staff/par': () => json({ request_uri: 'urn:ietf:params:oauth:request_uri:1', expires_in: 90 }, 201),
    '/acme/staff/nonce': () => json({ c_nonce: 'c' }),
  }

  function token(form: URLSearchParams, proof: string | null): Response {
    if (behaviour.dpop && (proof === null || decodeJwt(proof).nonce !== 'd')) {
      return json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': 'd' })
    }
    const isRight = form.has('code_verifier') || ['0042', null].includes(form.get('tx_code'))
    if (!isRight) return json({ error: 'invalid_grant', error_description: 'The tx_code is wrong.' }, 400)
    return json({ access_token: 'token-of-the-stub', token_type: behaviour.dpop ? 'DPoP' : 'Bearer' })
  }

  function credential(body: string): Response {
    const { proofs } = JSON.parse(body) as { proofs: { jwt: string[] } }
    const givenName = disclosureOf('given_name', 'Alice')
    const credentials = proofs.jwt.map((proof) => {
      const cnf = behaviour.cnf ?? { jwk: decodeProtectedHeader(proof).jwk }
      const iat = Math.floor(now.getTime() / 1000)
      const claims = { iss: stubIssuer, vct, cnf, iat, exp: iat + 3600, employee_id: 'E-1001', ...behaviour.claims }
      const header = { alg: 'ES256', typ: 'dc+sd-jwt', x5c: signer.x5c }
      return { credential: `${signJwt(signer.key, header, { ...claims, _sd: [digest(givenName)] })}~${givenName}~` }
    })
    return json({ credentials })
  }

  const fetch: Fetch = async (input, init) => {
    const { pathname: path } = new URL(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    const body = typeof init?.body === 'string' ? init.body : ''
    requests.push({ path, headers, body })
    if (path.endsWith('/token')) return token(new URLSearchParams(body), headers.get('dpop'))
    if (path.endsWith('/credential')) return credential(body)
    return documents[path]?.() ?? new Response('', { status: 404 })
  }
  return { fetch, requests, behaviour }
}
