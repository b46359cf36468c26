import { problems as germanProblems } from './problems/de.ts'
import { problems as englishProblems } from './problems/en.ts'
import { sentences as german } from './sentences/de.ts'
import { sentences as english } from './sentences/en.ts'

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const sentences = { en: english, de: german }
const problems = { en: englishProblems, de: germanProblems }

type Sentences = typeof english
export type SentenceKey = keyof Sentences
export type ProblemKey = keyof typeof englishProblems

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never
type Filling<Key extends SentenceKey> = [Placeholder<Sentences[Key]>] extends [never]
  ? []
  : [values: Record<Placeholder<Sentences[Key]>, string>]

/** Says one sentence; the compiler asks for a value of each of its placeholders. */
export type Say = <Key extends SentenceKey>(key: Key, ...values: Filling<Key>) => string

/** Puts values into the braces of a text. A value is never read again for braces of its own. */
export const fillIn = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (brace, name: string) => (Object.hasOwn(values, name) ? values[name]! : brace))

/** The sentences of a language. */
export const sentencesIn =
  (language: Language): Say =>
  (key, ...[values]) =>
    fillIn(sentences[language][key], values ?? {})

/** Title and text of a problem, its braces not yet filled in. */
export const problemIn = (language: Language, key: ProblemKey): { title: string; text: string } =>
  problems[language][key]

export const isProblemKey = (key: string | undefined): key is ProblemKey =>
  key !== undefined && Object.hasOwn(englishProblems, key)

const isLanguage = (tag: string | undefined): tag is Language => tag !== undefined && Object.hasOwn(languages, tag)

/**
 * The language of a page: what `?lang=` asks for, else the best of `Accept-Language` (RFC 9110 §12.5.4, by weight,
 * then by place), else English. `de-AT` is served German.
 */
export function languageOf(acceptLanguage: string | undefined, asked?: string): Language {
  if (isLanguage(asked)) return asked
  const wishes = (acceptLanguage ?? '').split(',').map((entry) => {
    const [tag, ...parameters] = entry
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/)
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    return { language: tag!.split('-')[0]!, weight: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
  })
  const best = wishes.filter(({ language, weight }) => isLanguage(language) && weight > 0)
  const first = best.sort((a, b) => b.weight - a.weight)[0]?.language
  return isLanguage(first) ? first : 'en'
}

/** A moment as people of a language write it, with the clock of the time zone; the year only where `now` is in another. */
export function momentIn(language: Language, moment: Date, timeZone: string, now?: Date): string {
  const format = (options: Intl.DateTimeFormatOptions, at = moment) =>
    new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { ...options, timeZone }).format(at)
  const year = { year: 'numeric' } as const
  const otherYear = now !== undefined && format(year, now) !== format(year)
  const day = format({ day: 'numeric', month: 'long', ...(otherYear && year) })
  const time = format({ hour: '2-digit', minute: '2-digit' })
  return language === 'de' ? `${day}, ${time} Uhr` : `${day}, ${time}`
}

/** Names as a list in the language's own way: "A, B and C". */
export const listIn = (language: Language, names: readonly string[]): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(names)
