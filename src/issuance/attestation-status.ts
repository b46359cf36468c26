import { InvalidJws } from '../lib/jwk.ts'
import { after } from '../lib/time.ts'
import type { LiveTenant } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import {
  type ReadStatusList,
  readStatusListToken,
  type StatusReference,
  statusAt,
} from '../protocol/status-list-token.ts'
import type { TrustedAttester } from '../protocol/trusted-attester.ts'
import type { Services } from '../services.ts'

type Needs = Pick<Services, 'clock' | 'fetch' | 'log'>
/** An attestation of keys or of a wallet. */
type Attested = { attester: TrustedAttester; status: StatusReference | undefined }
type Terms = {
  algorithms: readonly string[]
  skewSeconds: number
  refusal: 'invalid_proof' | 'invalid_client_attestation'
}
type Kept = { list: Promise<ReadStatusList>; until: Date }

/** Lists that were read, by attester and address; a new version of the configuration, with other anchors perhaps, starts afresh. */
const keptOf = new WeakMap<LiveTenant, Map<string, Kept>>()
const mostLists = 20
const [fetchSeconds, keepFailureSeconds] = [30, 5]

/**
 * Whether an attestation still holds: the entry in its attester's list (Token Status List §8.3), signed below the same anchors. A
 * list that cannot be had refuses, too: whoever has a revoked attestation could otherwise keep us from it.
 * @throws ProtocolError the `refusal`
 */
export async function checkAttestationStatus(
  services: Needs,
  tenant: LiveTenant,
  { attester, status }: Attested,
  terms: Terms,
): Promise<void> {
  if (!status) return
  const list = await listOf(services, tenant, attester, status.uri, terms).catch((cause: unknown) => {
    services.log.warn({ attester: attester.id, cause }, 'The status list of an attester cannot be read')
    throw new ProtocolError(terms.refusal, 'The status of the attestation cannot be checked now.', { cause })
  })
  if (statusAt(list, status.index) !== 0)
    throw new ProtocolError(terms.refusal, 'The attestation is not valid any more: see its status.')
}

/** The list, kept as long as it says; callers at the same time share one request. */
function listOf(services: Needs, tenant: LiveTenant, attester: TrustedAttester, uri: string, terms: Terms) {
  const kept = keptOf.get(tenant) ?? new Map<string, Kept>()
  keptOf.set(tenant, kept)
  const name = `${attester.id} ${uri}`
  const now = services.clock()
  const known = kept.get(name)
  if (known && now < known.until) return known.list
  const attempt: Kept = { list: fetchList(services, attester, uri, terms), until: after(now, fetchSeconds) }
  const keep = (seconds: number) => {
    attempt.until = after(now, seconds)
  }
  attempt.list.then(
    ({ keepSeconds }) => keep(keepSeconds),
    () => keep(keepFailureSeconds),
  )
  kept.delete(name)
  kept.set(name, attempt)
  for (const oldest of [...kept.keys()].slice(0, -mostLists)) kept.delete(oldest)
  return attempt.list
}

async function fetchList(
  { clock, fetch }: Needs,
  { anchors }: TrustedAttester,
  uri: string,
  terms: Terms,
): Promise<ReadStatusList> {
  const { algorithms, skewSeconds } = terms
  const response = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' }, redirect: 'manual' })
  if (response.status !== 200) throw new InvalidJws(`The status list was answered with ${response.status}.`)
  const text = (await response.text()).trim()
  return readStatusListToken(text, { uri, anchors, now: clock(), algorithms, skewSeconds })
}
