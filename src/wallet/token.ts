import type { Answer } from './answer.ts'
import { WalletError } from './errors.ts'
import { type Overrides, send, type Wallet } from './exchange.ts'
import { preAuthorizedCode } from './messages.ts'
import type { Metadata } from './metadata.ts'

type CodeRequest = { code: string; clientId: string; redirectUri: string; codeVerifier: string }

/** Token request with an authorization code, RFC 6749 §4.1.3 and RFC 7636 §4.5; the answer as it came. */
export async function redeemCode(
  wallet: Wallet,
  { authorizationServer }: Metadata,
  { code, clientId, redirectUri, codeVerifier }: CodeRequest,
  overrides?: Overrides,
): Promise<Answer> {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier }
  return send(wallet, { url: authorizationServer.token_endpoint, form: { ...grant, client_id: clientId } }, overrides)
}

type PreAuthorizedCodeRequest = { code: string; txCode?: string | undefined; clientId?: string | undefined }

/** Token request with a pre-authorized code, OpenID4VCI §6.1; anonymous without `clientId`. The answer as it came. */
export async function redeemPreAuthorizedCode(
  wallet: Wallet,
  { authorizationServer }: Metadata,
  { code, txCode, clientId }: PreAuthorizedCodeRequest,
  overrides?: Overrides,
): Promise<Answer> {
  const grant = { grant_type: preAuthorizedCode, 'pre-authorized_code': code, tx_code: txCode }
  return send(wallet, { url: authorizationServer.token_endpoint, form: { ...grant, client_id: clientId } }, overrides)
}

/** Token request with a refresh token, RFC 6749 §6; the answer as it came. */
export async function refresh(
  wallet: Wallet,
  { authorizationServer }: Metadata,
  { refreshToken, clientId }: { refreshToken: string; clientId?: string | undefined },
  overrides?: Overrides,
): Promise<Answer> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId }
  return send(wallet, { url: authorizationServer.token_endpoint, form }, overrides)
}

/** Revocation request for an access or a refresh token, RFC 7009 §2.1; the answer as it came. */
export async function revoke(
  wallet: Wallet,
  { authorizationServer }: Metadata,
  { token, clientId }: { token: string; clientId?: string | undefined },
  overrides?: Overrides,
): Promise<Answer> {
  const url = authorizationServer.revocation_endpoint
  if (!url) throw new WalletError('invalid_metadata', 'The authorization server has no endpoint for revocation.')
  return send(wallet, { url, form: { token, client_id: clientId } }, overrides)
}
