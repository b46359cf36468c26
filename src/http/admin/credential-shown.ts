import { outward } from '../../lib/ids.ts'
import { after } from '../../lib/time.ts'
import { effectiveSeconds } from '../../status/publish.ts'
import type { StatedCredential } from '../../store/credential-rows.ts'

/** When every verifier that keeps to the `ttl` of the lists knows of a change. */
export const effectiveAt = (changedAt: Date): Date => after(changedAt, effectiveSeconds)

/** A credential in ids and states. */
export const shownCredential = ({ id, sessionId, configurationId, ...credential }: StatedCredential) => {
  const { status, reason, statusChangedAt, suspendedUntil, copies, listed, createdAt, expiresAt } = credential
  return {
    id: outward('crd', id),
    credential_configuration_id: configurationId,
    status,
    ...(reason !== undefined && { reason }),
    ...(suspendedUntil && { until: suspendedUntil.toISOString() }),
    ...(statusChangedAt && { status_changed_at: statusChangedAt.toISOString() }),
    // Where no list has a copy of it no verifier ever learns of it.
    ...(statusChangedAt && listed > 0 && { effective_at: effectiveAt(statusChangedAt).toISOString() }),
    session: outward('ses', sessionId),
    copies,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}
