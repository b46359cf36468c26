import type { LiveIssuer } from '../model/live.ts'
import { mintNonce, type NoncePurpose, readNonce } from '../protocol/nonce.ts'
import type { Services } from '../services.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'vault'>

export const nonceSeconds = 300

/** A fresh nonce of the issuer: OpenID4VCI §7 (`c_nonce`) and RFC 9449 §8 (`dpop`). Touches no table. */
export async function issueNonce(
  { clock, random, vault }: Needs,
  issuer: LiveIssuer,
  purpose: NoncePurpose,
): Promise<string> {
  const { macKey } = await vault.of(issuer.tenantId)
  return mintNonce({
    ...macKey,
    purpose,
    issuerId: issuer.issuerId,
    now: clock(),
    lifetimeSeconds: nonceSeconds,
    random,
  })
}

/** Whether a nonce was given out by this issuer for this purpose and still lives. */
export async function nonceChecker({ clock, vault }: Needs, issuer: LiveIssuer, purpose: NoncePurpose) {
  const { keys } = await vault.of(issuer.tenantId)
  return (nonce: string) => readNonce(nonce, { keys, purpose, issuerId: issuer.issuerId, now: clock() })
}
