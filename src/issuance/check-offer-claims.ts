import { readsOfSource } from '../claims/reads.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { OfferRequest } from '../model/offer.ts'
import { templatesOf } from './claim-sources.ts'
import { evaluateClaims } from './evaluate-claims.ts'
import type { Wrong } from './offer-lifetime.ts'
import { planOf } from './plans.ts'

/** The keys of the claims that a claim source may bring when the wallet comes: it can be asked with what the offer holds. */
function broughtLater({ tenant }: LiveIssuer, configuration: LiveConfiguration, offer: Record<string, unknown>) {
  const isAsked = (name = '') => {
    const settings = tenant.claimSources.get(name)
    return settings !== undefined && templatesOf(settings).fill({ offer, session: {} }) !== undefined
  }
  const claims = planOf(configuration).claims.filter(({ source, when }) =>
    [...readsOfSource(source), ...(when?.reads ?? [])].some(
      ({ root, steps: [name] }) => root === 'source' && isAsked(name),
    ),
  )
  return new Set(claims.map(({ key }) => key))
}

/**
 * With a pre-authorized code nobody signs in: what the integrator sends must be enough, and is tried at once. Claim sources are not asked
 * before the wallet comes, so what they may bring is not missed.
 */
export function checkOfferClaims(
  issuer: LiveIssuer,
  { claims = {} }: OfferRequest,
  ids: readonly string[],
  now: Date,
  wrong: Wrong,
): void {
  for (const id of ids) {
    const configuration = issuer.configurations.get(id)!
    const evaluated = evaluateClaims(configuration, { offer: claims, session: {} }, now)
    if ('claims' in evaluated) continue
    const later = broughtLater(issuer, configuration, claims)
    // What is missing may come with the approval, too.
    const missing = configuration.approval === 'manual' ? [] : evaluated.missing
    for (const claim of missing.filter((key) => !later.has(key)))
      wrong('/claims', `${id} needs ${claim}, and nothing here yields it.`)
    for (const { claim, expected } of evaluated.unusable.filter((one) => !later.has(one.claim)))
      wrong('/claims', `${id} cannot use what is given for ${claim}: wanted is ${expected}.`)
  }
}
