import { Optional } from '@marcbachmann/cel-js'
import { limits } from './fit.ts'
import { Unusable } from './unusable.ts'

/** A long text, such as a portrait: an expression may hand it on, and do nothing else with it. */
export class LongText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

// Too large to look at, but harmless as long as nobody does: the library asks every value for its constructor before it
// works on it, and turns only its own errors into an absent `optional`.
const untouchable = Object.defineProperty(Object.create(null) as object, 'constructor', {
  get: () => {
    throw new Unusable('A list, a text or an object of the source is too large for an expression.')
  },
})

type Budget = { left: number }

function inward(value: unknown, budget: Budget, depth: number): unknown {
  if (--budget.left < 0 || depth > limits.depth) return untouchable
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string') {
    if (value.length <= limits.characters) return value
    return value.length <= limits.dataUri ? new LongText(value) : untouchable
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.length > limits.items ? untouchable : value.map((item) => inward(item, budget, depth + 1))
  }
  return toCelMap(value, budget, depth)
}

/**
 * A source as CEL sees it: objects as maps without a prototype, safe integers as `int`. A member that is null is absent,
 * as it is in the short form; what is too large stops the expression that touches it.
 */
export function toCelMap(source: unknown, budget: Budget = { left: limits.values }, depth = 0): object {
  const map = new Map<string, unknown>()
  if (typeof source !== 'object' || source === null) return map
  const members = Object.entries(source)
  if (members.length > limits.items) return untouchable
  for (const [name, member] of members) {
    if (member !== null && member !== undefined) map.set(name, inward(member, budget, depth + 1))
  }
  return map
}

function outward(value: unknown, budget: Budget, depth: number): unknown {
  if (--budget.left < 0 || depth > limits.depth) throw new Unusable('The result of the expression is too large.')
  if (typeof value === 'bigint') return BigInt.asIntN(54, value) === value ? Number(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Optional) return value.hasValue() ? outward(value.value(), budget, depth + 1) : undefined
  if (value instanceof LongText) return value.text
  if (Array.isArray(value)) return value.map((item) => outward(item, budget, depth + 1))
  const isMap = value instanceof Map
  if (!isMap && Object.getPrototypeOf(value) !== Object.prototype) return value
  const target: Record<string, unknown> = {}
  for (const [name, member] of isMap ? value : Object.entries(value)) {
    const inner = outward(member, budget, depth + 1)
    // `fit` refuses a member named __proto__, so it must arrive there as one.
    if (inner !== undefined) Object.defineProperty(target, String(name), { value: inner, enumerable: true })
  }
  return target
}

/** The result of an expression as JSON; what has no JSON (a duration, an integer beyond 2^53) stays as it is. */
export const fromCel = (value: unknown): unknown => outward(value, { left: limits.values }, 0)
