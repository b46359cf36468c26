import type { LiveIssuer } from '../model/live.ts'
import type { OfferRequest } from '../model/offer.ts'
import { type Mistake, ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { GrantName, OfferTerms } from '../store/offer-row.ts'
import { checkOfferClaims } from './check-offer-claims.ts'
import { type CheckedSubject, checkSubject } from './check-subject.ts'
import { lifetimeOf, type Wrong } from './offer-lifetime.ts'
import { offeredBy, schemeOf } from './offer-terms.ts'

export type CheckedOffer = {
  shared: boolean
  terms: OfferTerms
  lifetimeSeconds: number
  txCodeValue: string | undefined
  maxUses: number | undefined
  subject: CheckedSubject | undefined
}

type Needs = Pick<Services, 'clock' | 'fetch' | 'providerKeys' | 'random'>

/** Whether an issuer can keep what an offer promises. Throws `unprocessable` with every mistake at once. */
export function checkOffer(services: Needs, issuer: LiveIssuer, request: OfferRequest): CheckedOffer {
  const mistakes: Mistake[] = []
  const wrong = (pointer: string, detail: string) => mistakes.push({ pointer, detail })
  const configurationIds = offeredBy(issuer, request, wrong)
  const grants = grantsOf(issuer, request, wrong)
  const byCode = grants.includes('pre_authorized_code')
  const isPersonal = (['claims', 'login_hint', 'subject'] as const).some((member) => request[member] !== undefined)
  const shared = !byCode && !isPersonal && request.max_uses !== 1
  if (!shared && (request.max_uses ?? 1) > 1) wrong('/max_uses', 'A personal offer is claimed once.')
  const txCode = txCodeOf(issuer, request, byCode, wrong)
  const lifetimeSeconds = lifetimeOf(
    issuer,
    request,
    { byCode, shared, named: request.subject !== undefined, pin: txCode?.terms },
    wrong,
  )
  if (
    request.identity_provider !== undefined &&
    !issuer.identityProviders.some(({ id }) => id === request.identity_provider)
  ) {
    wrong('/identity_provider', 'This issuer does not let people sign in there.')
  }
  const subject = request.subject && checkSubject(services, issuer, request.subject, wrong)
  const identityProvider = subject?.identityProvider ?? request.identity_provider
  if (subject && request.identity_provider !== undefined && request.identity_provider !== identityProvider)
    wrong('/identity_provider', 'The person of this offer signs in at another one.')
  const scheme = schemeOf(request, wrong)
  if (byCode && mistakes.length === 0) checkOfferClaims(issuer, request, configurationIds, services.clock(), wrong)
  if (mistakes.length > 0) throw new ProtocolError('unprocessable', 'The offer cannot be made as asked.', { mistakes })
  const terms: OfferTerms = {
    configurationIds,
    grants,
    ...(txCode && { txCode: txCode.terms }),
    scheme,
    by: request.delivery?.by ?? 'reference',
    ...(identityProvider !== undefined && { identityProvider }),
    ...(subject && { subject: subject.kind }),
    ...(request.metadata && { metadata: request.metadata }),
    configurationVersion: issuer.tenant.configurationVersion,
  }
  return { shared, terms, lifetimeSeconds, txCodeValue: txCode?.value, maxUses: request.max_uses, subject }
}

function grantsOf({ settings }: LiveIssuer, { grants, claims, subject }: OfferRequest, wrong: Wrong): GrantName[] {
  const has = (grant: GrantName) => settings.grants[grant] !== undefined
  // Without a word on it: whoever brings the person's data has decided upstream, unless the person is named; all others sign in.
  const usual: GrantName =
    (claims && !subject && has('pre_authorized_code')) || !has('authorization_code')
      ? 'pre_authorized_code'
      : 'authorization_code'
  const wanted = [...new Set(grants ?? [usual])]
  for (const [at, grant] of wanted.entries())
    if (!has(grant)) wrong(`/grants/${at}`, 'This issuer does not offer this grant.')
  return wanted
}

function txCodeOf({ settings }: LiveIssuer, { tx_code }: OfferRequest, byCode: boolean, wrong: Wrong) {
  const usual = settings.grants.pre_authorized_code?.tx_code
  if (tx_code !== undefined && !byCode) wrong('/tx_code', 'A PIN goes only with a pre-authorized code.')
  if (!byCode || (tx_code === undefined && usual === undefined)) return undefined
  const { value, ...wish } = tx_code === true || tx_code === undefined ? {} : { ...tx_code }
  const base = { input_mode: usual?.input_mode ?? 'numeric', length: value?.length ?? usual?.length ?? 6 } as const
  const described = wish.description ?? usual?.description
  const terms = {
    input_mode: wish.input_mode ?? base.input_mode,
    length: wish.length ?? base.length,
    ...(described !== undefined && { description: described }),
  }
  if (value !== undefined) {
    if (value.length !== terms.length) wrong('/tx_code/value', 'The PIN is not of the length that the wallet is told.')
    if (terms.input_mode === 'numeric' && !/^[0-9]+$/.test(value))
      wrong('/tx_code/value', 'A numeric PIN has digits only.')
  }
  return { terms, value }
}
