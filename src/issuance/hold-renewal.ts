import { setTimeout as pause } from 'node:timers/promises'
import { fault } from '../connectors/faults.ts'
import { newId } from '../lib/ids.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Grant } from '../store/grant-row.ts'
import { type Renewal, renewalPlace } from './renewal.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'vault'>

/** Longer than the provider, its directory and the claim sources together may take. A node that dies keeps others waiting as long. */
const leaseSeconds = 90
const [turns, turnMs] = [50, 200]

/** The way of a grant, held by one operation: a provider's refresh token may serve only once. */
export type HeldRenewal = {
  operation: string
  renewal: Renewal
  /** The claims of before, or of what was approved meanwhile. */
  claimsSealed: Buffer
  /** Keeps the provider's next refresh token in the place of this one. */
  keep(refreshToken: string): Promise<void>
}

/** Another one has the way of the grant. */
export const busy = () => fault('refresh-unavailable', { reason: 'another renewal of the grant goes on' }, 1)

/**
 * Takes the way of a grant for one renewal. Requests at the same time wait for it, and answer undefined if the claims were renewed after
 * they had arrived: these are fresh for them as well.
 * @throws ProtocolError `refresh-unavailable` if it takes too long, `invalid_grant` if the grant has ended meanwhile
 */
export async function holdRenewal(
  services: Needs,
  issuer: LiveIssuer,
  { id }: Grant,
  arrivedAt: Date,
): Promise<HeldRenewal | undefined> {
  const { clock, tables, vault } = services
  const sealer = await vault.of(issuer.tenantId)
  const operation = newId(services)
  for (let turn = 0; ; turn++) {
    const now = clock()
    const isMine = await tables.renewals.take(issuer, id, operation, now, after(now, leaseSeconds))
    const way = await tables.renewals.find(issuer, id)
    if (!way) throw new ProtocolError('invalid_grant', 'The grant has ended.')
    const isFresh = way.renewedAt !== undefined && way.renewedAt > arrivedAt
    if (isFresh && isMine) await tables.renewals.release(issuer, id, operation)
    if (isFresh) return undefined
    if (!isMine) {
      if (turn === turns) throw busy()
      await pause(turnMs)
      continue
    }
    const renewal = JSON.parse(sealer.open(renewalPlace(id), way.sealed).toString()) as Renewal
    return {
      operation,
      renewal,
      claimsSealed: way.claimsSealed,
      async keep(refreshToken) {
        const { person } = renewal
        const upstream = person?.upstream && { ...person.upstream, refreshToken }
        const next: Renewal = { ...renewal, ...(person && upstream && { person: { ...person, upstream } }) }
        const sealed = sealer.seal(renewalPlace(id), JSON.stringify(next))
        if (!(await tables.renewals.keep(issuer, id, operation, sealed))) throw busy()
      },
    }
  }
}
