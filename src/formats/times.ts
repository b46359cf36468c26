import { seconds } from '../lib/time.ts'
import type { IssueRequest } from './format.ts'

/**
 * How many seconds earlier a copy claims to have been issued, and expires: up to an hour, at most a twentieth of its
 * life. A random shift of its own for every copy, because verifiers who compare notes could tell by a common second
 * that two copies of a batch are one holder's (OpenID4VCI §15.4.1, VCI-128). Both ends are shifted, so that the life is
 * what was configured.
 */
export function backdatingSeconds({
  issuedAt,
  expiresAt,
  random,
}: Pick<IssueRequest, 'issuedAt' | 'expiresAt' | 'random'>): number {
  const most = Math.min(3600, Math.floor((seconds(expiresAt) - seconds(issuedAt)) / 20))
  return most > 0 ? random(4).readUInt32BE() % (most + 1) : 0
}
