import { randomBytes } from 'node:crypto'
import type { IssueRequest } from '../../src/formats/format.ts'
import { makeDocumentSigner, makeRoot } from '../../src/keys/certificates.ts'
import { keyStores } from '../../src/keys/index.ts'
import type { Signer } from '../../src/keys/signer.ts'
import { CredentialConfiguration } from '../../src/model/credential-configuration.ts'
import type { LiveConfiguration } from '../../src/model/live.ts'
import { makeKey } from '../../src/wallet/keys.ts'

export const now = new Date('2026-11-24T12:00:00Z')
export const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)
export const issuer = 'https://issuer.example/acme/staff'
export const holder = makeKey()
export const root = await makeRoot({ name: 'ACME root', country: 'SE', now })

/** A signer of the algorithm, certified by `root`. */
export async function makeSigner(algorithm: Signer['algorithm'], more: object = {}): Promise<Signer> {
  const store = keyStores.get('software')!
  const { secret, publicJwk } = await store.generate(algorithm)
  const naming = { subjectName: 'ACME', hosts: ['issuer.example'], identifiers: [issuer], now, ...more }
  const leaf = await makeDocumentSigner({ root: root.certificate, rootKey: root.privateKeyPkcs8, publicJwk, ...naming })
  return store.open({ keyId: 'k1', algorithm, secret, certificateChain: [leaf.toString('base64')] })
}
/** Who signs where a test does not say. */
export const signer = await makeSigner('ES256')

export const configurationOf = (written: unknown, id = 'EmployeeBadge'): LiveConfiguration => ({
  ...CredentialConfiguration.parse(written),
  id,
  vct: `${issuer}/types/${id}`,
  scope: id,
  timeZone: 'UTC',
})

/** A request to issue; `holder` has the key, and all lives for ninety days. */
export const requestFor = (configuration: LiveConfiguration, changes: Partial<IssueRequest> = {}): IssueRequest => ({
  issuer,
  configuration,
  claims: {},
  withheld: [],
  holderKey: { jwk: holder.jwk, thumbprint: holder.thumbprint },
  issuedAt: now,
  expiresAt: inDays(90),
  status: undefined,
  signer,
  random: randomBytes,
  ...changes,
})
