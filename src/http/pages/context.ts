import type { Assets } from './static.ts'
import type { Language } from './texts/index.ts'

/** Who speaks on the page. Names are in the page's language; `help.name` reads after a verb: "the Acme help desk". */
export type PageIssuer = {
  name: string
  host: string
  identifier: string
  logo?: string | undefined
  logoDark?: string | undefined
  help?: { name?: string | undefined; email?: string | undefined; uri?: string | undefined } | undefined
  privacyUri?: string | undefined
  imprintUri?: string | undefined
  timeZone: string
}

/** What every page is given. `path` is the request's path and query, unless another visit would not show this page; `stylesheet` and `assets` are addresses. */
export type PageContext = {
  language: Language
  path?: string | undefined
  issuer?: PageIssuer | undefined
  /** The number that a person gives to the help desk, and that the log has too. */
  reference?: string | undefined
  stylesheet: string
  assets: Assets
  demo?: boolean | undefined
  /** With it, a moment in another year is written with its year. */
  now?: Date | undefined
}

const strict = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
/** Content-Security-Policy of a kind of page. A form may lead on to a wallet or an IdP, so it has no `form-action`. */
export const contentSecurityPolicy = {
  page: `${strict}; form-action 'none'`,
  form: strict,
  live: `${strict}; script-src 'self'; connect-src 'self'; form-action 'none'`,
}

/** A data URI or an address of this host; the content security policy lets no other image through. */
export const ownImage = (uri: string | undefined): string | undefined =>
  uri !== undefined && /^(?:data:image\/|\/(?![/\\]))/.test(uri) ? uri.replaceAll(' ', '%20') : undefined
