import { createPrivateKey, X509Certificate } from 'node:crypto'
import { compileTemplates } from '../claims/source-templates.ts'
import type { ClaimSource, SourceAuthentication } from '../model/claim-source.ts'
import type { Mistake } from '../protocol/errors.ts'

const isReference = (text: string) => /^\$\{secret:[^}]+\}$/.test(text)

/** Whether a certificate and its key can be read and belong together, as far as they stand here and not in a secret of the node. */
function tlsMistakes({ certificate, key }: NonNullable<SourceAuthentication['mutual_tls']>): Mistake[] {
  const read = <T>(text: string, parse: () => T): T | 'reference' | undefined => {
    if (isReference(text)) return 'reference'
    try {
      return parse()
    } catch {
      return undefined
    }
  }
  const at = (member: string) => `/authentication/mutual_tls/${member}`
  const leaf = read(certificate, () => new X509Certificate(certificate))
  const secret = read(key, () => createPrivateKey(key))
  if (!leaf) return [{ pointer: at('certificate'), detail: 'This must be a certificate in PEM.' }]
  if (!secret) return [{ pointer: at('key'), detail: 'This must be a private key in PEM, without a passphrase.' }]
  if (leaf === 'reference' || secret === 'reference' || leaf.checkPrivateKey(secret)) return []
  return [{ pointer: at('key'), detail: 'This key does not belong to the certificate.' }]
}

/** What is wrong with a claim source beyond its schema: its templates, and its certificate. Pointers begin at the source. */
export function claimSourceMistakes(source: ClaimSource): Mistake[] {
  const compiled = compileTemplates(source)
  const { mutual_tls } = source.authentication ?? {}
  return [...('mistakes' in compiled ? compiled.mistakes : []), ...(mutual_tls ? tlsMistakes(mutual_tls) : [])]
}
