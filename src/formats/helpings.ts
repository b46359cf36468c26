import type { IssueRequest } from './format.ts'

const bytesAtOnce = 512

/**
 * The same random bytes, each handed out once, drawn in larger helpings: a call to the system for every salt takes longer than making the
 * rest of a copy.
 */
export function inHelpings(random: IssueRequest['random']): IssueRequest['random'] {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    if (rest.length < bytes) rest = Buffer.from(random(Math.max(bytes, bytesAtOnce)))
    const part = rest.subarray(0, bytes)
    rest = rest.subarray(bytes)
    return part
  }
}
