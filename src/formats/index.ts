import type { CredentialFormat } from './format.ts'
import { jwtVc } from './jwt-vc.ts'
import { mdoc } from './mdoc.ts'
import { sdJwt } from './sd-jwt.ts'

/** Every credential format, by its identifier in the metadata (OpenID4VCI Appendix A). A new one is a line here. */
export const formats: ReadonlyMap<string, CredentialFormat> = new Map(
  [sdJwt, mdoc, jwtVc].map((format) => [format.id, format]),
)
