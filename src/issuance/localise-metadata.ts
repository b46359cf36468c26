type Members = Record<string, unknown>

/** A `display` array of the metadata: objects with a `locale`, or one without for everybody. */
type Displays = { locale?: string }[]

const languageOf = (tag: string) => tag.toLowerCase().split('-')[0]

/**
 * The display objects that fit the first language of which there are any, whole arrays where none fits. `wanted` are BCP 47 tags in
 * the order of `Accept-Language`.
 */
function chosen(displays: Displays, wanted: readonly string[]): Displays {
  for (const tag of wanted) {
    const exact = displays.filter(({ locale }) => locale?.toLowerCase() === tag.toLowerCase())
    if (exact.length > 0) return exact
    const same = displays.filter(({ locale }) => locale !== undefined && languageOf(locale) === languageOf(tag))
    if (same.length > 0) return same
  }
  return displays
}

/** Credential Issuer Metadata with only the display objects of the language that is wanted, and which those are (OpenID4VCI §12.2.2). */
export function localise(metadata: Members, wanted: readonly string[]): { metadata: Members; languages: string[] } {
  const languages = new Set<string>()
  const walk = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) {
      if (name !== 'display') return value.map((item) => walk(item, ''))
      const kept = chosen(value as Displays, wanted)
      for (const { locale } of kept) if (locale !== undefined) languages.add(locale)
      return kept
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, walk(inner, member)]))
  }
  return { metadata: walk(metadata, '') as Members, languages: [...languages].toSorted() }
}
