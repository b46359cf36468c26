import type { SignIn, SignInMemory } from '../connectors/connector.ts'
import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import { upstreamOf } from './choose-provider.ts'
import { memoryPlace } from './draw-trial.ts'
import { noteClaimNames } from './note-claim-names.ts'
import { pageOver } from './open-sign-in.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'providerKeys' | 'tables' | 'vault' | 'log'>

/** A provider's answer as it came to its callback, for one operation to take. */
export type ProviderAnswer = { providerId: string; answer: URLSearchParams; operation: string }

/**
 * What the provider says of the person, checked. The answer of a try is taken once, whoever brings it how often.
 * @throws ProtocolError of the connector, or for a try that is over
 */
export async function takeAnswer(
  services: Needs,
  issuer: LiveIssuer,
  { id, memorySealed }: Pick<StoredSignIn, 'id' | 'memorySealed'>,
  { providerId, answer, operation }: ProviderAnswer,
): Promise<SignIn> {
  const { tables, vault } = services
  const provider = issuer.tenant.identityProviders.get(providerId)
  if (!provider || provider.disabled)
    throw new ProtocolError('server_error', 'The identity provider is switched off.', {
      help: 'provider-set-up',
      cause: { fault: 'idp-disabled' },
    })
  const taken = await tables.signIns.takeCallback(issuer, id, hash(answer.get('state') ?? ''), operation)
  if (!taken || !memorySealed) throw pageOver()
  const sealer = await vault.of(issuer.tenantId)
  const memory = JSON.parse(sealer.open(memoryPlace(id), memorySealed).toString()) as SignInMemory
  const signedIn = await upstreamOf(services, issuer, provider).finish(answer, memory)
  await noteClaimNames(services, issuer.tenantId, providerId, signedIn)
  return signedIn
}
