import { gunzipSync, inflateSync } from 'node:zlib'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import { seconds } from '../lib/time.ts'
import { statusAt } from '../protocol/status-list-token.ts'
import { type Check, outcome } from './check.ts'
import { WalletError } from './errors.ts'
import type { Fetch } from './exchange.ts'
import { type Expected, verifySignature } from './verify-sd-jwt.ts'

export type Status = 'valid' | 'invalid' | 'suspended'
type Issuer = Omit<Expected, 'vct' | 'holderKey'>

const mostBytes = 4 * 2 ** 20
const refused = (message: string) => new WalletError('invalid_credential', message)

const Reference = z.looseObject({ idx: z.int().nonnegative(), uri: z.url({ protocol: /^https?$/ }) })
const Entry = z.looseObject({
  type: z.literal('BitstringStatusListEntry'),
  statusPurpose: z.enum(['revocation', 'suspension']),
  statusListIndex: z.string().regex(/^\d+$/),
  statusListCredential: z.url({ protocol: /^https?$/ }),
})

const Token = z.looseObject({
  sub: z.string(),
  iat: z.number(),
  exp: z.number().optional(),
  status_list: z.looseObject({ bits: z.literal([1, 2, 4, 8]), lst: z.string() }),
})
const ListCredential = z.looseObject({
  iss: z.string(),
  exp: z.number().optional(),
  vc: z.looseObject({
    type: z.array(z.string()),
    credentialSubject: z.looseObject({ statusPurpose: z.string(), encodedList: z.string().startsWith('u') }),
  }),
})

/** A signed list, verified as the credential was. Throws `invalid_credential`. */
async function fetchSigned(fetch: Fetch, url: string, typ: string, accept: string, issuer: Issuer): Promise<unknown> {
  const response = await fetch(url, { headers: { accept }, redirect: 'error' })
  if (response.status !== 200) throw refused(`The status list was answered with ${response.status}.`)
  const jws = (await response.text()).trim()
  const header = { ...decodeProtectedHeader(jws) }
  if (header.typ !== typ) throw refused('The status list is of another type.')
  await verifySignature({ jws, header }, issuer)
  return decodeJwt(jws)
}

function parsed<T extends { exp?: number | undefined }>(schema: z.ZodType<T>, payload: unknown, now: Date): T {
  const { data } = schema.safeParse(payload)
  if (!data) throw refused('The status list has something else where its entries should be.')
  if (data.exp !== undefined && data.exp <= seconds(now)) throw refused('The status list has expired.')
  return data
}

/** The status of a credential that has `status.status_list`, Token Status List §8.3. Throws `invalid_credential`. */
export async function fetchStatus(fetch: Fetch, reference: unknown, issuer: Issuer): Promise<Status> {
  const { idx, uri } = Reference.parse(reference)
  const payload = await fetchSigned(fetch, uri, 'statuslist+jwt', 'application/statuslist+jwt', issuer)
  const { sub, status_list } = parsed(Token, payload, issuer.now)
  if (sub !== uri) throw refused('The status list is another one.')
  const bytes = inflateSync(Buffer.from(status_list.lst, 'base64url'), { maxOutputLength: mostBytes })
  const status = (['valid', 'invalid', 'suspended'] as const)[statusAt({ bits: status_list.bits, bytes }, idx) ?? 3]
  if (!status) throw refused('The status list says nothing that this wallet knows.')
  return status
}

/** The status of a credential that has `credentialStatus`, Bitstring Status List §3.2. Throws `invalid_credential`. */
export async function fetchBitstringStatus(fetch: Fetch, entries: unknown, issuer: Issuer): Promise<Status> {
  const set: string[] = []
  for (const { statusPurpose, statusListIndex, statusListCredential } of z.array(Entry).parse(entries)) {
    const payload = await fetchSigned(fetch, statusListCredential, 'JWT', 'application/jwt', issuer)
    const { credentialSubject } = parsed(ListCredential, payload, issuer.now).vc
    if (credentialSubject.statusPurpose !== statusPurpose) throw refused('The status list has another purpose.')
    const compressed = Buffer.from(credentialSubject.encodedList.slice(1), 'base64url')
    const bytes = gunzipSync(compressed, { maxOutputLength: mostBytes })
    const index = Number(statusListIndex)
    const byte = bytes[Math.floor(index / 8)]
    if (byte === undefined) throw refused('The status list ends before the entry.')
    if (byte & (0x80 >> (index % 8))) set.push(statusPurpose)
  }
  return set.includes('revocation') ? 'invalid' : set.includes('suspension') ? 'suspended' : 'valid'
}

/** The check of a status, if the credential has one. */
export async function checkStatus(
  fetch: Fetch,
  { token, bitstring }: { token?: unknown; bitstring?: unknown },
  issuer: Issuer,
): Promise<Check[]> {
  if (token === undefined && bitstring === undefined) return []
  const work = async () => {
    const status =
      token === undefined
        ? await fetchBitstringStatus(fetch, bitstring, issuer)
        : await fetchStatus(fetch, token, issuer)
    if (status !== 'valid') throw refused(status === 'suspended' ? 'Suspended for now.' : 'Revoked.')
    return 'Neither suspended nor revoked.'
  }
  return [await outcome('status', work())]
}
