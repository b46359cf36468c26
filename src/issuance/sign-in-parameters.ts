import type { BeginOptions } from '../connectors/connector.ts'
import type { IdentityProviderLink, ParameterRule } from '../model/identity-provider.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import type { Browser } from './open-sign-in.ts'

/** What the rules for a sign-in's parameters read: the wallet's authorization request, and what the integrator put into the offer. */
export type ParameterSources = { request: Record<string, string>; offer: Record<string, unknown> }

/** What a sign-in asks of the provider beside the flow's own parameters. */
export type SignInWishes = Pick<
  BeginOptions,
  'loginHint' | 'acrValues' | 'amrValues' | 'maxAge' | 'locales' | 'prompt' | 'parameters'
>

/** What every sign-in asks for where no rule says it: the person's languages, and who is there, if a try before led nowhere. */
export const usualWishes = (
  { locales }: Pick<Browser, 'locales'>,
  before: Pick<StoredSignIn, 'callbackBy'> | undefined,
): Pick<BeginOptions, 'locales' | 'prompt'> => ({
  ...(locales !== undefined && { locales }),
  // A provider with a session would bring back the same account without a word.
  ...(before?.callbackBy !== undefined && { prompt: 'login' }),
})

const pathsOf = (rule: ParameterRule): string[] => (typeof rule === 'string' ? [] : [rule.from].flat())
const rulesOf = ({ parameters = {} }: IdentityProviderLink): [string, ParameterRule][] => Object.entries(parameters)
const longest = 1000

/** The parameters of a wallet's request that some rule of the issuer reads; no other is kept. */
export function parametersToKeep(issuer: LiveIssuer, parameters: URLSearchParams): Record<string, string> {
  const paths = issuer.identityProviders.flatMap(rulesOf).flatMap(([, rule]) => pathsOf(rule))
  const names = paths.filter((path) => path.startsWith('request.')).map((path) => path.slice('request.'.length))
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => {
      const value = parameters.get(name)
      return value && value.length <= longest ? [[name, value]] : []
    }),
  )
}

/** Whether a rule for this provider reads what the integrator put into the offer. */
export const readsOffer = (link: IdentityProviderLink): boolean =>
  rulesOf(link).some(([, rule]) => pathsOf(rule).some((path) => path.startsWith('offer.')))

function valueAt(path: string, sources: ParameterSources): string | undefined {
  let value: unknown = sources
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  const isPlain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  const text = isPlain ? String(value) : ''
  return text !== '' && text.length <= longest ? text : undefined
}

const valueBy = (rule: ParameterRule, sources: ParameterSources): string | undefined =>
  typeof rule === 'string'
    ? rule
    : pathsOf(rule)
        .map((path) => valueAt(path, sources))
        .find((value) => value !== undefined)

/** What the provider is asked for, and so has to be met: of the wallet's wishes only those that this issuer accepts. */
function strengthOf(link: IdentityProviderLink, wished: string[] | undefined): string[] | undefined {
  const accepted = link.acr_values
  if (!accepted || !wished) return accepted ?? wished
  const both = accepted.filter((value) => wished.includes(value))
  return both.length > 0 ? both : accepted
}

/**
 * The parameters of a sign-in by the rules of the issuer (OIDC Core §3.1.2.1). What they ask for is checked when the person comes back,
 * so a wish of the wallet can make a sign-in stricter and never laxer: the shorter `max_age` wins, `acr_values` stay among those that the
 * issuer accepts, and `prompt=none` is left out, since a person is there.
 */
export function signInWishes(
  link: IdentityProviderLink,
  sources: ParameterSources,
  usual: Pick<BeginOptions, 'loginHint' | 'locales' | 'prompt'> & { typedEmail?: string | undefined },
): SignInWishes {
  const values = rulesOf(link).flatMap(([name, rule]) => {
    const value = valueBy(rule, sources)
    return value === undefined ? [] : [[name, value] as const]
  })
  const { login_hint, acr_values, max_age, ui_locales, prompt, ...parameters } = Object.fromEntries(values)
  const words = (text: string | undefined) => text?.split(' ').filter(Boolean)
  const prompts = words(usual.prompt ?? prompt)?.filter((word) => word !== 'none')
  const ages = [link.max_age, /^\d{1,9}$/.test(max_age ?? '') ? Number(max_age) : undefined]
  const wishes: { [Name in keyof SignInWishes]: SignInWishes[Name] | undefined } = {
    loginHint: usual.typedEmail ?? login_hint ?? usual.loginHint,
    locales: ui_locales ?? usual.locales,
    prompt: prompts && prompts.length > 0 ? prompts.join(' ') : undefined,
    acrValues: strengthOf(link, words(acr_values)),
    amrValues: link.amr_values,
    maxAge: ages.some((age) => age !== undefined) ? Math.min(...ages.filter((age) => age !== undefined)) : undefined,
    parameters,
  }
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined))
}
