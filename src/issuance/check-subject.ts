import { normaliseEmail } from '../lib/email.ts'
import type { LiveIdentityProvider, LiveIssuer } from '../model/live.ts'
import type { Subject, SubjectKind } from '../model/subject.ts'
import type { Services } from '../services.ts'
import { upstreamOf } from './choose-provider.ts'
import type { Wrong } from './offer-lifetime.ts'

type Needs = Pick<Services, 'fetch' | 'providerKeys' | 'clock' | 'random'>

/** Whom an offer is for, as it is kept: `text` only as a keyed index. */
export type CheckedSubject = {
  kind: SubjectKind
  identityProvider: string
  text: string
  loginHint: string | undefined
}

/** What a person is found again by. Of no two kinds and no two persons it is the same; an account has that of a session's person. */
export const subjectText = {
  account: (issuer: string, subject: string) => JSON.stringify([issuer, subject]),
  oid: (identityProvider: string, oid: string) => JSON.stringify(['oid', identityProvider, oid.toLowerCase()]),
  email: (identityProvider: string, normalised: string) => JSON.stringify(['email', identityProvider, normalised]),
}

/** Whether a sign-in at one of the issuer's providers can tell this person; takes down what is in the way. */
export function checkSubject(
  services: Needs,
  issuer: LiveIssuer,
  subject: Subject,
  wrong: Wrong,
): CheckedSubject | undefined {
  const { sub, oid, email } = subject
  const named = (['sub', 'oid', 'email'] as const).filter((member) => subject[member] !== undefined)
  if (named.length !== 1) wrong('/subject', 'A person is named by one of sub, oid and email.')
  const provider = providerOf(services, issuer, subject, wrong)
  if (!provider || named.length !== 1) return undefined
  const isEntra = provider.kind === 'entra-id'
  const checked = (kind: SubjectKind, text: string, loginHint?: string): CheckedSubject => {
    return { kind, identityProvider: provider.id, text, loginHint }
  }
  if (sub !== undefined) {
    // Entra ID's sub is another one for every client, and is no account.
    if (isEntra) wrong('/subject/sub', 'At Entra ID a person is named by oid.')
    return checked('account', subjectText.account(upstreamOf(services, issuer, provider).issuer, sub))
  }
  if (oid !== undefined) {
    if (!isEntra) wrong('/subject/oid', 'Only Entra ID has an oid; name the person by sub.')
    return checked('oid', subjectText.oid(provider.id, oid))
  }
  const normalised = normaliseEmail(email ?? '')
  if (normalised === undefined) wrong('/subject/email', 'This is no e-mail address.')
  if (provider.email_verified === 'never')
    wrong('/subject/email', 'This identity provider does not verify e-mail addresses (its setting email_verified).')
  return checked('email', subjectText.email(provider.id, normalised ?? ''), email)
}

/** The provider at which the person has to sign in: one of the issuer's, named by us or by what its ID tokens say. */
function providerOf(
  services: Needs,
  issuer: LiveIssuer,
  { identity_provider: id, issuer: named, sub }: Subject,
  wrong: Wrong,
): LiveIdentityProvider | undefined {
  if ((id === undefined) === (named === undefined)) {
    wrong('/subject', 'A person is named at an identity_provider or at its issuer.')
    return undefined
  }
  if (named !== undefined && sub === undefined) wrong('/subject/issuer', 'With an issuer goes a sub.')
  const usable = issuer.identityProviders.flatMap((link) => {
    const provider = issuer.tenant.identityProviders.get(link.id)
    return provider && !provider.disabled ? [provider] : []
  })
  const found = usable.find((one) =>
    named === undefined ? one.id === id : upstreamOf(services, issuer, one).issuer === named,
  )
  if (found) return found
  const pointer = named === undefined ? '/subject/identity_provider' : '/subject/issuer'
  const isElsewhere = id !== undefined && issuer.tenant.identityProviders.has(id)
  wrong(
    pointer,
    isElsewhere ? 'This issuer does not let people sign in there.' : 'There is no such identity provider here.',
  )
  return undefined
}
