import { appendFileSync } from 'node:fs'

/**
 * Notes a secret (token, code, PIN, handle, claim value) that a test helper made; `npm test` looks for it in every captured log.
 * Outside `npm test` it does nothing. Answers the secret itself.
 */
export function remember(secret: string, kind = 'secret'): string {
  const folder = process.env.TEST_LOG_DIR
  if (folder !== undefined) appendFileSync(`${folder}/secrets.txt`, `${JSON.stringify([kind, secret])}\n`)
  return secret
}
