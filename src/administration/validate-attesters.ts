import type { X509Certificate } from 'node:crypto'
import { certificatesOf } from '../lib/certificate-path.ts'
import { InvalidJws, publicKeyOf } from '../lib/jwk.ts'
import type { Attester, WalletProfile } from '../model/clients.ts'
import type { IssuerSettings } from '../model/issuer.ts'
import type { Mistake } from '../protocol/errors.ts'
import { notInFile, pointerTo } from '../protocol/mistakes.ts'
import { redirectUriMistake } from '../protocol/redirect-uri.ts'

export const redirectUriMistakes = (uris: readonly string[]): Mistake[] =>
  uris.flatMap((uri, index) => {
    const detail = redirectUriMistake(uri)
    return detail ? [{ pointer: `/redirect_uris/${index}`, detail }] : []
  })

function anchorsMistake(pem: string): string | undefined {
  let anchors: X509Certificate[]
  try {
    anchors = certificatesOf(pem)
  } catch {
    return 'A certificate cannot be read.'
  }
  if (anchors.length === 0) return 'There is no certificate in it; PEM begins with -----BEGIN CERTIFICATE-----.'
  const leaf = anchors.findIndex(({ ca }) => !ca)
  if (leaf < 0) return undefined
  return `Certificate ${leaf + 1} may not sign others, so that no x5c can lead to it; name the root.`
}

/** What is wrong with somebody who vouches for wallets or keys. Pointers begin at the attester. */
export function attesterMistakes({ certificates, redirect_uris = [] }: Attester): Mistake[] {
  const detail = anchorsMistake(certificates)
  return [...(detail ? [{ pointer: '/certificates', detail }] : []), ...redirectUriMistakes(redirect_uris)]
}

const curves = ['P-256', 'P-384', 'Ed25519']

function keyMistake(jwk: Record<string, unknown>): string | undefined {
  if (!curves.includes(String(jwk.crv))) return `Keys of clients are of the curves ${curves.join(', ')}.`
  try {
    publicKeyOf(jwk)
    return undefined
  } catch (error) {
    if (error instanceof InvalidJws) return error.message
    throw error
  }
}

function keyMistakes(keys: Record<string, unknown>[]): Mistake[] {
  return keys.flatMap((jwk, index) => {
    const pointer = `/jwks/keys/${index}`
    const detail = keyMistake(jwk)
    if (detail) return [{ pointer, detail }]
    const isTwin = jwk.kid !== undefined && keys.findIndex(({ kid }) => kid === jwk.kid) < index
    return isTwin ? [{ pointer: `${pointer}/kid`, detail: 'Another key has the same kid (FAPI 2.0 §5.4).' }] : []
  })
}

/**
 * What is wrong with the wallets that are known beforehand. A client with keys has one profile: through a second one it, or who says to be
 * it, could come without them. Pointers begin at the file.
 */
export function profileMistakes(profiles: Record<string, WalletProfile>): Mistake[] {
  const withKeys = new Map(
    Object.entries(profiles).flatMap(([id, { client_id, jwks }]) => (jwks ? [[client_id, id] as const] : [])),
  )
  return Object.entries(profiles).flatMap(([id, profile]) => {
    const at = pointerTo(['wallet_profiles', id])
    const mistakes = [...redirectUriMistakes(profile.redirect_uris), ...keyMistakes(profile.jwks?.keys ?? [])]
    const other = withKeys.get(profile.client_id)
    if (other !== undefined && other !== id) {
      const detail = `${other} is the same client, and has keys: put all of it into that profile.`
      mistakes.push({ pointer: '/client_id', detail })
    }
    return mistakes.map((mistake) => ({ ...mistake, pointer: at + mistake.pointer }))
  })
}

/**
 * What an issuer says of attesters that is not so. `wallets` are those who may attest its wallets. HAIP has a word of its own where there
 * is nobody. Pointers begin at the issuer.
 */
export function trustMistakes(issuer: IssuerSettings, known: readonly string[], wallets: readonly string[]): Mistake[] {
  const mistakes = (issuer.attesters ?? []).flatMap((id, index) =>
    known.includes(id) ? [] : [{ pointer: `/attesters/${index}`, detail: notInFile('attester', id, known) }],
  )
  if (issuer.wallet_attestation !== 'off' && !issuer.haip && mistakes.length === 0 && wallets.length === 0) {
    const detail = 'Nobody is trusted to attest wallets here; name who does under attesters, with attests: [wallet].'
    mistakes.push({ pointer: '/wallet_attestation', detail })
  }
  return mistakes
}
