export type Window = { now: Date; maxAgeSeconds: number; skewSeconds: number }

/**
 * Whether a proof of possession is of now: `iat` within the window, and `exp` and `nbf`, which nobody asks for, kept if
 * a wallet sends them (RFC 7519 §4.1.4 to §4.1.6). FAPI 2.0 §5.3.2.1 wants at least 10 s into the future and at most 60
 * s.
 * Answers what is wrong: `malformed` is for the developer, `clock` for the person whose device shows the wrong time.
 */
export function faultInTimes(payload: Record<string, unknown>, window: Window): 'malformed' | 'clock' | undefined {
  const { iat, exp, nbf } = payload
  const now = window.now.getTime() / 1000
  if (!isNumericDate(iat)) return 'malformed'
  if (iat > now + window.skewSeconds || iat < now - window.maxAgeSeconds) return 'clock'
  if (exp !== undefined && !isNumericDate(exp)) return 'malformed'
  if (nbf !== undefined && !isNumericDate(nbf)) return 'malformed'
  if (exp !== undefined && exp < now - window.skewSeconds) return 'clock'
  if (nbf !== undefined && nbf > now + window.skewSeconds) return 'clock'
  return undefined
}

const isNumericDate = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
