import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { signInUrl } from './answer-wallet.ts'
import { approveSignIn } from './approve-sign-in.ts'
import { resultOf, shownTo } from './ask-consent.ts'
import { changeAccount } from './begin-sign-in.ts'
import { declineSignIn } from './end-sign-in.ts'
import { type Browser, openSignIn } from './open-sign-in.ts'
import { refuseSignIn } from './record-refusal.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'providerKeys' | 'config' | 'tables' | 'vault' | 'inTransaction' | 'log'
>

export type Decision = 'approve' | 'deny' | 'not-you'

/**
 * The person's decision, once: answers where the browser goes.
 * @throws ProtocolError for the page
 */
export async function recordConsent(
  services: Needs,
  issuer: LiveIssuer,
  { id, decision, proof }: { id: string; decision: Decision; proof: string },
  browser: Browser,
): Promise<string> {
  const open = await openSignIn(services, issuer, id, browser)
  try {
    const result = await resultOf(services, issuer, open)
    const sealer = await services.vault.of(issuer.tenantId)
    // Not from our page, or from one that showed another sign-in: what is now to be decided has not been seen.
    if (!result || !sealer.isMac(proof, 'consent', ...shownTo(open))) return signInUrl(issuer, id)
    if (decision === 'deny')
      return await declineSignIn(services, issuer, open, { at: 'consent', fault: 'consent-declined' })
    if (decision === 'approve') return await approveSignIn(services, issuer, open, result)
  } catch (error) {
    throw await refuseSignIn(services, issuer, open, browser, error)
  }
  return changeAccount(services, issuer, open, browser)
}
