import { credentialName, providerName } from '../model/display.ts'
import type { LiveIssuer } from '../model/live.ts'

/** The names that fill the text of a problem: of the credentials, and of the provider if people have a name for it. */
export function problemFill(
  issuer: LiveIssuer,
  { configurationIds, identityProvider }: { configurationIds: string[]; identityProvider?: string | undefined },
  language: string,
): Record<string, string> {
  const credentials = configurationIds.map((id) => credentialName(issuer, id, language))
  const provider = issuer.tenant.identityProviders.get(identityProvider ?? '')
  return {
    credential: listOf(credentials, language),
    ...(provider?.display && { provider: providerName(provider, language) }),
  }
}

/** Names as a list in the language's own way. */
export const listOf = (names: readonly string[], language: string): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(names)
