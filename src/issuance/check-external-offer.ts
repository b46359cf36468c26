import { hasOwnGrants } from '../model/issuer.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { OfferRequest } from '../model/offer.ts'
import { type Mistake, ProtocolError } from '../protocol/errors.ts'
import type { OfferTerms } from '../store/offer-row.ts'
import type { CheckedOffer } from './check-offer.ts'
import { mayServe } from './choose-provider.ts'
import { lifetimeOf } from './offer-lifetime.ts'
import { offeredBy, schemeOf } from './offer-terms.ts'

/** The external authorization server that an offer leads to, by its name; undefined for ours. */
const externalServerOf = (
  { settings, authorizationServers: [first] }: LiveIssuer,
  { authorization_server }: OfferRequest,
): string | undefined => authorization_server ?? (hasOwnGrants(settings) ? undefined : first?.id)

const elsewhere = 'does not reach an external authorization server, which grants without us.'
const ours = {
  claims: `What an integrator says of a person ${elsewhere}`,
  subject: `Whom an offer is for ${elsewhere}`,
  login_hint: `A login_hint ${elsewhere}`,
  identity_provider: `The choice of an identity provider ${elsewhere}`,
  tx_code: `A PIN ${elsewhere}`,
  max_uses: `A number of uses ${elsewhere}`,
} as const satisfies Partial<Record<keyof OfferRequest, string>>

/**
 * An offer whose wallet gets its token from another server; undefined for one that leads to ours. It is for everybody who signs in there:
 * nothing of ours travels through it.
 * @throws ProtocolError `unprocessable` with every mistake at once
 */
export function checkExternalOffer(issuer: LiveIssuer, request: OfferRequest): CheckedOffer | undefined {
  const server = externalServerOf(issuer, request)
  if (server === undefined) return undefined
  const mistakes: Mistake[] = []
  const wrong = (pointer: string, detail: string) => mistakes.push({ pointer, detail })
  const configurationIds = offeredBy(issuer, request, wrong)
  const known = issuer.authorizationServers.map(({ id }) => id)
  if (!known.includes(server)) {
    const those = known.length > 0 ? `; it takes those of ${known.join(', ')}` : ''
    wrong('/authorization_server', `This issuer takes no tokens of that server${those}.`)
  }
  for (const [member, detail] of Object.entries(ours))
    if (request[member as keyof typeof ours] !== undefined) wrong(`/${member}`, detail)
  for (const [at, grant] of (request.grants ?? []).entries())
    if (grant !== 'authorization_code') wrong(`/grants/${at}`, 'A code of ours buys nothing at another server.')
  for (const [at, id] of configurationIds.entries()) {
    const configuration = issuer.configurations.get(id)
    if (configuration?.approval === 'manual')
      wrong(
        `/credential_configuration_ids/${at}`,
        'It waits for an approval, for which only tokens of ours last long enough.',
      )
    else if (configuration && !mayServe(issuer, id, server))
      wrong(`/credential_configuration_ids/${at}`, 'The people of that server do not get it.')
  }
  const kind = { byCode: false, shared: true, named: false, pin: undefined }
  const lifetimeSeconds = lifetimeOf(issuer, request, kind, wrong)
  const scheme = schemeOf(request, wrong)
  if (mistakes.length > 0) throw new ProtocolError('unprocessable', 'The offer cannot be made as asked.', { mistakes })
  const terms: OfferTerms = {
    configurationIds,
    grants: ['authorization_code'],
    scheme,
    by: request.delivery?.by ?? 'reference',
    authorizationServer: server,
    ...(request.metadata && { metadata: request.metadata }),
    configurationVersion: issuer.tenant.configurationVersion,
  }
  return { shared: true, terms, lifetimeSeconds, txCodeValue: undefined, maxUses: undefined, subject: undefined }
}
