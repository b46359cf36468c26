export type Check = {
  name: 'signature' | 'issuer' | 'type' | 'holder_key' | 'time' | 'status'
  passed: boolean
  detail: string
}

export const say = (name: Check['name'], passed: boolean, yes: string, no: string): Check => ({
  name,
  passed,
  detail: passed ? yes : no,
})

/** A check that passes with what it answers, and fails with what it throws. */
export const outcome = (name: Check['name'], work: Promise<string>): Promise<Check> =>
  work.then(
    (detail) => ({ name, passed: true, detail }),
    (reason: unknown) => ({
      name,
      passed: false,
      detail: reason instanceof Error ? reason.message : 'It does not verify.',
    }),
  )
