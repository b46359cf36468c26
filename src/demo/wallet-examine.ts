import type { Check } from '../wallet/check.ts'
import type { Fetch } from '../wallet/exchange.ts'
import type { WalletKey } from '../wallet/keys.ts'
import { decodeMdoc } from '../wallet/mdoc.ts'
import type { IssuerMetadata } from '../wallet/messages.ts'
import { decodeSdJwt } from '../wallet/sd-jwt.ts'
import { checkStatus } from '../wallet/status-list.ts'
import { checkJwtVc, decodeJwtVc } from '../wallet/verify-jwt-vc.ts'
import { checkMdoc } from '../wallet/verify-mdoc.ts'
import { checkSdJwt, loadIssuerKeys } from '../wallet/verify-sd-jwt.ts'
import type { Journey } from './wallet-journey.ts'

/** What is in a credential, by names that the page can show, and what was checked. */
export type Examined = {
  content?: { header: Record<string, unknown>; claims: Record<string, unknown>; withheld: string[] }
  checks: Check[]
}

type Configuration = IssuerMetadata['credential_configurations_supported'][string]

/** Reads and checks a credential of any format that this wallet knows. */
export async function examine(
  { metadata, wallet }: Pick<Journey, 'metadata' | 'wallet'>,
  text: string,
  configuration: Configuration,
  key?: WalletKey,
): Promise<Examined> {
  const issuer = metadata.issuer.credential_issuer
  const roots = await loadRoots(wallet.fetch, issuer)
  const issuerKeys = roots.length === 0 ? await loadIssuerKeys(wallet.fetch, issuer) : []
  const expected = { now: wallet.clock(), issuer, holderKey: key?.thumbprint ?? '', roots, issuerKeys }
  switch (configuration.format) {
    case 'dc+sd-jwt': {
      const content = decodeSdJwt(text)
      const checks = await checkSdJwt(content, { ...expected, vct: configuration.vct })
      const token = listed(content.claims.status)
      return { content, checks: [...checks, ...(await checkStatus(wallet.fetch, { token }, expected))] }
    }
    case 'mso_mdoc': {
      const mdoc = decodeMdoc(text)
      const { docType, validFrom, validUntil, status, deviceKey } = mdoc
      const claims = Object.entries(mdoc.claims).flatMap(([namespace, elements]) =>
        Object.entries(elements).map(([name, value]) => [`${namespace}.${name}`, value]),
      )
      const header = { docType, validFrom, validUntil, status, deviceKey }
      const content = { header, claims: Object.fromEntries(claims), withheld: [] }
      const checks = await checkMdoc(mdoc, { ...expected, doctype: configuration.doctype })
      return { content, checks: [...checks, ...(await checkStatus(wallet.fetch, { token: status }, expected))] }
    }
    case 'jwt_vc_json': {
      const decoded = decodeJwtVc(text)
      const { vc, ...payload } = decoded.payload
      const claims = Object.entries(vc.credentialSubject).map(([name, value]) => [`credentialSubject.${name}`, value])
      const content = { header: { ...decoded.header, ...payload }, claims: Object.fromEntries(claims), withheld: [] }
      const types = configuration.credential_definition?.type
      const checks = await checkJwtVc(decoded, { ...expected, types })
      const bitstring = vc.credentialStatus
      return { content, checks: [...checks, ...(await checkStatus(wallet.fetch, { bitstring }, expected))] }
    }
    default:
      return { checks: [] }
  }
}

/** `status.status_list` of a credential, Token Status List §6.2. */
const listed = (status: unknown): unknown =>
  typeof status === 'object' && status !== null && 'status_list' in status ? status.status_list : undefined

/** The issuer's root certificates, if it offers them for download; a wallet in earnest has a trust list instead. */
async function loadRoots(fetch: Fetch, issuer: string): Promise<string[]> {
  const response = await fetch(`${issuer}/root.pem`, { redirect: 'error' })
  const text = response.ok ? await response.text() : ''
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}
