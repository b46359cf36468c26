import { inward } from '../lib/ids.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { CredentialRequest } from '../protocol/credential.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Dataset } from '../store/grant-row.ts'
import { type Allowed, insufficientScope } from './authorize-request.ts'

/** What a credential is made of: the grant's dataset, by the rules of its configuration. */
export type Selected = { dataset: Dataset; configuration: LiveConfiguration }

/** Which dataset a request names, and whether its token reaches it: VCI-62, VCI-63, in the order of VCI-80. */
export function selectDataset(issuer: LiveIssuer, access: Allowed, { selector }: CredentialRequest): Selected {
  const { token, grant } = access
  const usable = (selected: Selected): Selected => {
    checkLacking(grant.terms.lacking?.[selected.configuration.id])
    return selected
  }
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
    return usable({ dataset, configuration })
  }
  const configuration = issuer.configurations.get(selector.configurationId)
  if (!configuration)
    throw new ProtocolError('unknown_credential_configuration', 'The credential_configuration_id is unknown.')
  const dataset = allowed.find(({ configurationId }) => configurationId === selector.configurationId)
  if (!dataset) throw insufficientScope(access)
  return usable({ dataset, configuration })
}

/** What an external token says is not enough for some credentials: only now is it known that the wallet wants such a one. */
function checkLacking(claims: readonly string[] | undefined): void {
  if (!claims?.[0]) return
  const cause = { fault: 'external-claims-missing', claims }
  const message = `The access token does not say what the claim ${claims[0]} of the credential has to be.`
  throw new ProtocolError('credential_request_denied', message, { cause })
}
