import test from 'ava'
import * as fc from 'fast-check'
import { normaliseEmail } from '../../src/lib/email.ts'

const swapCase = (text: string) =>
  text.replace(/[a-zA-Z]/g, (letter) => (/[a-z]/.test(letter) ? letter.toUpperCase() : letter.toLowerCase()))
const word = fc.stringMatching(/^[a-zA-Z0-9+._-]{1,20}$/)
const domain = fc.stringMatching(/^[a-z]{1,10}\.example$/)

test('of an e-mail address the case of letters is no difference, in the domain its spelling for DNS neither', (t) => {
  t.is(normaliseEmail('Alice@ACME.Example'), 'alice@acme.example')
  t.is(normaliseEmail('alice@bücher.example'), normaliseEmail('ALICE@xn--bcher-kva.example'))
  t.is(normaliseEmail('"a@b"@acme.example'), '"a@b"@acme.example')
})

test('a look-alike, a tag and a dot make another mailbox', (t) => {
  const all = ['mike', 'mi\u212ae', 'm\u0131ke', 'mike+1', 'm.ike', 'mi\u017fe', 'mise', 'm\u0456ke']
  t.is(new Set(all.map((local) => normaliseEmail(`${local}@acme.example`))).size, all.length)
})

test('what is no e-mail address has no form to compare', (t) => {
  const all = [
    '',
    '@',
    'alice',
    'alice@',
    '@acme.example',
    'a b@acme.example',
    'a@b c',
    'a\0@acme.example',
    'a@[',
    'a@b@',
  ]
  for (const text of all) t.is(normaliseEmail(text), undefined, text)
  t.is(normaliseEmail(`${'a'.repeat(250)}@acme.example`), undefined)
})

test('normalised twice is normalised once, in any case, and no two addresses of other letters meet', async (t) => {
  const address = fc.tuple(word, domain).map((parts) => parts.join('@'))
  await fc.assert(
    fc.property(address, address, (one, other) => {
      const form = normaliseEmail(one)
      return (
        form === normaliseEmail(swapCase(one)) &&
        form === normaliseEmail(form ?? '') &&
        (form === normaliseEmail(other)) === (one.toLowerCase() === other.toLowerCase())
      )
    }),
  )
  await fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => (normaliseEmail(text) ?? '@').includes('@')))
  t.pass()
})
