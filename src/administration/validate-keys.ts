import { pathOf } from '../model/claim-mapping.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

/**
 * What a configuration says against the certificates of the tenant's signers: the issuing country of a driving licence is the one in its
 * signer's certificate (ISO/IEC 18013-5 §7.2.1), which is the tenant's. Pointers begin at the configuration.
 */
export function keyMistakes(configuration: CredentialConfiguration, country: string | undefined): Mistake[] {
  const { format, doctype, claims } = configuration
  if (format !== 'mso_mdoc' || doctype !== 'org.iso.18013.5.1.mDL') return []
  if (country === undefined) {
    const detail = 'A driving licence needs the country of the tenant: it stands in the certificate of the signer.'
    return [{ pointer: '/doctype', detail }]
  }
  return Object.entries(claims).flatMap(([key, rule]) => {
    const isCountry = pathOf(key, rule, configuration).join('/') === 'org.iso.18013.5.1/issuing_country'
    if (!isCountry || rule.const === undefined || rule.const === country) return []
    const detail = `The certificates of the tenant's signers say ${country} (its country), and a driving licence says the same.`
    return [{ pointer: pointerTo(['claims', key, 'const']), detail }]
  })
}
