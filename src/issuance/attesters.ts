import { certificatesOf } from '../lib/certificate-path.ts'
import type { Attester } from '../model/clients.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { TrustedAttester } from '../protocol/trusted-attester.ts'

const anchorsOf = new WeakMap<Attester, TrustedAttester['anchors']>()

/** The attesters that count at an issuer for wallets or for keys, with their anchors read once. */
export function attestersOf({ tenant, settings }: LiveIssuer, use: 'wallet' | 'key'): TrustedAttester[] {
  const own = [...tenant.attesters].filter(
    ([id, { attests }]) => attests.includes(use) && (settings.attesters?.includes(id) ?? true),
  )
  return own.map(([id, attester]) => {
    const anchors = anchorsOf.get(attester) ?? certificatesOf(attester.certificates)
    anchorsOf.set(attester, anchors)
    return { id, anchors, issuer: attester.issuer, clientIds: attester.client_ids }
  })
}
