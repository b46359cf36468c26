import { isObject } from '../lib/json.ts'
import type { Sources } from '../model/claim-mapping.ts'
import { type Root, roots } from './short-form.ts'

const deepest = 3
const most = 200
const longest = 200

const step = (name: string): string =>
  /^[^.[\]"'\s]+$/.test(name) ? `.${name}` : `["${name.replaceAll(/["\\]/g, '\\$&')}"]`

/** The way to a member as rules write it: `userinfo.address.country`, `id_token["https://acme.example/role"]`. */
export const pathText = (root: string, names: readonly string[]): string => root + names.map(step).join('')

function waysInto(value: unknown, above: readonly string[]): string[][] {
  if (!isObject(value) || above.length >= deepest) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const here = [...above, name]
    const below = waysInto(member, here)
    return below.length > 0 ? below : [here]
  })
}

/** The paths of what a source holds, without what is there: names only, as many as somebody can look at. */
export const namesIn = (root: string, source: unknown): string[] =>
  waysInto(source, [])
    .slice(0, most)
    .map((names) => pathText(root, names))
    .filter((text) => text.length <= longest)

/** The same of everything that rules may read, beginning with the ID token. */
export const namesInSources = (sources: Sources): string[] =>
  roots
    .filter((root): root is Exclude<Root, 'session'> => root !== 'session')
    .flatMap((root) => namesIn(root, sources[root]))
