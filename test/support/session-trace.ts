import type { ExecutionContext } from 'ava'
import { faultHelp } from '../../src/model/faults/index.ts'
import type { TestNode } from './node.ts'
import type { Page } from './plain-browser.ts'
import { apiKey } from './tenant.ts'
import { helpOf, personAt, wayBackOf } from './way.ts'

type Json = Record<string, unknown>
export type TracedEvent = {
  type: string
  leg?: string
  reference?: string
  details: Json
  cause?: string
  fix?: string
}
export type Trace = {
  id: string
  state: string
  events: TracedEvent[]
  credentials: unknown[]
  unfinished?: Json
  /** All that the API answered. */
  text: string
}
type Node = Pick<TestNode, 'url' | 'services'>

/** The trace of a session of the issuer `staff`, found by its id, or by the reference that a person read on a page. */
export async function traceOf(at: Node, by: string, issuer = 'staff'): Promise<Trace> {
  const sessions = `${at.url}/api/v1/tenants/test/issuers/${issuer}/sessions`
  const url = by.startsWith('ses_') ? `${sessions}/${by}` : `${sessions}?reference=${by}`
  const answer = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`No trace (status ${answer.status}).`)
  return { ...(JSON.parse(text) as Omit<Trace, 'text'>), text }
}

export const referenceOn = ({ text }: Pick<Page, 'text'>): string =>
  /class="number">([0-9A-Z-]+)</.exec(text)?.[1] ?? ''

/** Where a page offers a new try. */
export const retryOn = ({ text }: Pick<Page, 'text'>): string =>
  /href="([^"]+\/authorize\?session=[^"]+)"/.exec(text)?.[1] ?? ''

/** The session that began last. */
export async function newestSession({ services }: Node): Promise<string> {
  const row = await services.database.db('sessions').orderBy('id', 'desc').first('id')
  return `ses_${row?.id}`
}

let turn = 0
/** Somebody with a browser of their own that stops where the wallet is called: by turns one who reads English and one who reads German. */
export function anybody(redirectUri: string, fetch: typeof globalThis.fetch = globalThis.fetch) {
  turn += 1
  const language = turn % 2 === 0 ? 'de' : 'en'
  const speaking: typeof fetch = (input, init) =>
    fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), 'accept-language': language } })
  return { language, ...personAt(redirectUri, speaking) }
}

/** What is told of a fault: the page, and the code that the wallet gets. */
export type Told = { help: string; error: string }

/**
 * Sees that a fault is told to the person (the page, in their language, with a reference), to the wallet (its code, by the page's way
 * back; none where `wallet` is none) and to the operator (cause, fix and facts in the trace, with nothing of the person or secret).
 */
export async function assertTold(
  t: ExecutionContext,
  at: Node,
  page: Page,
  told: Told & { fault: string; language: string; wallet?: { issuer: string; state: string }; facts?: Json },
): Promise<Trace> {
  const { fault, error, help, language, wallet } = told
  t.is(helpOf(page), help)
  t.regex(page.text, new RegExp(`<html[^>]* lang="${language}"`))
  t.true(page.status >= 400)
  if (wallet) t.like(wayBackOf(page), { error, state: wallet.state, iss: wallet.issuer })
  const trace = await traceOf(at, referenceOn(page), wallet?.issuer.split('/').at(-1))
  assertRefused(t, trace, { fault, error, help, ...(told.facts && { facts: told.facts }) })
  return trace
}

/** Sees that the last step of a trace is a refusal with this fault, its cause and its fix, and that the trace tells no secret. */
export function assertRefused(t: ExecutionContext, { events, text }: Trace, details: { fault: string } & Json): void {
  const last = events.at(-1)
  t.like(last, { type: 'session.refused', leg: 'sign-in', details })
  const help = (faultHelp as Record<string, { cause: string; fix: string }>)[details.fault]
  t.truthy(help, details.fault)
  t.like(last, { ...help })
  assertSilent(t, text)
}

/** Of a person, a token and a secret nothing stands in a trace. */
export const assertSilent = (t: ExecutionContext, text: string): void =>
  void t.notRegex(text, /Alice|Jönsson|E-1001|@acme|@realm|eyJ|claimgate-secret|secret-of-the/)
