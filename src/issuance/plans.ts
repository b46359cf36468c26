import type { ClaimPlan } from '../claims/evaluate.ts'
import { compilePlan } from '../claims/plan.ts'
import { formats } from '../formats/index.ts'
import type { LiveConfiguration } from '../model/live.ts'

const plans = new WeakMap<LiveConfiguration, ClaimPlan>()

/** The compiled rules of a configuration, compiled once for as long as a node keeps it. They were checked when they were saved. */
export function planOf(configuration: LiveConfiguration): ClaimPlan {
  const known = plans.get(configuration)
  if (known) return known
  const { format, timeZone } = configuration
  const compiled = compilePlan(configuration, { reservedClaims: formats.get(format)!.reservedClaims, timeZone })
  if ('mistakes' in compiled) throw new Error(`The claim rules of ${configuration.id} do not compile.`)
  plans.set(configuration, compiled.plan)
  return compiled.plan
}
