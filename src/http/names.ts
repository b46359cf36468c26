import type { LiveIdentityProvider, LiveIssuer } from '../model/live.ts'
import { inLanguage } from './page-context.ts'
import type { PageCredential } from './pages/parts.ts'
import type { Language } from './pages/texts/index.ts'

/** A credential configuration by the name that people know it by. */
export function credentialName(issuer: LiveIssuer, id: string, language: Language): string {
  return inLanguage(issuer.configurations.get(id)?.display, language)?.name ?? id
}

/** A claim by its display name; without one, by its key. */
export function claimName(issuer: LiveIssuer, id: string, claim: string, language: Language): string {
  const named = issuer.configurations.get(id)?.claims[claim]?.display?.map(({ name, locale }) => ({ name, locale }))
  return inLanguage(named, language)?.name ?? claim
}

export function pageCredential(issuer: LiveIssuer, id: string, language: Language): PageCredential {
  const claims = Object.keys(issuer.configurations.get(id)?.claims ?? {})
  return {
    id,
    name: credentialName(issuer, id, language),
    claims: claims.map((claim) => claimName(issuer, id, claim, language)),
  }
}

export const providerName = (provider: LiveIdentityProvider, language: Language): string =>
  inLanguage(provider.display, language)?.name ?? provider.id
