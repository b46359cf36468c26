import { z } from 'zod'
import { isObject } from '../lib/json.ts'

/** A claims path pointer, OpenID4VCI Appendix C: a name, an index, or null for every element of an array. */
export const ClaimsPath = z
  .array(z.union([z.string(), z.int().min(0), z.null()]))
  .min(1)
  .max(20)
export type ClaimsPath = z.infer<typeof ClaimsPath>

/** What a wallet says of the claims that it wants (Appendix B.1). */
export const WantedClaims = z.array(z.looseObject({ path: ClaimsPath, mandatory: z.boolean().optional() })).max(200)
export type WantedClaims = z.infer<typeof WantedClaims>

const kindOf = (step: ClaimsPath[number] | undefined) =>
  step === undefined ? undefined : typeof step === 'string' ? 'object' : 'array'

/** Whether two paths contradict each other, Appendix B.3: the same claim twice, every element beside one, an object that is an array. */
function contradict(one: ClaimsPath, other: ClaimsPath): boolean {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [a, b] = [one[at], other[at]]
    if (a === undefined || b === undefined) return false // one is above the other
    if (a === b) continue
    return kindOf(a) !== kindOf(b) || a === null || b === null
  }
  return true
}

/** Whether some of these claims contradict each other. */
export const contradictory = (wanted: WantedClaims): boolean =>
  wanted.some(({ path }, at) => wanted.slice(0, at).some((earlier) => contradict(earlier.path, path)))

/**
 * What a pointer selects, Appendix C.1 for JSON and C.2 for an mdoc, whose claims are objects in namespaces here. What is not there
 * drops out; undefined if a step does not fit what it meets, or if nothing is left.
 */
export function selectClaims(claims: unknown, path: ClaimsPath, format: string): unknown[] | undefined {
  if (format === 'mso_mdoc' && (path.length < 2 || path.slice(0, 2).some((step) => typeof step !== 'string')))
    return undefined
  // The claims of a W3C credential stand in its credentialSubject, where its pointers begin outside of it.
  let selected: unknown[] = [format === 'jwt_vc_json' ? { credentialSubject: claims } : claims]
  for (const step of path) {
    const fits = typeof step === 'string' ? (value: unknown) => isObject(value) : Array.isArray
    if (!selected.every(fits)) return undefined
    selected = selected.flatMap((value) => {
      if (step === null) return value as unknown[]
      const holder = value as Record<string | number, unknown>
      return Object.hasOwn(holder, step) ? [holder[step]] : []
    })
    if (selected.length === 0) return undefined
  }
  return selected
}
