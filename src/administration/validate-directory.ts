import type { ClaimPlan } from '../claims/evaluate.ts'
import { type Read, readsOfSource } from '../claims/reads.ts'
import { connectorSettings } from '../connectors/index.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

/** Why the directory of a provider does not tell `user` at these steps; undefined also where its settings have mistakes of their own. */
export function lackOf(
  provider: TenantFile['identity_providers'][string] | undefined,
  steps: readonly string[],
): string | undefined {
  const checked = provider && connectorSettings(provider)
  if (!checked || 'mistakes' in checked) return undefined
  const { connector, settings } = checked
  return connector.lacks ? connector.lacks(settings, steps) : `providers of kind ${connector.kind} have no directory`
}

/**
 * Rules that read `user` for the people of a provider that cannot tell it: they would find nothing, and nobody would learn why. `serving`
 * are the providers after whose sign-in the credential is issued.
 */
export function directoryMistakes(
  { claims }: ClaimPlan,
  serving: readonly string[],
  providers: TenantFile['identity_providers'],
): Mistake[] {
  const lackIn = (reads: readonly Read[], id: string) =>
    reads
      .filter(({ root }) => root === 'user')
      .map(({ steps }) => lackOf(providers[id], steps))
      .find((one) => one !== undefined)
  return claims.flatMap(({ key, source, byProvider, when }) =>
    serving.flatMap((id): Mistake[] => {
      const override = byProvider.get(id)
      const read = override?.source ?? source
      const remedy = override ? '' : ` Mend that, or say under by_provider what stands for it at ${id}.`
      const places = [
        { path: [...(override ? ['by_provider', id] : []), read.kind], reads: readsOfSource(read), remedy },
        { path: ['when'], reads: when?.reads ?? [], remedy: '' },
      ]
      return places.flatMap(({ path, reads, remedy }) => {
        const lack = lackIn(reads, id)
        if (lack === undefined) return []
        const detail = `The rule reads user, but for ${id}: ${lack}.${remedy}`
        return [{ pointer: pointerTo(['claims', key, ...path]), detail }]
      })
    }),
  )
}
