import { namesHost, verifyChain } from './certificates.ts'
import { type Check, outcome, say } from './check.ts'
import { WalletError } from './errors.ts'
import { isBoundTo, type Mdoc } from './mdoc.ts'

type Expected = {
  now: Date
  issuer: string
  doctype: string | undefined
  /** Thumbprint of the key it was asked for. */
  holderKey: string
  /** PEM of the issuer's roots. */
  roots: string[]
}

async function verifySignature(mdoc: Mdoc, { roots, now, issuer }: Expected): Promise<string> {
  const x5c = mdoc.x5chain.map((certificate) => certificate.toString('base64'))
  const { leaf, root } = verifyChain(x5c, roots, now)
  if (!mdoc.isSignedBy(leaf)) throw new WalletError('invalid_credential', 'The signature does not verify.')
  if (!mdoc.digestsMatch) throw new WalletError('invalid_credential', 'An element is not what was signed.')
  if (!namesHost(leaf, issuer))
    throw new WalletError('invalid_credential', 'The certificate of the signer does not name the host of the issuer.')
  return `Signed by ${leaf.subject.replaceAll('\n', ', ')}, certified by ${root.subject.replaceAll('\n', ', ')}.`
}

/** Every check of an mdoc, passed or not, in an order in which a person would ask. */
export const checkMdoc = async (mdoc: Mdoc, expected: Expected): Promise<Check[]> => [
  await outcome('signature', verifySignature(mdoc, expected)),
  say('type', mdoc.docType === expected.doctype, 'Of the type that was offered.', 'Of another type.'),
  say('holder_key', isBoundTo(mdoc, expected.holderKey), 'Bound to the key of this wallet.', 'Bound to another key.'),
  say('time', mdoc.validFrom <= expected.now && expected.now < mdoc.validUntil, 'Valid now.', 'Not valid now.'),
]
