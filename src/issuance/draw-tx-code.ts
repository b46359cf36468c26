import { randomInt } from 'node:crypto'
import type { TxCode } from '../model/issuer.ts'

const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789' // none that people mix up

/** A PIN, every one as likely as another; leading zeros count. */
export function drawTxCode({ input_mode, length }: TxCode): string {
  const alphabet = input_mode === 'numeric' ? '0123456789' : letters
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}
