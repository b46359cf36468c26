import type { ASTNode } from '@marcbachmann/cel-js'
import type { ClaimPlan, Source } from './evaluate.ts'
import { type Root, roots } from './short-form.ts'

/** What a rule may touch: a variable and the way into it. No steps: all of it. */
export type Read = { root: Root; steps: readonly string[] }

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value
const isRoot = (name: string): name is Root => (roots as readonly string[]).includes(name)

/** The member that a node takes of another one, where the expression itself says which. */
function stepOf(node: ASTNode): string | undefined {
  if (node.op === '.' || node.op === '.?') return typeof node.args[1] === 'string' ? node.args[1] : undefined
  if (node.op !== '[]' && node.op !== '[?]') return undefined
  const [, index] = node.args
  return index.op === 'value' && typeof index.args === 'string' ? index.args : undefined
}

/**
 * What an expression may touch, found without running it. A loop's variable that is called as a source counts as that source: rather
 * one name too many than a source that was not asked for.
 */
export function readsOfExpression(ast: ASTNode): Read[] {
  const reads: Read[] = []
  const visit = (value: unknown, steps: readonly string[]): void => {
    if (Array.isArray(value)) for (const entry of value) visit(entry, [])
    if (!isNode(value)) return
    if (value.op === 'id' && isRoot(value.args)) reads.push({ root: value.args, steps })
    const step = stepOf(value)
    if (step === undefined || !Array.isArray(value.args)) visit(value.args, [])
    else visit(value.args[0], [step, ...steps])
  }
  visit(ast, [])
  return reads
}

/** What one rule may touch. */
export const readsOfSource = (source: Source): readonly Read[] => {
  if (source.kind === 'from') return source.paths
  return source.kind === 'cel' ? source.expression.reads : []
}

/** What the rules of a credential may touch for a person of this identity provider (none: without a sign-in). */
export const readsOf = (plan: ClaimPlan, identityProvider?: string): readonly Read[] =>
  plan.claims.flatMap(({ source, byProvider, when }) => [
    ...(when?.reads ?? []),
    ...readsOfSource((identityProvider === undefined ? undefined : byProvider.get(identityProvider)?.source) ?? source),
  ])

/** Whether a member of a source is read: by its name, or with all of the source. */
export const readsMember = (reads: readonly Read[], of: string, name: string): boolean =>
  reads.some(({ root, steps: [first] }) => root === of && (first === undefined || first === name))
