import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { findLeaks } from './support/leaks.ts'

function leaksIn(log: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'claimgate-leaks-'))
  const secrets = [
    ['access token', 'Zk3q-aVerySecretToken'],
    ['PIN', '0042'],
    ['claim', 'Zoë Byron'],
  ]
  writeFileSync(join(folder, 'secrets.txt'), secrets.map((secret) => `${JSON.stringify(secret)}\n`).join(''))
  writeFileSync(join(folder, 'node.log'), log)
  return findLeaks(folder).map((leak) => leak.slice(folder.length + 1))
}

test('a secret is found in a log wherever it stands, also inside a longer word and as part of a URL', (t) => {
  t.deepEqual(leaksIn('{"msg":"xZk3q-aVerySecretTokenx"}'), ['node.log (access token)'])
  t.deepEqual(leaksIn('{"path":"?name=Zo%C3%AB%20Byron"}'), ['node.log (claim)'])
  t.deepEqual(leaksIn('{"msg":"hello"}\n'), [])
})

test('a PIN is found as a whole word, not among the digits of a time', (t) => {
  t.deepEqual(leaksIn('{"pin":"0042"}'), ['node.log (PIN)'])
  t.deepEqual(leaksIn('{"time":1700420042,"ms":0042.5}'), [])
})
