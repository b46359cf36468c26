import type { SignIn } from '../connectors/connector.ts'
import { inward } from '../lib/ids.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { PreviewRequest } from '../model/preview.ts'
import type { Services } from '../services.ts'
import { upstreamOf } from './choose-provider.ts'
import { askClaimSources, type SourceNeeds } from './claim-sources.ts'
import { readTestSignIn } from './finish-test-sign-in.ts'
import { gatherSources, sessionOf } from './gather-sources.ts'
import { neededClaims } from './needed-claims.ts'
import { pastedSources, providerOf, wrongAt } from './pasted-sources.ts'
import { adviceOn, explained, isFault } from './preview-faults.ts'

type Needs = SourceNeeds & Pick<Services, 'providerKeys' | 'tables' | 'vault'>

/** What a preview reads, and where it is from. Only what was pasted is not verified. */
export type PreviewSources = {
  sources: Sources
  from: 'request' | 'sign_in' | 'identity_provider'
  /** Why a source that rules read could not be asked: the id of the fault, and its facts. */
  failed?: Record<string, unknown>
}

/** What a provider said in a test sign-in. */
async function signedInBefore(
  services: Needs,
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  outside: string,
  caller: string,
): Promise<{ signedIn: SignIn; provider: string }> {
  const { provider, signedIn, failed } = await readTestSignIn(services, issuer, inward('tsi', outside) ?? '', caller)
  providerOf(issuer, configuration, provider)
  if (signedIn) return { provider, signedIn }
  const { fault } = (failed ?? {}) as { fault?: string }
  throw fault === undefined
    ? wrongAt('/sign_in', 'Nobody has signed in yet: open the link of the test sign-in.')
    : wrongAt('/sign_in', `The sign-in failed. ${adviceOn(fault)}`)
}

/** What the provider says of a person without their sign-in. */
async function lookedUp(
  services: Needs,
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  user: string,
  named: string | undefined,
): Promise<{ signedIn: SignIn; provider: string }> {
  const id = providerOf(issuer, configuration, named)
  const link = issuer.identityProviders.find((one) => one.id === id)
  const provider = issuer.tenant.identityProviders.get(link?.id ?? '')
  if (!link || !provider)
    throw wrongAt('/identity_provider', 'Say at which identity provider the person is to be looked up.')
  const upstream = upstreamOf(services, issuer, provider)
  if (!upstream.preview)
    throw wrongAt(
      '/identity_provider',
      `${link.id} cannot tell of a person without a sign-in; make a test sign-in there.`,
    )
  const needed = neededClaims(issuer, [configuration.id], link.id)
  const wishes = { needed, ...(link.scope !== undefined && { scope: link.scope }) }
  const signedIn = await upstream.preview(user, wishes).catch((error: unknown) => {
    throw isFault(error) ? explained(error) : error
  })
  if (!signedIn) throw wrongAt('/user', `${link.id} knows nobody by this user name, e-mail address or id.`)
  return { signedIn, provider: link.id }
}

/** What an issuance would read beside what the provider said. A source that fails is told of, and the rules are tried without it. */
async function gathered(
  services: Needs,
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  { signedIn, provider }: { signedIn: SignIn; provider: string },
  { offer, source }: PreviewRequest,
): Promise<Omit<PreviewSources, 'from'>> {
  const { account, id_token, userinfo, unknown } = signedIn
  const said = { id_token, userinfo, ...(offer && { offer }), session: sessionOf(provider, id_token) }
  let sources: Sources = said
  try {
    const ids = [configuration.id]
    sources = await gatherSources(services, issuer, ids, { account, ...said, ...(unknown && { unknown }) })
    if (source) return { sources: { ...sources, source } }
    return { sources: (await askClaimSources(services, issuer, ids, sources, { mayWait: false })).sources }
  } catch (error) {
    if (!isFault(error)) throw error
    return { sources: { ...sources, ...(source && { source }) }, failed: error.cause }
  }
}

/**
 * What the rules of a configuration are previewed with: what was pasted, of which nobody else is asked anything; what a test sign-in of
 * this caller gave; or what a sign-in would give.
 * @throws ProtocolError `unprocessable` with what is wrong
 */
export async function previewSources(
  services: Needs,
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  request: PreviewRequest,
  caller: string,
): Promise<PreviewSources> {
  const { sign_in, user, identity_provider } = request
  if (sign_in !== undefined) {
    const tested = await signedInBefore(services, issuer, configuration, sign_in, caller)
    return { ...(await gathered(services, issuer, configuration, tested, request)), from: 'sign_in' }
  }
  if (typeof user !== 'string') return { sources: pastedSources(issuer, configuration, request), from: 'request' }
  const found = await lookedUp(services, issuer, configuration, user, identity_provider)
  return { ...(await gathered(services, issuer, configuration, found, request)), from: 'identity_provider' }
}
