import { type HttpSource, httpSource } from '../claims/http-source.ts'
import { type Read, readsOf } from '../claims/reads.ts'
import { compileTemplates, type Templates } from '../claims/source-templates.ts'
import { newId } from '../lib/ids.ts'
import { signJws } from '../lib/sign-jws.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { ClaimSource } from '../model/claim-source.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { planOf } from './plans.ts'

export type SourceNeeds = Pick<Services, 'clock' | 'random' | 'fetch' | 'keyRing' | 'log'>

/** What the sources hold, and the names of those that are to be asked again later. */
export type Gathered = { sources: Sources; waiting: readonly string[] }

// One for each of the live settings, which are replaced whole when they change: what a source keeps goes with them.
const asked = new WeakMap<ClaimSource, HttpSource>()
const compiled = new WeakMap<ClaimSource, Templates>()

function askable(services: SourceNeeds, name: string, settings: ClaimSource): HttpSource {
  const source = asked.get(settings) ?? httpSource(services, name, settings)
  asked.set(settings, source)
  return source
}

/** The templates of a claim source, which were checked when they were saved. */
export function templatesOf(settings: ClaimSource): Templates {
  const known = compiled.get(settings)
  if (known) return known
  const templates = compileTemplates(settings)
  if ('mistakes' in templates) throw new Error('The templates of a claim source do not compile.')
  compiled.set(settings, templates)
  return templates
}

/** The claim sources that the rules of a configuration read for a person of this provider (none: without a sign-in). */
export const claimSourcesOf = (configuration: LiveConfiguration, identityProvider?: string): string[] => [
  ...new Set(
    readsOf(planOf(configuration), identityProvider).flatMap(({ root, steps: [name] }) =>
      root === 'source' && name !== undefined ? [name] : [],
    ),
  ),
]

/** All that is read for a configuration: by its rules, and by the templates of the claim sources that they read. */
export const readsFor = ({ tenant }: LiveIssuer, configuration: LiveConfiguration, provider?: string): Read[] => [
  ...readsOf(planOf(configuration), provider),
  ...claimSourcesOf(configuration, provider).flatMap((name) => {
    const settings = tenant.claimSources.get(name)
    return settings ? templatesOf(settings).reads : []
  }),
]

/** What is read for these configurations after a sign-in at a provider (none: without one). */
export const readsOfAll = (issuer: LiveIssuer, configurationIds: readonly string[], identityProvider?: string) =>
  configurationIds.flatMap((id) => {
    const configuration = issuer.configurations.get(id)
    return configuration ? readsFor(issuer, configuration, identityProvider) : []
  })

/** Whether an outage of a claim source lets the wallet come back for this credential. */
export const waitsForSources = ({ tenant }: LiveIssuer, configuration: LiveConfiguration): boolean => {
  const providers = [undefined, ...tenant.identityProviders.keys()]
  const names = new Set(providers.flatMap((provider) => claimSourcesOf(configuration, provider)))
  return [...names].some((name) => tenant.claimSources.get(name)?.when_unavailable === 'defer')
}

/** Signs in the issuer's name with the key that its metadata is signed with; the issuer's `jwks` has it. */
const signerOf = (services: SourceNeeds, issuer: LiveIssuer) => async (claims: Record<string, unknown>) => {
  const keys = await services.keyRing.of(issuer.tenant)
  const signer = keys.signerFor({ name: 'default', algorithm: 'ES256', format: 'metadata' })
  const { identifier } = issuer
  return signJws(signer, 'JWT', { iss: identifier, sub: identifier, jti: newId(services), ...claims })
}

/**
 * Asks the claim sources that the rules of these configurations read, side by side and each once. One that is unavailable and may be asked
 * later is named in `waiting` where the wallet can wait.
 * @throws ProtocolError the fault `source-failed`
 */
export async function askClaimSources(
  services: SourceNeeds,
  issuer: LiveIssuer,
  configurationIds: readonly string[],
  known: Sources,
  { mayWait }: { mayWait: boolean },
): Promise<Gathered> {
  const { claimSources } = issuer.tenant
  const configurations = configurationIds.flatMap((id) => issuer.configurations.get(id) ?? [])
  const provider = known.session.identity_provider
  const names = [...new Set(configurations.flatMap((one) => claimSourcesOf(one, provider)))]
  const sign = signerOf(services, issuer)
  const waiting: string[] = []
  const answers = await Promise.all(
    names.map(async (name) => {
      const settings = claimSources.get(name)
      if (!settings) return []
      try {
        const answer = await askable(services, name, settings).ask(known, sign)
        return answer ? [[name, answer] as const] : []
      } catch (error) {
        const isOutage = error instanceof ProtocolError && error.code === 'temporarily_unavailable'
        if (!isOutage || !mayWait || settings.when_unavailable !== 'defer') throw error
        services.log.warn({ cause: error.cause }, 'A claim source is unavailable; its credentials come later')
        waiting.push(name)
        return []
      }
    }),
  )
  const source = Object.fromEntries(answers.flat())
  return { sources: names.length > 0 ? { ...known, source } : known, waiting }
}
