import type { ASTNode } from '@marcbachmann/cel-js'
import { didYouMean } from '../lib/nearest.ts'
import { callable, checkSpelled, loops, measureResult, text } from './callable.ts'
import { substitutes } from './functions.ts'
import { bearable, type Measure, Refusal, scalar, source, together } from './measure.ts'
import { type Fault, roots } from './short-form.ts'

type Scope = ReadonlyMap<string, Measure>

const measureAll = (nodes: readonly ASTNode[], scope: Scope, depth: number) =>
  nodes.map((node) => measure(node, scope, depth))

function measureLoop(
  node: ASTNode,
  name: string,
  over: ASTNode,
  args: readonly ASTNode[],
  scope: Scope,
  depth: number,
) {
  if (depth === 2) throw new Refusal(node, 'Loops nest at most twice.')
  const range = measure(over, scope, depth)
  const rounds = Math.min(range.items, range.values)
  // Each round has its share of the values; what a round does is linear in them, so the sum over all rounds is right.
  const share = { ...range, values: range.values / Math.max(1, rounds), steps: 1 }
  const variable = args[0]?.op === 'id' ? args[0].args : ''
  const body = together(measureAll(args.slice(1), new Map(scope).set(variable, share), depth + 1))
  const steps = range.steps + rounds * (body.steps + 1)
  if (name === 'filter') return { ...range, steps }
  if (name !== 'map') return { ...scalar, steps }
  return { ...together([range, body]), values: 1 + rounds * body.values, steps }
}

function measureCall(
  node: ASTNode,
  name: string,
  receiver: ASTNode | undefined,
  args: readonly ASTNode[],
  scope: Scope,
  depth: number,
): Measure {
  if (!callable.has(name)) throw new Refusal(node, `There is no function ${name} here.`, didYouMean(name, callable))
  const [first] = args
  if (receiver && loops.has(name)) return measureLoop(node, name, receiver, args, scope, depth)
  if (receiver && name === 'bind' && first?.op === 'id' && args[1]) {
    const bound = measure(args[1], scope, depth)
    const inner = measureAll(args.slice(2), new Map(scope).set(first.args, { ...bound, steps: 1 }), depth)
    return { ...together(inner), steps: together([bound, ...inner]).steps }
  }
  checkSpelled(node, name, args)
  return measureResult(name, args, together(measureAll(receiver ? [receiver, ...args] : args, scope, depth)))
}

function measure(node: ASTNode, scope: Scope, depth: number): Measure {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'string' ? text(node.args.length) : scalar
    case 'id':
      return scope.get(node.args) ?? ((roots as readonly string[]).includes(node.args) ? source : scalar)
    case '.':
    case '.?':
      return together([measure(node.args[0], scope, depth)])
    case '!_':
    case '-_':
      return together([measure(node.args, scope, depth)])
    case 'call':
      return bearable(node, measureCall(node, node.args[0], undefined, node.args[1], scope, depth))
    case 'rcall': {
      const [name, receiver, args] = node.args
      const measured = bearable(node, measureCall(node, name, receiver, args, scope, depth))
      node.args[0] = substitutes.get(name) ?? name
      return measured
    }
    case 'list':
    case 'map': {
      const entries = node.op === 'map' ? node.args.flat() : node.args
      const whole = together(measureAll(entries, scope, depth))
      return bearable(node, { ...whole, items: Math.max(whole.items, entries.length) })
    }
    default: {
      const parts = measureAll(node.args, scope, depth)
      const [left = scalar, right = scalar] = parts
      const whole = together(parts)
      if (node.op === '+') {
        const characters = left.characters + right.characters
        if (left.text || right.text) return bearable(node, { ...text(characters), steps: whole.steps })
        return bearable(node, { ...whole, items: left.items + right.items, characters })
      }
      if (node.op === '?:' || node.op === '||' || node.op === '&&' || node.op === '[]' || node.op === '[?]')
        return whole
      const compared = node.op === 'in' ? right.values / 8 : Math.min(left.values, right.values)
      return bearable(node, { ...scalar, steps: whole.steps + compared })
    }
  }
}

/**
 * Walks over an expression before it may be saved: only the functions meant for claims, loops nested at most twice, patterns
 * on RE2, and nothing whose size or time could get out of hand. Renames `matches`, `split` and `join` to our own in place.
 */
export function guard(ast: ASTNode): Fault | undefined {
  try {
    measure(ast, new Map(), 0)
    return undefined
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { detail: error.message, column: error.at + 1, hint: error.hint }
  }
}
