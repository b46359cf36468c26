/** Whole seconds since 1970 of a moment, as JWTs write them (RFC 7519 §2, NumericDate). */
export const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000)

export const after = (moment: Date, durationSeconds: number): Date =>
  new Date(moment.getTime() + durationSeconds * 1000)

const iso = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/

/** The seconds of an ISO 8601 duration in weeks, days, hours, minutes and seconds (`P90D`, `PT15M`), or undefined if it is none. */
export function durationSeconds(text: string): number | undefined {
  const match = iso.exec(text)
  if (!match || text === 'P' || text.endsWith('T')) return undefined
  const [weeks, days, hours, minutes, rest] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + rest
}
