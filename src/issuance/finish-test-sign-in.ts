import type { SignIn } from '../connectors/connector.ts'
import { type FaultId, fault } from '../connectors/faults.ts'
import { newId, outward } from '../lib/ids.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { faultOf, ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import { foreignAnswer } from './find-callback.ts'
import { resultPlace } from './finish-sign-in.ts'
import { type Browser, pageOver } from './open-sign-in.ts'
import { takeAnswer } from './take-answer.ts'
import { atTestPage, findTestSignIn, testSeconds, testUrl } from './test-sign-in.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'providerKeys' | 'tables' | 'vault' | 'log'>

/** What is kept of a test: what the provider said, with the faults of what it did not tell; or the fault in which it ended. */
type Kept = (Omit<SignIn, 'unknown'> & { unknown: [name: string, fault: string][] }) | { failed: unknown }

/**
 * The second end of a test sign-in: what the provider said is sealed for its administrator. Answers where the browser goes. Only the browser
 * that began it, only at the URL of its provider, and only once.
 * @throws ProtocolError for the page
 */
export async function finishTestSignIn(
  services: Needs,
  issuer: LiveIssuer,
  { id }: Pick<StoredSignIn, 'id'>,
  { providerId, answer }: { providerId: string; answer: URLSearchParams },
  browser: Browser,
): Promise<string> {
  const { clock, tables, vault } = services
  const page = testUrl(issuer, id)
  const { test } = await findTestSignIn(services, issuer, outward('tsi', id), browser)
  const sealer = await vault.of(issuer.tenantId)
  const operation = newId(services)
  const keep = (kept: Kept) =>
    tables.signIns.keepTest(issuer, id, operation, {
      resultSealed: sealer.seal(resultPlace(id), JSON.stringify(kept)),
      expiresAt: after(clock(), testSeconds),
    })
  try {
    if (test.identityProvider !== providerId) throw foreignAnswer('callback-wrong-provider')
    const { unknown = new Map(), ...said } = await takeAnswer(services, issuer, test, { providerId, answer, operation })
    const faults = [...unknown].map(([name, error]): [string, string] => [name, faultOf(error) ?? ''])
    if (!(await keep({ ...said, unknown: faults }))) throw pageOver()
    return page
  } catch (error) {
    if (error instanceof ProtocolError && error.help === 'page-over' && test.resultSealed) return page
    if (error instanceof ProtocolError && faultOf(error)) await keep({ failed: error.cause })
    throw atTestPage(error, issuer, test, browser)
  }
}

/** Whether somebody has signed in; a sign-in that failed may be tried again. */
export async function isDone(
  { vault }: Pick<Services, 'vault'>,
  issuer: LiveIssuer,
  { id, resultSealed }: Pick<StoredSignIn, 'id' | 'resultSealed'>,
): Promise<boolean> {
  if (!resultSealed) return false
  const sealer = await vault.of(issuer.tenantId)
  return !('failed' in JSON.parse(sealer.open(resultPlace(id), resultSealed).toString()))
}

/**
 * What came of a test sign-in, for the administrator who asked for it.
 * @throws ProtocolError `not_found`, the same for another administrator's, and after its hour
 */
export async function readTestSignIn(
  { clock, tables, vault }: Pick<Services, 'clock' | 'tables' | 'vault'>,
  issuer: LiveIssuer,
  id: string,
  testedBy: string,
): Promise<{ provider: string; signedIn?: SignIn; failed?: unknown }> {
  const found = await tables.signIns.find(issuer, id)
  if (!found?.identityProvider || found.testedBy !== testedBy || found.expiresAt <= clock())
    throw new ProtocolError('not_found', 'There is no such test sign-in.')
  const provider = found.identityProvider
  if (!found.resultSealed) return { provider }
  const sealer = await vault.of(issuer.tenantId)
  const kept = JSON.parse(sealer.open(resultPlace(id), found.resultSealed).toString()) as Kept
  if ('failed' in kept) return { provider, failed: kept.failed }
  const unknown = new Map(kept.unknown.map(([name, id]) => [name, fault(id as FaultId)]))
  return { provider, signedIn: { ...kept, unknown } }
}
