import type { Answer } from '../../src/wallet/answer.ts'

/** Members of every answer under their names in the specifications; a test finds out which are there. */
export type Body = {
  [member: string]: unknown
  error: string
  error_description: string
  request_uri: string
  expires_in: number
  access_token: string
  token_type: string
  authorization_details: { credential_configuration_id: string; credential_identifiers: string[] }[]
  c_nonce: string
  credentials: { credential: string }[]
  notification_id: string
  refresh_token: string
  transaction_id: string
}
export type TestAnswer = { status: number; headers: Headers; body: Body; text: string }

const secretNames = [
  'request_uri',
  'access_token',
  'refresh_token',
  'c_nonce',
  'transaction_id',
  'notification_id',
] as const

/** The answer, after every secret in it was noted. */
export function noteSecrets(answer: Answer, remember: (secret: string, kind: string) => unknown): TestAnswer {
  const body = answer.body as Body
  for (const name of secretNames) if (typeof body[name] === 'string') remember(body[name], name)
  for (const { credential } of Array.isArray(body.credentials) ? body.credentials : []) {
    if (typeof credential === 'string') remember(credential, 'credential')
  }
  return { ...answer, body }
}
