import test from 'ava'
import { didYouMean } from '../../src/lib/nearest.ts'

test('A word that is near to a known one is taken for it, whatever the case, and a far one is not', (t) => {
  const known = ['id_token', 'userinfo', 'upperAscii', 'acr']
  const meant: [word: string, hint: string][] = [
    ['idtoken', ' Did you mean id_token?'],
    ['ID_TOKEN', ' Did you mean id_token?'],
    ['usreinfo', ' Did you mean userinfo?'],
    ['upper', ' Did you mean upperAscii?'],
    ['arc', ' Did you mean acr?'],
    ['person', ''],
    ['id_token', ''],
    ['', ''],
    ['x'.repeat(100_000), ''],
  ]
  for (const [word, hint] of meant) t.is(didYouMean(word, known), hint, word.slice(0, 20))
  t.is(
    didYouMean('idtoken', known, (name) => `${name}.a`),
    ' Did you mean id_token.a?',
  )
})
