import type { ClaimPlan } from '../claims/evaluate.ts'
import { readsOfSource } from '../claims/reads.ts'
import { connectorSettings } from '../connectors/index.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

/** Why rules cannot read `user` at these steps for a provider's people; undefined also where its settings have mistakes of their own. */
function lackOf(
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
  return claims.flatMap(({ key, source, byProvider }) =>
    serving.flatMap((id): Mistake[] => {
      const override = byProvider.get(id)
      const { kind } = override ?? source
      const lacks = readsOfSource(override ?? source)
        .filter(({ root }) => root === 'user')
        .map(({ steps }) => lackOf(providers[id], steps))
      const lack = lacks.find((one) => one !== undefined)
      if (lack === undefined) return []
      const pointer = pointerTo(['claims', key, ...(override ? ['by_provider', id] : []), kind])
      const remedy = override ? '' : ` Mend that, or say under by_provider what stands for it at ${id}.`
      return [{ pointer, detail: `The rule reads user, but for ${id}: ${lack}.${remedy}` }]
    }),
  )
}
