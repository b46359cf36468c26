import { existsSync, readdirSync, readFileSync } from 'node:fs'

type Secret = { kind: string; text: string }

/** As many letters as a secret needs to be found anywhere; a shorter one (a PIN, a name) counts only as a whole word. */
const keyLength = 8
const shortest = 4

/** The secrets as written, as in a URL, and as in JSON. */
function readSecrets(file: string): Secret[] {
  if (!existsSync(file)) return []
  const forms = new Map<string, string>()
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const [kind, text] = JSON.parse(line) as [string, string]
    for (const form of [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]) forms.set(form, kind)
  }
  return [...forms].map(([text, kind]) => ({ kind, text })).filter(({ text }) => text.length >= shortest)
}

const isPartOfWord = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}._-]/u.test(letter)

function findIn(log: string, secrets: Map<string, Secret[]>, length: number): Secret | undefined {
  for (let at = 0; at + length <= log.length; at++) {
    for (const secret of secrets.get(log.slice(at, at + length)) ?? []) {
      if (!log.startsWith(secret.text, at)) continue
      const end = at + secret.text.length
      if (length === keyLength || !(isPartOfWord(log[at - 1]) || isPartOfWord(log[end]))) return secret
    }
  }
  return undefined
}

/** The captured logs of a folder. */
export const logsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.log'))

/** Searches the logs of a folder for the secrets noted in its `secrets.txt`. Answers a sentence per leak, never the secret. */
export function findLeaks(folder: string): string[] {
  const secrets = readSecrets(`${folder}/secrets.txt`)
  if (secrets.length === 0) return []
  const lengthOf = ({ text }: Secret): number => Math.min(text.length, keyLength)
  const lengths = [...Map.groupBy(secrets, lengthOf)].map(
    ([length, some]) => [length, Map.groupBy(some, ({ text }) => text.slice(0, length))] as const,
  )
  return logsIn(folder).flatMap((name) => {
    const log = readFileSync(`${folder}/${name}`, 'utf8')
    const found = lengths.flatMap(([length, byStart]) => findIn(log, byStart, length) ?? [])
    return found.map(({ kind }) => `${folder}/${name} (${kind})`)
  })
}
