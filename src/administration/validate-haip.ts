import type { IssuerSettings } from '../model/issuer.ts'
import type { Mistake } from '../protocol/errors.ts'
import { membersOf } from './members-of.ts'

/** What HAIP 1.0 decides, by setting: what it has to be, and where the profile says so. */
const decided: Record<string, { only: readonly unknown[]; section: string }> = {
  pushed_authorization_requests: { only: ['required'], section: '§4, HAIP-3' },
  wallet_attestation: { only: ['required'], section: '§4.4.1, HAIP-18' },
  dpop: { only: ['required'], section: '§4, HAIP-4' },
  anonymous_wallets: { only: [false], section: '§4.4.1, HAIP-18' },
  encryption: { only: ['optional', 'required'], section: '§4, with OpenID4VCI §10' },
}

/**
 * What contradicts `haip: true` in an issuer as it was written: a setting that the profile decides otherwise, and what no setting can
 * make good. Pointers begin at the issuer.
 */
export function haipMistakes(written: unknown, issuer: IssuerSettings, attesters: readonly string[]): Mistake[] {
  if (!issuer.haip) return []
  const mistakes: Mistake[] = []
  for (const [name, { only, section }] of Object.entries(decided)) {
    const value = membersOf(written)[name]
    if (value === undefined || only.includes(value)) continue
    const detail = `haip wants ${only.join(' or ')} here (HAIP 1.0 ${section}); leave the line out, or switch haip off.`
    mistakes.push({ pointer: `/${name}`, detail })
  }
  if (!issuer.grants.authorization_code)
    mistakes.push({ pointer: '/grants', detail: 'haip wants the authorization_code grant (HAIP 1.0 §4, HAIP-1).' })
  const profiled = ['dc+sd-jwt', 'mso_mdoc']
  if (!Object.values(issuer.credential_configurations).some(({ format }) => profiled.includes(format))) {
    const detail = `haip wants a credential configuration of format ${profiled.join(' or ')} (HAIP 1.0 §4, HAIP-2).`
    mistakes.push({ pointer: '/credential_configurations', detail })
  }
  if (attesters.length === 0) {
    const detail =
      'haip lets only attested wallets in (HAIP 1.0 §4.4.1, HAIP-18); name who attests them under attesters.'
    mistakes.push({ pointer: '/haip', detail })
  }
  return mistakes
}
