import { compilePlan } from '../claims/plan.ts'
import { type Preview, previewPlan } from '../claims/preview.ts'
import { namesInSources } from '../claims/source-names.ts'
import type { ClaimTrace } from '../claims/trace.ts'
import type { ClaimRule, Sources } from '../model/claim-mapping.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import type { Services } from '../services.ts'
import { surroundingsOf } from './draft-claims.ts'
import { suggestName } from './suggest-name.ts'
import { planOptions } from './validate-rules.ts'

/** A claim of the credential, and how it came to be. */
export type PreviewedClaim = ClaimTrace &
  Pick<ClaimRule, 'type' | 'mandatory'> & {
    /** Who may see it: whoever is shown the credential, or those to whom the holder chooses to show it, whole or element by element. */
    disclosed: ClaimRule['disclosed']
    /** Where else there is what the rule looked for in vain. */
    suggestion?: string
  }
export type PreviewedClaims = Pick<Preview, 'claims' | 'missing' | 'unusable'> & { rules: PreviewedClaim[] }

/** Each format discloses in its own way: all of a W3C credential, each element of an mdoc by itself. */
function disclosedIn({ format }: LiveConfiguration, { disclosed }: ClaimRule): ClaimRule['disclosed'] {
  if (format === 'jwt_vc_json') return 'always'
  return format === 'mso_mdoc' ? 'choice' : disclosed
}

/**
 * What the rules of a configuration make of these sources, with the origin of every claim. Nothing is stored. `limitMs` is the time that
 * the rules have.
 * @throws ProtocolError `unprocessable` if the rules do not come to an end, with a pointer to the one that was worked on
 */
export async function previewClaimMapping(
  { clock, tables }: Pick<Services, 'clock' | 'tables'>,
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  sources: Sources,
  limitMs?: number,
): Promise<PreviewedClaims> {
  const options = planOptions(configuration, surroundingsOf(issuer))
  const outcome = await previewPlan({ configuration, options, sources, now: clock() }, limitMs)
  if ('stopped' in outcome) {
    const what = outcome.stopped === 'time' ? 'takes too long' : 'needs too much memory'
    const detail = `The rule ${what} with these sources; it was stopped. Loop over less, or read one path.`
    throw new ProtocolError('unprocessable', 'The claim rules did not come to an end.', {
      mistakes: [{ pointer: pointerTo(['claims', ...(outcome.at === undefined ? [] : [outcome.at])]), detail }],
    })
  }
  const { traces, ...result } = outcome
  const compiled = compilePlan(configuration, options)
  const planned = new Map('plan' in compiled ? compiled.plan.claims.map((claim) => [claim.key, claim]) : [])
  const names = namesInSources(sources)
  const { identity_provider: provider } = sources.session
  const seen = provider === undefined ? [] : await tables.claimNames.list(issuer.tenantId, provider)
  const others = seen.map(({ path }) => path)
  const rules = traces.map((trace): PreviewedClaim => {
    const [rule, claim] = [configuration.claims[trace.key]!, planned.get(trace.key)]
    const isSought = trace.value === undefined && trace.applies !== false
    const suggestion = claim && isSought ? suggestName(claim, provider, names, others) : undefined
    return {
      ...trace,
      type: rule.type,
      mandatory: rule.mandatory,
      disclosed: disclosedIn(configuration, rule),
      ...(suggestion !== undefined && { suggestion }),
    }
  })
  return { ...result, rules }
}
