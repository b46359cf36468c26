import { createHash } from 'node:crypto'
import { claimsMetadata } from '../claims/plan.ts'
import type { LiveConfiguration } from '../model/live.ts'

/** Type Metadata of an SD-JWT VC, served at its `vct` (SD-JWT VC §6.2): what is published binds the issuer. */
export function typeMetadata(configuration: LiveConfiguration): Record<string, unknown> {
  const { vct, display } = configuration
  const first = display?.[0]
  return {
    vct,
    name: first?.name ?? configuration.id,
    ...(first?.description && { description: first.description }),
    ...(display && {
      display: display.map(({ name, locale = 'en', description }) => ({
        locale,
        name,
        ...(description && { description }),
      })),
    }),
    claims: claimsOf(configuration),
  }
}

/** Every claim, and whether it is a disclosure; of a list whose elements are, both are said. */
function claimsOf(configuration: LiveConfiguration): Record<string, unknown>[] {
  const rules = Object.values(configuration.claims)
  return claimsMetadata(configuration).flatMap(({ path, display, mandatory }, at) => {
    const disclosed = rules[at]?.disclosed
    const claim = {
      path,
      sd: disclosed === 'choice' ? 'always' : 'never',
      ...(mandatory && { mandatory }),
      ...(display && { display: display.map(({ name, locale = 'en' }) => ({ locale, label: name })) }),
    }
    return disclosed === 'elements' ? [claim, { path: [...path, null], sd: 'always' }] : [claim]
  })
}

/** The document as it is served, letter by letter. */
export const typeDocument = (configuration: LiveConfiguration): string => JSON.stringify(typeMetadata(configuration))

/** `vct#integrity`, SD-JWT VC §7: the hash of the document, where the configuration wants it in its credentials. */
export const integrityOf = (configuration: LiveConfiguration): string | undefined =>
  configuration.type_integrity
    ? `sha256-${createHash('sha256').update(typeDocument(configuration)).digest('base64')}`
    : undefined
