import type { LiveIdentityProvider, LiveIssuer } from './live.ts'

type Named = { name: string; locale?: string | undefined }

/** The entry of a display list in a language, else the first one. */
export const inLanguage = <T extends Named>(list: readonly T[] | undefined, language: string): T | undefined =>
  list?.find(({ locale }) => locale?.split('-')[0] === language) ?? list?.[0]

/** A credential configuration by the name that people know it by. */
export const credentialName = (issuer: LiveIssuer, id: string, language: string): string =>
  inLanguage(issuer.configurations.get(id)?.display, language)?.name ?? id

/** A claim by its display name; without one, by its key. */
export const claimName = (issuer: LiveIssuer, id: string, claim: string, language: string): string =>
  inLanguage(issuer.configurations.get(id)?.claims[claim]?.display, language)?.name ?? claim

export const providerName = (provider: LiveIdentityProvider, language: string): string =>
  inLanguage(provider.display, language)?.name ?? provider.id
