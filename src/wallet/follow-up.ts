import type { Answer } from './answer.ts'
import type { MessageEncryption } from './encryption.ts'
import { WalletError } from './errors.ts'
import { type AccessToken, type Overrides, send, type Wallet } from './exchange.ts'
import type { Metadata } from './metadata.ts'

/** Deferred credential request, OpenID4VCI §9.1; the answer as it came. */
export async function fetchDeferred(
  wallet: Wallet,
  { issuer }: Metadata,
  token: AccessToken,
  { transactionId, encryption }: { transactionId: string; encryption?: MessageEncryption | undefined },
  overrides?: Overrides,
): Promise<Answer> {
  const url = issuer.deferred_credential_endpoint
  if (!url) throw new WalletError('invalid_metadata', 'The issuer has no deferred credential endpoint.')
  return send(wallet, { url, json: { transaction_id: transactionId }, token, encryption }, overrides)
}

/** Notification request, OpenID4VCI §11.1; the answer as it came. */
export async function notify(
  wallet: Wallet,
  { issuer }: Metadata,
  token: AccessToken,
  request: { notification_id?: unknown; event?: unknown; [member: string]: unknown },
  overrides?: Overrides,
): Promise<Answer> {
  const url = issuer.notification_endpoint
  if (!url) throw new WalletError('invalid_metadata', 'The issuer has no notification endpoint.')
  return send(wallet, { url, json: request, token }, overrides)
}
