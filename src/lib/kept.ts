type Seconds<T> = {
  /** How long an answer holds, from when it came. */
  seconds: number | ((answer: T) => number)
  /** How long a failure does; default: it is told to those that waited for it, and kept for nobody else. */
  failureSeconds?: number
}

/**
 * What `ask` answers, kept for as long as it holds; callers at the same time share one request. What still holds is not given up because a
 * request for something newer failed, or before it has come.
 */
export function keptFor<T>(clock: () => Date, ask: () => Promise<T>, { seconds, failureSeconds = 0 }: Seconds<T>) {
  let last: { answer: Promise<T>; until: number } | undefined
  let coming: Promise<T> | undefined
  const holds = (): boolean => last !== undefined && clock().getTime() < last.until

  function begin(): Promise<T> {
    const answer = ask()
    const keep = (holdsFor: number) => {
      last = { answer, until: clock().getTime() + holdsFor * 1000 }
    }
    coming = answer
    answer.then(
      (value) => {
        coming = undefined
        keep(typeof seconds === 'number' ? seconds : seconds(value))
      },
      () => {
        coming = undefined
        if (!holds()) keep(failureSeconds)
      },
    )
    return answer
  }

  return {
    get: (): Promise<T> => (last && holds() ? last.answer : (coming ?? begin())),
    /** Asks anew, if it may; otherwise undefined. Who comes while it is on its way shares it, and needs no leave. */
    again: (may: () => boolean): Promise<T> | undefined => coming ?? (may() ? begin() : undefined),
    /** Gives up this answer, unless another came meanwhile. */
    drop(answer: Promise<T>): void {
      if (last?.answer === answer) last = undefined
    },
  }
}
export type Kept<T> = ReturnType<typeof keptFor<T>>

/** What is made once for a name and kept; of more than `most`, those go that were asked for longest ago. */
export function keptByName<T extends object>(most: number) {
  const known = new Map<string, T>()
  return (name: string, make: () => T): T => {
    const found = known.get(name) ?? make()
    known.delete(name)
    known.set(name, found) // the last in order is the one used last
    const [oldest] = known.keys()
    if (known.size > most && oldest !== undefined) known.delete(oldest)
    return found
  }
}
export type KeptByName<T extends object> = ReturnType<typeof keptByName<T>>
