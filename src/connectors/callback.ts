import type { ServerMetadata } from 'openid-client'
import { equal } from '../lib/secrets.ts'
import type { SignInMemory } from './connector.ts'
import { faultOfRefusal } from './endpoints.ts'
import { fault } from './faults.ts'
import type { Product } from './product.ts'

/**
 * The callback's query, checked (RFC 6749 §4.1.2, RFC 9207 §2.4): the code, and the `iss` that came with it. We read it ourselves, for the
 * library hides an error behind a missing `iss`. Where a product publishes a template, `iss` is for the caller to compare with the token's.
 */
export function readCallback(
  answer: URLSearchParams,
  memory: SignInMemory,
  metadata: ServerMetadata,
  { dialect, issuers }: Product,
): { code: string; iss: string | null | undefined } {
  const names = ['state', 'iss', 'error', 'code', 'response'] as const
  for (const name of names) if (answer.getAll(name).length > 1) throw fault('callback-malformed', { repeated: name })
  const [state, iss, error, code, response] = names.map((name) => answer.get(name))
  if (!state || !equal(state, memory.state)) throw fault('callback-state-unknown')
  if (iss && iss !== metadata.issuer && !issuers)
    throw fault('callback-wrong-provider', { expected: metadata.issuer, got: iss.slice(0, 300) })
  if (error) {
    const description = answer.get('error_description') ?? ''
    throw faultOfRefusal({ endpoint: 'authorization', error, description }, dialect)
  }
  if (!iss && metadata.authorization_response_iss_parameter_supported)
    throw fault('callback-iss-missing', { issuer: metadata.issuer })
  if (!code || response) throw fault('callback-malformed', { members: [...new Set(answer.keys())] })
  return { code, iss }
}
