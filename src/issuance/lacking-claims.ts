import type { UnusableClaim } from '../claims/evaluate.ts'
import { claimName } from '../model/display.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { listOf } from './problem-fill.ts'

/** A configuration that cannot be issued, and the claims that are in the way. */
export type Lacking = { configurationId: string; missing: string[]; unusable: string[] }

/** That nothing is left to issue, with the claims by the names that people know and never a value. */
export function lackingError(
  issuer: LiveIssuer,
  leftOut: Lacking[],
  broken: readonly UnusableClaim[],
  language: string,
): ProtocolError {
  const denied = (fault: string, help: string, fill: Record<string, string> = {}) => {
    const cause = { fault, lacking: leftOut, ...(broken.length > 0 && { broken }) }
    return new ProtocolError('access_denied', 'The account lacks what the credential needs.', { help, fill, cause })
  }
  const namesOf = (kind: 'missing' | 'unusable') => [
    ...new Set(
      leftOut.flatMap((lacking) =>
        lacking[kind].map((claim) => claimName(issuer, lacking.configurationId, claim, language)),
      ),
    ),
  ]
  const [missing, unusable] = [namesOf('missing'), namesOf('unusable')]
  if (missing.length > 1) return denied('claim-missing', 'missing-claims', { claims: listOf(missing, language) })
  if (missing[0] !== undefined) return denied('claim-missing', 'missing-claim', { claim: missing[0] })
  if (unusable[0] === undefined) return denied('idp-none-serves', 'not-eligible')
  return denied(broken.length > 0 ? 'mapping-broken' : 'claim-invalid', 'claim-not-usable', { claim: unusable[0] })
}
