import type { Claims } from '../model/claim-mapping.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { formatClaimMistakes } from './validate-formats.ts'
import { checkRules, type Surroundings } from './validate-rules.ts'

export type Drafted = { issuer: LiveIssuer; configuration: LiveConfiguration }

/** What the rules of a live issuer are judged by. */
export const surroundingsOf = ({ tenant, settings, authorizationServers }: LiveIssuer): Surroundings => ({
  issuer: settings,
  tenant: {
    ...tenant.settings,
    identity_providers: Object.fromEntries(
      [...tenant.identityProviders].map(([id, { id: _, ...provider }]) => [id, provider] as const),
    ),
    authorization_servers: Object.fromEntries(authorizationServers.map((server) => [server.id, server])),
  },
  claimSources: [...tenant.claimSources.keys()],
})

/**
 * An issuer one of whose credential configurations has other rules than the saved ones, checked as they would be when they are saved, but
 * for its tests, which are of the saved ones; with its own rules if there are no others.
 * @throws ProtocolError `not_found`, or `unprocessable` with every mistake; its pointer begins at `/claims`
 */
export function draftClaims(issuer: LiveIssuer, configurationId: string, claims: Claims | undefined): Drafted {
  const saved = issuer.configurations.get(configurationId)
  if (!saved) throw new ProtocolError('not_found', 'The issuer has no such credential configuration.')
  if (!claims) return { issuer, configuration: saved }
  const draft = { ...saved, claims }
  // Of the format only what concerns claims: a live configuration has a vct also where none was written.
  const mistakes = [...formatClaimMistakes(draft), ...checkRules(draft, surroundingsOf(issuer)).mistakes]
  if (mistakes.length > 0)
    throw new ProtocolError('unprocessable', 'The claim rules cannot be as described.', { mistakes })
  return {
    issuer: { ...issuer, configurations: new Map([...issuer.configurations, [configurationId, draft]]) },
    configuration: draft,
  }
}
