/** A moment as the clock and the calendar on the wall show it. */
export type Wall = { year: number; month: number; day: number; hour: number; minute: number; second: number }

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known) return known
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const made = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    ...numeric,
    second: 'numeric',
    hourCycle: 'h23',
    timeZone: zone,
  })
  formatters.set(zone, made)
  return made
}

/** What the wall of a time zone (a name of the IANA database) shows at a moment. */
export function wallOf(at: Date, zone: string): Wall {
  if (zone === 'UTC') {
    const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()]
    return { year, month, day, hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds() }
  }
  const parts = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  return { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, ...parts }
}

const asUtc = ({ year, month, day, hour, minute, second }: Wall): number => {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.setUTCHours(hour, minute, second)
}

/** Whether the calendar has such a day and the day such a time. */
export function isOnWalls(wall: Wall): boolean {
  const { day, month } = wallOf(new Date(asUtc(wall)), 'UTC')
  return day === wall.day && month === wall.month && wall.hour <= 23 && wall.minute <= 59 && wall.second <= 59
}

/**
 * The moment at which the wall of a time zone shows this. Where a clock is put back it shows a time twice: the first counts. What it leaves out
 * when it is put forward is counted on from before.
 */
export function momentOf(wall: Wall, zone: string): Date {
  const utc = asUtc(wall)
  if (zone === 'UTC') return new Date(utc)
  // The offset is looked up a day before and after: the two differ only where a clock is changed in between.
  const day = 86_400_000
  const candidates = [utc - day, utc + day].map((near) => utc - (asUtc(wallOf(new Date(near), zone)) - near))
  const right = candidates.find((at) => asUtc(wallOf(new Date(at), zone)) === utc)
  return new Date(right ?? candidates[0]!)
}
