const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** The arithmetic takes time that grows with the square of the length, and no key needs more. */
const mostLetters = 128

/** Base58 with the Bitcoin alphabet (draft-msporny-base58 §2 and §3), as Multibase's `z` has it: each leading 1 is a zero byte. */
export function encodeBase58(bytes: Buffer): string {
  const zeros = bytes.findIndex((byte) => byte !== 0)
  if (zeros < 0) return '1'.repeat(bytes.length)
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = letters[Number(rest % 58n)] + text
  return '1'.repeat(zeros) + text
}

/** The bytes (§4), or undefined for another letter and for a text too long to be a key. */
export function decodeBase58(text: string): Buffer | undefined {
  if (text.length > mostLetters) return undefined
  let sum = 0n
  for (const letter of text) {
    const digit = letters.indexOf(letter)
    if (digit < 0) return undefined
    sum = sum * 58n + BigInt(digit)
  }
  const hex = sum === 0n ? '' : sum.toString(16)
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  return Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')])
}
