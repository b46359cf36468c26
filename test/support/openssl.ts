import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** OpenSSL's command line, as a reader that nobody here wrote; undefined where there is none. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

const folder = mkdtempSync(join(tmpdir(), 'claimgate-openssl-'))
let files = 0

function file(content: string | Buffer): string {
  const name = join(folder, String(files++))
  writeFileSync(name, content)
  return name
}

function openssl(...words: string[]): { isGood: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync('openssl', words, { encoding: 'utf8' })
  return { isGood: status === 0, said: `${stdout}${stderr}` }
}

/** Follows a certificate to its root, and looks whether the revocation list (DER) has it. */
export function verifyWithList(certificate: string, root: string, list: Buffer): { isGood: boolean; said: string } {
  const crl = file('')
  const read = openssl('crl', '-inform', 'DER', '-in', file(list), '-out', crl)
  if (!read.isGood) return read
  const words = ['-x509_strict', '-crl_check', '-CAfile', file(root), '-CRLfile', crl]
  return openssl('verify', ...words, file(certificate))
}

/** What OpenSSL reads in a certificate, in its words. */
export const textOf = (certificate: string): string => openssl('x509', '-noout', '-text', '-in', file(certificate)).said
