import { hash } from 'node:crypto'
import { encodeBase64url } from '../lib/base64url.ts'
import { isObject } from '../lib/json.ts'
import type { ClaimPath, IssueRequest } from './format.ts'
import { inHelpings } from './helpings.ts'

type Members = Record<string, unknown>

const saltBytes = 16

/** Makes disclosures, each with a salt of its own, and remembers them. */
function discloser(random: IssueRequest['random']) {
  const disclosures: string[] = []
  const disclose = (...content: unknown[]): string => {
    const salt = random(saltBytes).toString('base64url')
    const disclosure = encodeBase64url(JSON.stringify([salt, ...content]))
    disclosures.push(disclosure)
    return hash('sha256', disclosure, 'base64url')
  }
  return { disclosures, disclose }
}

const digestsOf = ({ _sd = [] }: { _sd?: string[] }) => _sd

/**
 * Replaces the claims at the end of the withheld paths by digests (RFC 9901 §4.2), every element of an array where a path ends in null
 * (§4.2.4.2), and answers the disclosures. Longer paths come first, so that a withheld parent carries the digests of its withheld
 * children (§4.2.6). Decoys are digests of nothing (§4.2.5).
 */
export function withhold(
  claims: Members,
  paths: ClaimPath[],
  decoys: number,
  random: IssueRequest['random'],
): [Members, string[]] {
  const root = { ...claims }
  // The caller's claims are not to be changed: they go into the other copies of a batch.
  const copies = new Set([root])
  const draw = inHelpings(random)
  const { disclosures, disclose } = discloser(draw)
  for (const path of paths.toSorted((a, b) => b.length - a.length)) {
    const elements = path.at(-1) === null
    const steps = (elements ? path.slice(0, -1) : path) as string[]
    const name = steps.at(-1)
    const parent = name === undefined ? undefined : parentOf(root, steps, copies)
    if (!parent || name === undefined || !Object.hasOwn(parent, name) || parent[name] === undefined) continue
    const value = parent[name]
    if (elements) {
      if (Array.isArray(value)) parent[name] = value.map((element) => ({ '...': disclose(element) }))
      continue
    }
    const digest = disclose(name, value)
    delete parent[name]
    parent._sd = [...digestsOf(parent), digest]
  }
  if (decoys > 0) {
    const nothing = Array.from({ length: decoys }, () => hash('sha256', draw(saltBytes), 'base64url'))
    root._sd = [...digestsOf(root), ...nothing]
  }
  // Digests are random, so that sorted ones tell nothing of the order of the claims (RFC 9901 §4.2.4.1).
  for (const object of copies) if (object._sd) object._sd = digestsOf(object).toSorted()
  return [root, disclosures]
}

/** The object that holds the claim at the end of a path, copied on the way; undefined where the path leads nowhere. */
function parentOf(root: Members, steps: string[], copies: Set<Members>): Members | undefined {
  let parent = root
  for (const step of steps.slice(0, -1)) {
    const child: unknown = Object.hasOwn(parent, step) ? parent[step] : undefined
    if (!isObject(child)) return undefined
    const copy: Members = copies.has(child) ? child : { ...child }
    copies.add(copy)
    parent[step] = copy
    parent = copy
  }
  return parent
}
