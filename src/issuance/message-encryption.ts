import { isObject, readJson } from '../lib/json.ts'
import {
  agreementCurves,
  type ContentEncryption,
  contentEncryptions,
  decryptJwe,
  encryptJwe,
  InvalidJwe,
} from '../lib/jwe.ts'
import { InvalidJws, publicKeyOf, publicMembers } from '../lib/jwk.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'

type Needs = Pick<Services, 'encryptionKeys'>

/** How a response is to be encrypted: the wallet's key and what goes with it (OpenID4VCI §8.2). */
export type ResponseEncryption = { jwk: Record<string, unknown>; enc: ContentEncryption; zip: 'DEF' | undefined }

/** What a request may inflate to: as much as one that comes in the clear may have. */
const mostBytes = 512 * 1024

const refused = (message: string) => new ProtocolError('invalid_encryption_parameters', message)

/**
 * The JSON inside an encrypted request, OpenID4VCI §10; undefined if it is none.
 * @throws ProtocolError `invalid_encryption_parameters`
 */
export async function openMessage({ encryptionKeys }: Needs, issuer: LiveIssuer, jwe: string): Promise<unknown> {
  if (issuer.settings.encryption === 'off') throw refused('This issuer takes requests in the clear only.')
  let text: string
  try {
    text = await decryptJwe(jwe, (kid) => encryptionKeys.find(issuer.tenantId, kid), mostBytes)
  } catch (cause) {
    throw cause instanceof InvalidJwe ? refused(cause.message) : cause
  }
  return readJson(text)
}

/**
 * What a request wants of its response, or undefined for a plain one. Who wants an encrypted response has to encrypt the request (§8.2).
 * @throws ProtocolError `invalid_encryption_parameters`
 */
export function chooseResponseEncryption(
  { settings }: LiveIssuer,
  wanted: unknown,
  encrypted: boolean,
): ResponseEncryption | undefined {
  if (settings.encryption === 'off' && wanted !== undefined) throw refused('This issuer does not encrypt responses.')
  if (settings.encryption === 'required' && !(encrypted && wanted !== undefined))
    throw refused(
      'This issuer wants requests encrypted, and encrypts every response: credential_response_encryption is missing.',
    )
  if (wanted === undefined) return undefined
  if (!encrypted) throw refused('A request that asks for an encrypted response has to be encrypted itself.')
  if (!isObject(wanted) || !isObject(wanted.jwk)) throw refused('credential_response_encryption needs jwk and enc.')
  const { jwk, enc, zip } = wanted
  if (jwk.alg !== 'ECDH-ES') throw refused('The alg of the jwk is missing or not ECDH-ES.')
  if (!agreementCurves.some((one) => one === jwk.crv)) throw refused('The jwk is on no curve that is served.')
  if (jwk.use !== undefined && jwk.use !== 'enc') throw refused('The jwk is not for encryption.')
  const known = contentEncryptions.find((one) => one === enc)
  if (!known) throw refused('enc is missing or not one that is served.')
  if (zip !== undefined && zip !== 'DEF') throw refused('zip is not one that is served.')
  try {
    publicKeyOf(jwk)
    const kid = typeof jwk.kid === 'string' ? { kid: jwk.kid } : {}
    return { jwk: { ...publicMembers(jwk), ...kid }, enc: known, zip }
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(cause.message) : cause
  }
}

/** A successful response as the wallet wants it, OpenID4VCI §10. Errors are never encrypted (§8.3.1.2). */
export const sealMessage = (body: Record<string, unknown>, encryption: ResponseEncryption): Promise<string> =>
  encryptJwe(JSON.stringify(body), encryption)

/** `credential_request_encryption` and `credential_response_encryption`, OpenID4VCI §12.2.4: both or neither. */
export async function encryptionMetadata(
  { encryptionKeys }: Needs,
  issuer: LiveIssuer,
): Promise<Record<string, unknown>> {
  const { encryption } = issuer.settings
  if (encryption === 'off') return {}
  const common = {
    enc_values_supported: contentEncryptions,
    zip_values_supported: ['DEF'],
    encryption_required: encryption === 'required',
  }
  return {
    credential_request_encryption: { jwks: { keys: [await encryptionKeys.current(issuer.tenantId)] }, ...common },
    credential_response_encryption: { alg_values_supported: ['ECDH-ES'], ...common },
  }
}
