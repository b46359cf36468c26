import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  X509Certificate,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509'
import { after, seconds } from '../lib/time.ts'
import { daySeconds, rootSigning, signingKeyOf } from './x509.ts'

export type RevokedCertificate = { serial: string; revokedAt: Date }

const hourMs = 3_600_000
/** So long a list holds for who has it already (`nextUpdate`); a new one is there every hour. */
const validDays = 7

/**
 * When the list that holds at `now` was made: at the full hour, or when the last certificate was revoked. So all nodes give a list the
 * same dates and the same number.
 */
export const listedAt = (now: Date, revoked: readonly RevokedCertificate[]): Date =>
  new Date(
    Math.max(Math.floor(now.getTime() / hourMs) * hourMs, ...revoked.map(({ revokedAt }) => revokedAt.getTime())),
  )

/** RFC 5280 §5.2.3: the number of a list, which grows from list to list. */
function crlNumber(moment: Date): Extension {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(seconds(moment)))
  const bytes = number.subarray(number.findIndex((byte) => byte !== 0))
  const positive = bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes])
  return new Extension('2.5.29.20', false, Buffer.concat([Buffer.from([0x02, positive.length]), positive]))
}

/** The certificate revocation list of a tenant's root, RFC 5280 §5, ISO/IEC 18013-5 Annex B.1.5. Answers DER. */
export async function makeRevocationList(list: {
  root: Buffer
  rootKey: Buffer
  revoked: readonly RevokedCertificate[]
  thisUpdate: Date
}): Promise<Buffer> {
  const { rootKey, revoked, thisUpdate } = list
  const root = new X509Certificate(list.root)
  const crl = await X509CrlGenerator.create(
    {
      issuer: root.subjectName,
      thisUpdate,
      nextUpdate: after(thisUpdate, validDays * daySeconds),
      signingAlgorithm: rootSigning,
      signingKey: signingKeyOf(rootKey),
      entries: revoked.map(({ serial, revokedAt }) => ({
        serialNumber: serial,
        revocationDate: revokedAt,
        reason: X509CrlReason.keyCompromise,
      })),
      extensions: [
        await AuthorityKeyIdentifierExtension.create(root.publicKey, false, webcrypto),
        crlNumber(thisUpdate),
      ],
    },
    webcrypto,
  )
  return Buffer.from(crl.rawData)
}
