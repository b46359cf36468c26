import type { SignIn } from '../connectors/connector.ts'
import { fault } from '../connectors/faults.ts'
import { normaliseEmail } from '../lib/email.ts'
import { equal } from '../lib/secrets.ts'
import type { LiveIdentityProvider, LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { Offer } from '../store/offer-row.ts'
import { subjectText } from './check-subject.ts'

type Needs = Pick<Services, 'vault'>

/**
 * Whether the person who signed in is the one that an offer names; an offer that names nobody is anybody's. Nothing of the offer is opened
 * for it: its person is known by a keyed index only.
 * @throws ProtocolError `access_denied`, fault `person-mismatch` or `email-unverified`; neither tells of whom the offer is
 */
export async function checkPerson(
  { vault }: Needs,
  issuer: LiveIssuer,
  { terms, subjectIndex }: Pick<Offer, 'terms' | 'subjectIndex'>,
  signedIn: SignIn,
  identityProvider: string,
): Promise<void> {
  if (terms.subject === undefined && subjectIndex === undefined) return
  const provider = issuer.tenant.identityProviders.get(identityProvider)
  const text = provider && personIn(terms.subject, signedIn, provider)
  const sealer = await vault.of(issuer.tenantId)
  const index = text === undefined ? 'none' : sealer.index(text)
  if (subjectIndex === undefined || !equal(index, subjectIndex))
    throw fault('person-mismatch', { by: terms.subject, wanted: subjectIndex, signedIn: index })
}

/** The person of a sign-in, named as the offer names its own; undefined if the account has no such name. */
function personIn(
  kind: Offer['terms']['subject'],
  signedIn: SignIn,
  provider: LiveIdentityProvider,
): string | undefined {
  const { account, id_token } = signedIn
  if (kind === 'account') return subjectText.account(account.issuer, account.subject)
  if (kind === 'oid') return typeof id_token.oid === 'string' ? subjectText.oid(provider.id, id_token.oid) : undefined
  const email = emailOf(signedIn, provider)
  return email === undefined ? undefined : subjectText.email(provider.id, email)
}

/** The address that the provider vouches for. Before it is compared: or an unverified one could be used to ask whose the offer is. */
function emailOf({ id_token, userinfo }: SignIn, { kind, email_verified }: LiveIdentityProvider): string | undefined {
  // Address and word on it are of one document: what UserInfo verifies is not what the ID token names.
  const told = [id_token, userinfo].filter(({ email }) => typeof email === 'string' && email !== '')
  if (told.length === 0) return undefined
  const isVerified = (claims: Record<string, unknown>) =>
    // Entra ID writes one truth in several ways, and no email_verified.
    kind === 'entra-id' ? [true, 1, '1', 'true'].some((yes) => yes === claims.xms_edov) : claims.email_verified === true
  const vouched = told.find((claims) => email_verified === 'always' || isVerified(claims))
  if (!vouched || email_verified === 'never') throw fault('email-unverified', { setting: email_verified })
  return normaliseEmail(String(vouched.email))
}
