import { withheldPaths } from '../claims/plan.ts'
import { formats } from '../formats/index.ts'
import { inward, newId } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after, durationSeconds } from '../lib/time.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { CredentialRequest, CredentialResponse } from '../protocol/credential.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Dataset } from '../store/grants.ts'
import { type Allowed, insufficientScope } from './authorize-request.ts'
import { claimsPlace, type GrantedClaims } from './evaluate-claims.ts'
import { nonceSeconds } from './issue-nonce.ts'
import { newEvent } from './record-event.ts'
import type { ProvenKeys } from './verify-key-proofs.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'keyRing' | 'inTransaction'>

/** Which dataset a request names, and whether its token reaches it: VCI-62, VCI-63, in the order of VCI-80. */
export function selectDataset(
  issuer: LiveIssuer,
  access: Allowed,
  { selector }: CredentialRequest,
): { dataset: Dataset; configuration: LiveConfiguration } {
  const { token, grant } = access
  const allowed = grant.terms.datasets.filter(
    ({ configurationId }) => token.configurationIds?.includes(configurationId) ?? true,
  )
  if ('credentialIdentifier' in selector) {
    const id = inward('crd', selector.credentialIdentifier)
    const dataset = allowed.find(({ credentialId }) => credentialId === id)
    const configuration = dataset && issuer.configurations.get(dataset.configurationId)
    if (!dataset || !configuration)
      throw new ProtocolError(
        'unknown_credential_identifier',
        'The credential_identifier is unknown to this access token.',
      )
    return { dataset, configuration }
  }
  const configuration = issuer.configurations.get(selector.configurationId)
  if (!configuration)
    throw new ProtocolError('unknown_credential_configuration', 'The credential_configuration_id is unknown.')
  const dataset = allowed.find(({ configurationId }) => configurationId === selector.configurationId)
  if (!dataset) throw insufficientScope(access)
  return { dataset, configuration }
}

/**
 * Credential Endpoint, OpenID4VCI §8.3: one copy for each proven key. Signed before the transaction; what was signed and not committed
 * is thrown away.
 * @throws ProtocolError `invalid_nonce` for a `c_nonce` that another grant used, `credential_request_denied` past the cap of copies
 */
export async function issueCredentials(
  services: Needs,
  issuer: LiveIssuer,
  { grant }: Allowed,
  { dataset, configuration }: { dataset: Dataset; configuration: LiveConfiguration },
  { holderKeys, nonces }: ProvenKeys,
): Promise<CredentialResponse> {
  const { clock, random, vault, keyRing, inTransaction } = services
  const sealer = await vault.of(issuer.tenantId)
  const granted = JSON.parse(sealer.open(claimsPlace(grant.id), grant.claimsSealed).toString()) as GrantedClaims
  const claims = granted[configuration.id]
  if (!claims) throw new ProtocolError('credential_request_denied', 'This credential cannot be issued any more.')

  const now = clock()
  const expiresAt = after(now, durationSeconds(configuration.valid_for)!)
  const keys = await keyRing.of(issuer.tenant)
  const { signing_key: name, signing_algorithm: algorithm } = configuration
  const signer = keys.signerFor({ name, algorithm, format: configuration.format })
  const format = formats.get(configuration.format)!
  const withheld = withheldPaths(configuration)
  const signed: string[] = []
  for (const holderKey of holderKeys) {
    const request = {
      issuer: issuer.identifier,
      configuration,
      claims,
      withheld,
      holderKey,
      issuedAt: now,
      expiresAt,
      status: undefined,
      signer,
      random,
    }
    signed.push(await format.issue(request))
  }

  const copies = holderKeys.map(() => newId(services))
  const event = newEvent(services, 'credential.issued', {
    sessionId: grant.sessionId,
    offerId: grant.offerId,
    details: { credential: dataset.credentialId, configuration: configuration.id, copies: copies.length },
  })
  const record = {
    id: dataset.credentialId,
    grantId: grant.id,
    sessionId: grant.sessionId,
    configurationId: configuration.id,
    personIndex: grant.personIndex,
    createdAt: now,
    expiresAt,
  }
  await inTransaction(async (within) => {
    for (const nonce of nonces) {
      const mine = await within.nonceUses.use(issuer, hash(nonce), grant.id, after(now, nonceSeconds))
      if (!mine) throw new ProtocolError('invalid_nonce', 'The nonce of a proof was used by another grant.')
    }
    await within.credentials.insert(issuer, record)
    // Copies that are there already are this very request's, from a run whose COMMIT lost its answer: they were counted then.
    const isFirstRun = await within.credentials.insertCopies(issuer, record.id, copies, now)
    if (isFirstRun && !(await within.grants.countCopies(issuer, grant.id, copies.length, issuer.settings.copies))) {
      throw new Missed(
        new ProtocolError('credential_request_denied', 'This grant has fetched its copies.', { help: 'copies-limit' }),
      )
    }
    await within.events.insert(issuer, event)
  })
  return { credentials: signed.map((credential) => ({ credential })) }
}
