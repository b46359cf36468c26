import { compilePlan, runTests } from '../claims/plan.ts'
import { connectorSettings } from '../connectors/index.ts'
import { formats } from '../formats/index.ts'
import { durationSeconds } from '../lib/time.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { IssuerSettings, TenantFile } from '../model/issuer.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import { redirectUriMistake } from '../protocol/redirect-uri.ts'

/** Names that may be referred to; more than the file holds when only its sound part is looked at. */
type Known = { identityProviders: readonly string[]; walletProfiles: readonly string[] }
export type ValidationOptions = { demo: boolean; now: Date; known?: Known }

const below = (path: string[], mistakes: readonly Mistake[]): Mistake[] =>
  mistakes.map((mistake) => ({ ...mistake, pointer: pointerTo(path) + mistake.pointer }))

const notThere = (kind: string, name: string, known: readonly string[]) =>
  `There is no ${kind} ${name} in this file${known.length > 0 ? `; there is ${known.join(', ')}` : ''}.`

function grantMistakes({ grants }: IssuerSettings, known: Known): Mistake[] {
  const mistakes: Mistake[] = []
  const links = grants.authorization_code?.identity_providers ?? []
  for (const [index, { id }] of links.entries()) {
    const pointer = `/grants/authorization_code/identity_providers/${index}`
    if (!known.identityProviders.includes(id))
      mistakes.push({ pointer, detail: notThere('identity provider', id, known.identityProviders) })
    if (links.findIndex((link) => link.id === id) < index)
      mistakes.push({ pointer, detail: `The identity provider ${id} is named twice.` })
  }
  const { expires_in = 'PT1H', tx_code } = grants.pre_authorized_code ?? {}
  const [pointer, lifetime] = ['/grants/pre_authorized_code/expires_in', durationSeconds(expires_in) ?? 0]
  if (lifetime > 7 * 86_400) mistakes.push({ pointer, detail: 'A pre-authorized code lives at most seven days (P7D).' })
  else if (lifetime > 3600 && (tx_code?.length ?? 0) < 6) {
    mistakes.push({
      pointer,
      detail: 'A pre-authorized code lives longer than an hour only with a tx_code of at least 6 characters.',
    })
  }
  return mistakes
}

function walletMistakes({ wallets }: IssuerSettings, { demo, known }: { demo: boolean; known: Known }): Mistake[] {
  if (wallets === 'any') {
    const detail = 'Only the demo serves any wallet; name the wallet profiles that may come.'
    return demo ? [] : [{ pointer: '/wallets', detail }]
  }
  return wallets.flatMap((id, index) =>
    known.walletProfiles.includes(id)
      ? []
      : [{ pointer: `/wallets/${index}`, detail: notThere('wallet profile', id, known.walletProfiles) }],
  )
}

/** One scope may stand for one credential in several formats (VCI-16), not for two credentials: a wallet would get both. */
function scopeMistakes(configurations: Record<string, CredentialConfiguration>): Mistake[] {
  const seen = new Map<string, string>()
  return Object.entries(configurations).flatMap(([id, { scope = id, format, scope: own }]) => {
    const pointer = pointerTo(['credential_configurations', id, ...(own === undefined ? [] : ['scope'])])
    if (['openid', 'offline_access'].includes(scope))
      return [{ pointer, detail: `The scope ${scope} has a meaning of its own (OpenID Connect Core §3.1.2.1, §11).` }]
    const other = seen.get(`${scope} ${format}`)
    seen.set(`${scope} ${format}`, other ?? id)
    return other ? [{ pointer, detail: `The scope ${scope} stands for ${other} already.` }] : []
  })
}

function configurationMistakes(configuration: CredentialConfiguration, issuer: IssuerSettings, now: Date): Mistake[] {
  const identityProviders = (issuer.grants.authorization_code?.identity_providers ?? []).map(({ id }) => id)
  const mistakes: Mistake[] = (configuration.identity_providers ?? []).flatMap((id, index) =>
    identityProviders.includes(id)
      ? []
      : [{ pointer: `/identity_providers/${index}`, detail: `The issuer does not let ${id} sign people in.` }],
  )
  const reservedClaims = formats.get(configuration.format)?.reservedClaims ?? []
  const compiled = compilePlan(configuration, { reservedClaims, identityProviders })
  if ('mistakes' in compiled) return [...mistakes, ...compiled.mistakes]
  return [...mistakes, ...runTests(configuration, compiled.plan, now)]
}

/** What the schemas of a tenant file cannot see: names that lead nowhere, settings of connectors, claim rules and their tests, what only the demo may do. */
export function validateTenant(file: TenantFile, { demo, now, ...rest }: ValidationOptions): Mistake[] {
  const known = rest.known ?? {
    identityProviders: Object.keys(file.identity_providers),
    walletProfiles: Object.keys(file.wallet_profiles),
  }
  const mistakes: Mistake[] = []
  for (const [id, provider] of Object.entries(file.identity_providers)) {
    const checked = connectorSettings(provider)
    if ('mistakes' in checked) mistakes.push(...below(['identity_providers', id], checked.mistakes))
  }
  for (const [id, profile] of Object.entries(file.wallet_profiles)) {
    for (const [index, uri] of profile.redirect_uris.entries()) {
      const detail = redirectUriMistake(uri)
      if (detail) mistakes.push({ pointer: pointerTo(['wallet_profiles', id, 'redirect_uris', String(index)]), detail })
    }
  }
  for (const [name, issuer] of Object.entries(file.issuers)) {
    const own = [
      ...grantMistakes(issuer, known),
      ...walletMistakes(issuer, { demo, known }),
      ...scopeMistakes(issuer.credential_configurations),
    ]
    mistakes.push(...below(['issuers', name], own))
    for (const [id, configuration] of Object.entries(issuer.credential_configurations)) {
      mistakes.push(
        ...below(['issuers', name, 'credential_configurations', id], configurationMistakes(configuration, issuer, now)),
      )
    }
  }
  return mistakes
}
