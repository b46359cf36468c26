import { createHmac, type KeyObject } from 'node:crypto'
import { decodeBase64url } from '../lib/base64url.ts'
import { equal } from '../lib/secrets.ts'
import { after, seconds } from '../lib/time.ts'

/** `c_nonce` of OpenID4VCI §7, `dpop` of RFC 9449 §8, `attestation` of the challenge endpoint. One is never good for another. */
export type NoncePurpose = 'c_nonce' | 'dpop' | 'attestation'

type Minting = {
  key: KeyObject | Buffer
  keyId: string
  purpose: NoncePurpose
  issuerId: string
  now: Date
  lifetimeSeconds: number
  random: (bytes: number) => Buffer
}

type Reading = {
  keys: (keyId: string) => KeyObject | Buffer | undefined
  purpose: NoncePurpose
  issuerId: string
  now: Date
}

const expiryBytes = 6

/** The issuer's id comes last, because the parts before it cannot hold a line break. */
function macOf(key: KeyObject | Buffer, purpose: NoncePurpose, issuerId: string, signed: string): string {
  return createHmac('sha256', key).update(`nonce\n${purpose}\n${signed}\n${issuerId}`).digest('base64url')
}

/**
 * A nonce that any node can check without a table: `1.<key id>.<expiry and 128 random bits>.<HMAC>`, the HMAC over
 * these, the purpose and the issuer.
 */
export function mintNonce({ key, keyId, purpose, issuerId, now, lifetimeSeconds, random }: Minting): string {
  const body = Buffer.concat([Buffer.alloc(expiryBytes), random(16)])
  body.writeUIntBE(seconds(after(now, lifetimeSeconds)), 0, expiryBytes)
  const signed = `1.${keyId}.${body.toString('base64url')}`
  return `${signed}.${macOf(key, purpose, issuerId, signed)}`
}

const form = /^(1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{30}))\.([A-Za-z0-9_-]{43})$/

/**
 * `ok`, `expired`, or `invalid` for what was not minted here, for another purpose or for another issuer. Takes any
 * text.
 */
export function readNonce(text: string, { keys, purpose, issuerId, now }: Reading): 'ok' | 'expired' | 'invalid' {
  const [, signed, keyId, body, mac] = form.exec(text) ?? []
  if (signed === undefined || keyId === undefined || body === undefined || mac === undefined) return 'invalid'
  const key = keys(keyId)
  // The texts are compared, not the bytes, so that a nonce has one spelling and cannot be used once more in another.
  if (!key || !equal(mac, macOf(key, purpose, issuerId, signed))) return 'invalid'
  const expiry = decodeBase64url(body)?.readUIntBE(0, expiryBytes) ?? 0
  return seconds(now) < expiry ? 'ok' : 'expired'
}
