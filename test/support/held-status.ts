import { decodeJwt } from 'jose'
import { fetchBitstringStatus, fetchStatus, type Status } from '../../src/wallet/status-list.ts'
import type { TestAnswer } from './answers.ts'
import { rootOf } from './read-sd-jwt.ts'

type Reference = { idx: number; uri: string }
type Trust = { issuer: string; now?: Date; fetch?: typeof globalThis.fetch }

/** Where the credentials of an answer have their status, if it is a Token Status List. */
export const referencesOf = ({ body }: Pick<TestAnswer, 'body'>): Reference[] =>
  body.credentials.flatMap(({ credential }: { credential: string }) => {
    const { status } = decodeJwt<{ status?: { status_list: Reference } }>(credential.split('~')[0]!)
    return status ? [status.status_list] : []
  })

/** The status of the first credential of an answer, as a verifier sees it who trusts the issuer's root. */
export async function heldStatus(
  answer: Pick<TestAnswer, 'body'>,
  { issuer, now = new Date(), fetch = globalThis.fetch }: Trust,
): Promise<Status> {
  const trust = { issuer, now, roots: [await rootOf(issuer, fetch)] }
  const { vc } = decodeJwt<{ vc?: { credentialStatus: unknown } }>(
    answer.body.credentials[0]!.credential.split('~')[0]!,
  )
  return vc
    ? fetchBitstringStatus(fetch, vc.credentialStatus, trust)
    : fetchStatus(fetch, referencesOf(answer)[0], trust)
}
