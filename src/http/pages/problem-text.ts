import type { ErrorCode } from '../../protocol/errors.ts'
import type { PageContext } from './context.ts'
import { fillIn, isProblemKey, type ProblemKey, problemIn, type SentenceKey, sentencesIn } from './texts/index.ts'

export type ProblemPage = {
  /** `ProtocolError.code`; default: the problem's own. */
  error?: ErrorCode | undefined
  /** `ProtocolError.help`: the key of the problem. */
  help?: string | undefined
  /** `ProtocolError.fill`: display names for the text, such as `credential`, `provider`, `claim`. */
  fill?: Record<string, string> | undefined
  /** Where the main button leads; its label is the problem's own unless one is given. */
  action?:
    | { label?: SentenceKey & ('try-again' | 'sign-in-again' | 'other-account' | 'start-here'); href: string }
    | undefined
  /** The wallet's redirect URI with `error`, `state` and `iss`, if it is proven. */
  backToWallet?: string | undefined
  nothingAdded?: boolean | undefined
  /** The offer lives on until then. */
  openUntil?: Date | undefined
  /** Seconds after which another try may succeed. */
  retryAfter?: number | undefined
}
/** The problem as it is told: its key, its words, and what their braces were filled with. */
export type Told = { key: ProblemKey; title: string; text: string; values: Record<string, string> }

/** What to tell. An unknown key, and a text for which a value is missing, become `server-error`. */
export function tell({ language, issuer }: PageContext, { help, fill, retryAfter }: ProblemPage): Told {
  const say = sentencesIn(language)
  const values: Record<string, string> = {
    issuer: issuer?.name ?? say('default-issuer'),
    contact: issuer?.help?.name ?? issuer?.name ?? say('default-contact'),
    tenant: issuer?.name ?? say('default-issuer'),
    host: issuer?.host ?? '',
    provider: say('default-provider'),
    credential: say('default-credential'),
    wait: String(Math.max(1, Math.ceil((retryAfter ?? 60) / 10)) * 10),
    ...fill,
  }
  const told = (key: ProblemKey): Told => {
    const { title, text } = problemIn(language, key)
    return { key, title: fillIn(title, values), text: fillIn(text, values), values }
  }
  const lacks = (key: ProblemKey) =>
    Object.values(problemIn(language, key)).some((text) =>
      [...text.matchAll(/\{(\w+)\}/g)].some(([, name]) => !Object.hasOwn(values, name!)),
    )
  return told(isProblemKey(help) && !lacks(help) ? help : 'server-error')
}
