/** How many letters must be added, taken away, changed or swapped with their neighbour to make one word of the other. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const [above, here] = [rows[row - 1]!, [row]]
    for (let column = 1; column <= b.length; column++) {
      const changed = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwap ? rows[row - 2]![column - 2]! + 1 : changed
      here.push(Math.min(changed, swapped, above[column]! + 1, here[column - 1]! + 1))
    }
    rows.push(here)
  }
  return rows[a.length]![b.length]!
}

/** The known word that was probably meant; undefined if none is near. Upper and lower case count as the same. */
function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined
  const [wanted, most] = [word.toLowerCase(), Math.max(1, Math.floor(word.length / 3))]
  let [found, least]: [string | undefined, number] = [undefined, most + 1]
  for (const candidate of known) {
    const isBeginning = wanted.length > 2 && candidate.toLowerCase().startsWith(wanted)
    const away = isBeginning ? 1 : distance(wanted, candidate.toLowerCase())
    if (away < least) [found, least] = [candidate, away]
  }
  return found
}

/** A sentence that says what was probably meant, to be added to another; empty if nobody can tell. */
export function didYouMean(word: string, known: Iterable<string>, whole = (name: string): string => name): string {
  const near = nearest(word, known)
  return near === undefined || near === word ? '' : ` Did you mean ${whole(near)}?`
}
