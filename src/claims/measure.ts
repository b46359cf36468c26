import type { ASTNode } from '@marcbachmann/cel-js'
import { limits } from './fit.ts'

/**
 * What a part of an expression may come to, at worst: its longest list and text, all its values together, and the steps to
 * get there. Growth by `+`, by literals and by loops is what chained loops could repeat without end.
 */
export type Measure = {
  items: number
  characters: number
  values: number
  steps: number
  /** It can only be a text: what is added to it is one, too. */
  text?: true
}

export const scalar: Measure = { items: 0, characters: 0, values: 1, steps: 1 }
/** A source: lists and texts as large as they may be, values as many as they hardly ever are. */
export const source: Measure = { items: limits.items, characters: limits.characters, values: 2560, steps: 1 }
const most: Measure = { items: 1024, characters: 131_072, values: 1_000_000, steps: 2_500_000 }
/** A regular expression, a time zone: dear among steps. */
export const dear = 50

/** Why an expression may not be saved, and at which of its characters. */
export class Refusal extends Error {
  readonly at: number
  /** What was probably meant. */
  readonly hint: string
  constructor(node: ASTNode, message: string, hint = '') {
    super(message)
    this.hint = hint
    this.at = node.range?.start ?? node.start
  }
}

/** Parts side by side. */
export function together(parts: readonly Measure[]): Measure {
  const largest = (of: (part: Measure) => number) => Math.max(0, ...parts.map(of))
  const sum = (of: (part: Measure) => number) => parts.reduce((total, part) => total + of(part), 1)
  return {
    items: largest(({ items }) => items),
    characters: largest(({ characters }) => characters),
    values: sum(({ values }) => values),
    steps: sum(({ steps }) => steps),
  }
}

/** Refuses what is more than the most; answers the measure otherwise. */
export function bearable(node: ASTNode, measure: Measure): Measure {
  for (const name of ['items', 'characters', 'values', 'steps'] as const) {
    if (measure[name] > most[name]) throw new Refusal(node, 'This can become too large or take too long.')
  }
  return measure
}
