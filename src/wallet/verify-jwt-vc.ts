import { decodeJwt, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import { seconds } from '../lib/time.ts'
import { type Check, outcome, say } from './check.ts'
import { WalletError } from './errors.ts'
import { type Expected, isBoundTo, verifySignature } from './verify-sd-jwt.ts'

const Payload = z.looseObject({
  iss: z.string(),
  nbf: z.number().optional(),
  exp: z.number().optional(),
  cnf: z.looseObject({ jwk: z.record(z.string(), z.unknown()) }).optional(),
  vc: z.looseObject({ type: z.array(z.string()), credentialSubject: z.record(z.string(), z.unknown()) }),
})

/** A W3C credential as JWT (VCDM 1.1), taken apart. Nothing in it is to be believed before it was checked. */
export type JwtVc = { jws: string; header: Record<string, unknown>; payload: z.infer<typeof Payload> }

/** Throws `invalid_credential`. */
export function decodeJwtVc(jws: string): JwtVc {
  try {
    return { jws, header: { ...decodeProtectedHeader(jws) }, payload: Payload.parse(decodeJwt(jws)) }
  } catch {
    throw new WalletError('invalid_credential', 'This is no credential as JWT.')
  }
}

/** Every check of it, passed or not, in an order in which a person would ask. `types` are those of the metadata. */
export async function checkJwtVc(
  credential: JwtVc,
  expected: Omit<Expected, 'vct'> & { types: readonly string[] | undefined },
): Promise<Check[]> {
  const { iss, nbf = 0, exp = Number.POSITIVE_INFINITY, cnf, vc } = credential.payload
  const now = seconds(expected.now)
  const isBound = isBoundTo(cnf, expected.holderKey)
  const isOfType = expected.types?.every((type) => vc.type.includes(type)) ?? false
  return [
    await outcome('signature', verifySignature(credential, expected)),
    say('issuer', iss === expected.issuer, 'From the issuer of the offer.', 'From another issuer.'),
    say('type', isOfType, 'Of the type that was offered.', 'Of another type.'),
    say('holder_key', isBound, 'Bound to the key of this wallet.', 'Bound to another key.'),
    say('time', nbf <= now && now < exp, 'Valid now.', 'Not valid now.'),
  ]
}
