import test from 'ava'
import * as fc from 'fast-check'
import { fillIn, languageOf, listIn, momentIn, sentencesIn } from '../../src/http/pages/texts/index.ts'
import * as germanProblems from '../../src/http/pages/texts/problems/de.ts'
import * as englishProblems from '../../src/http/pages/texts/problems/en.ts'
import * as germanSentences from '../../src/http/pages/texts/sentences/de.ts'
import * as englishSentences from '../../src/http/pages/texts/sentences/en.ts'

const en = { ...englishSentences, ...englishProblems }
const de = { ...germanSentences, ...germanProblems }

const flat = (texts: { sentences: object; problems: object }): Record<string, string> => ({
  ...texts.sentences,
  ...Object.fromEntries(
    Object.entries(texts.problems).flatMap(([key, problem]) =>
      Object.entries(problem as Record<string, string>).map(([part, text]) => [`${key}.${part}`, text]),
    ),
  ),
})
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

test('every text exists in English and German under the same key and with the same placeholders', (t) => {
  const [english, german] = [flat(en), flat(de)]
  t.deepEqual(Object.keys(german).sort(), Object.keys(english).sort())
  for (const [key, text] of Object.entries(english)) {
    t.deepEqual([...new Set(placeholders(german[key]!))], [...new Set(placeholders(text))], key)
    t.true(text.trim().length > 0 && german[key]!.trim().length > 0, key)
  }
})

test('a person reads no technical word, no exclamation mark and no apology', (t) => {
  const forPeople = [en, de]
    .flatMap((texts) => Object.entries(flat(texts)))
    .filter(([key]) => !key.startsWith('start-'))
  for (const [key, text] of forPeople)
    t.notRegex(text, /\bcredentials?\b(?!\})|token|\bclaims?\b(?!\})|session|!|sorry/i, key)
})

test('RFC 9110 §12.5.4: the language is the supported one with the greatest weight, and `lang` in the address wins', (t) => {
  const wishes = [
    [undefined, undefined, 'en'],
    ['de', undefined, 'de'],
    ['de-AT,en;q=0.8', undefined, 'de'],
    ['en;q=0.4, de;q=0.9', undefined, 'de'],
    ['de;q=0.4, en;q=0.9', undefined, 'en'],
    ['fr, sv;q=0.9, de;q=0.1', undefined, 'de'],
    ['de;q=0, en', undefined, 'en'],
    ['de;q=0', undefined, 'en'],
    ['fr', undefined, 'en'],
    ['*', undefined, 'en'],
    ['constructor', '__proto__', 'en'],
    ['en', 'de', 'de'],
    ['de', 'en', 'en'],
    ['de', 'fr', 'de'],
    [';;q=,,', undefined, 'en'],
  ] as const
  for (const [header, asked, language] of wishes) t.is(languageOf(header, asked), language, `${header} ${asked}`)
})

test('RFC 9110 §12.5.4: no Accept-Language header, however broken, is an error', async (t) => {
  await fc.assert(fc.property(fc.string(), (header) => ['en', 'de'].includes(languageOf(header))))
  t.pass()
})

test('a moment is written in the time zone of the tenant, with the year only when it is another one', (t) => {
  const [moment, now] = [new Date('2026-12-31T23:30:00Z'), new Date('2026-11-24T12:00:00Z')]
  t.is(momentIn('en', moment, 'UTC', now), '31 December, 23:30')
  t.is(momentIn('en', moment, 'Europe/Berlin', now), '1 January 2027, 00:30')
  t.is(momentIn('de', moment, 'Europe/Berlin', now), '1. Januar 2027, 00:30 Uhr')
  t.is(momentIn('de', moment, 'Europe/Berlin'), '1. Januar, 00:30 Uhr')
})

test('a list reads as the language writes one', (t) => {
  t.is(listIn('en', ['A', 'B']), 'A and B')
  t.is(listIn('de', ['A', 'B', 'C']), 'A, B und C')
})

test('a value that is filled in is never read for placeholders of its own', (t) => {
  t.is(fillIn('{a} {b} {c}', { a: '{b}', b: '{constructor}' }), '{b} {constructor} {c}')
  t.is(fillIn('{constructor}', {}), '{constructor}')
  t.is(sentencesIn('de')('offer-from', { issuer: '{time}' }), '{time} hat etwas für Sie')
})
