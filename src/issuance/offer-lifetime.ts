import { durationSeconds } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { OfferRequest } from '../model/offer.ts'

/** Takes down a mistake: a pointer into the request, and a sentence. */
export type Wrong = (pointer: string, detail: string) => void

const hour = 3600
const day = 24 * hour
/** Without a PIN of at least 6 digits or a sign-in, also one before its page shows it, whoever finds the link has the credential: so it is short. */
const shortestSeconds = hour
const longestCodeSeconds = 7 * day
const longestSharedSeconds = 5 * 365 * day

type Kind = { byCode: boolean; shared: boolean; named: boolean; pin: { length: number } | undefined }

/** How long an offer lives, in seconds: what is asked for, the issuer's usual, within what is safe for its kind. */
export function lifetimeOf(
  { settings }: LiveIssuer,
  { expires_in }: OfferRequest,
  { byCode, shared, named, pin }: Kind,
  wrong: Wrong,
): number {
  const configured = settings.grants.pre_authorized_code?.expires_in
  const usual = byCode ? durationSeconds(configured ?? 'PT1H')! : shared ? 365 * day : 7 * day
  const guarded = named || (pin !== undefined && pin.length >= 6)
  const longest = byCode ? (guarded ? longestCodeSeconds : shortestSeconds) : longestSharedSeconds
  if (expires_in === undefined) return Math.min(usual, longest)
  const wanted = typeof expires_in === 'number' ? expires_in : durationSeconds(expires_in)!
  if (wanted > longest) {
    const reason =
      byCode && !guarded
        ? 'Without a PIN of at least 6 characters this is one hour at most.'
        : `This is ${longest} seconds at most.`
    wrong('/expires_in', reason)
  }
  return wanted
}
