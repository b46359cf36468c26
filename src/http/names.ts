import { claimName, credentialName } from '../model/display.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { PageCredential } from './pages/parts.ts'
import type { Language } from './pages/texts/index.ts'

/** A credential configuration as pages show it. */
export function pageCredential(issuer: LiveIssuer, id: string, language: Language): PageCredential {
  const claims = Object.keys(issuer.configurations.get(id)?.claims ?? {})
  return {
    id,
    name: credentialName(issuer, id, language),
    claims: claims.map((claim) => claimName(issuer, id, claim, language)),
  }
}
