import { TenantFile, type WrittenTenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { mistakesOf, stepsOf } from '../protocol/mistakes.ts'
import { membersOf } from './members-of.ts'
import { type ValidationOptions, validateTenant } from './validate-tenant.ts'

/** How much must go so that the rest can still be looked at: a credential configuration, an issuer, a provider, one setting. */
function brokenPart(steps: string[]): string[] {
  if (steps[0] !== 'issuers') return steps.slice(0, 2)
  return steps[2] === 'credential_configurations' && steps.length > 3 ? steps.slice(0, 4) : steps.slice(0, 2)
}

function soundPart(raw: unknown, mistakes: Mistake[]): TenantFile | undefined {
  const copy = structuredClone(membersOf(raw))
  for (const { pointer } of mistakes) {
    const steps = brokenPart(stepsOf(pointer))
    const holder = steps.slice(0, -1).reduce((value, step) => membersOf(value[step]), copy)
    delete holder[steps.at(-1) ?? '']
  }
  return TenantFile.safeParse({ ...copy, tenant: 'sound-part' }).data
}

/**
 * Parses a tenant with everything below it. All mistakes come at once: what the schemas find, and, in the part they find nothing in,
 * what only `validateTenant` sees. `written` is what was given, now that it is known to be one.
 */
export function checkTenant(
  raw: unknown,
  options: Omit<ValidationOptions, 'written'>,
): { file: TenantFile; written: WrittenTenantFile } | { mistakes: Mistake[] } {
  const parsed = TenantFile.safeParse(raw)
  if (parsed.success) {
    const mistakes = validateTenant(parsed.data, { ...options, written: raw })
    return mistakes.length > 0 ? { mistakes } : { file: parsed.data, written: raw as WrittenTenantFile }
  }
  const mistakes = mistakesOf(parsed.error)
  const sound = soundPart(raw, mistakes)
  return { mistakes: [...mistakes, ...(sound ? validateTenant(sound, { ...options, written: raw }) : [])] }
}
