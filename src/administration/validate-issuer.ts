import { durationSeconds } from '../lib/time.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { IssuerSettings } from '../model/issuer.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { notInFile, pointerTo } from '../protocol/mistakes.ts'
import { membersOf } from './members-of.ts'
import { trustMistakes } from './validate-attesters.ts'
import { authorizationServerMistakes } from './validate-authorization-servers.ts'
import { grantLifeMistakes } from './validate-grant-life.ts'
import { haipMistakes } from './validate-haip.ts'
import { keyProofMistakes } from './validate-key-proofs.ts'
import { renewalMistakes } from './validate-renewal.ts'

/** The names that a file as it was written defines: also those of what has a mistake, so that only that mistake is told. */
export function namesIn(written: unknown) {
  const { identity_providers, claim_sources, wallet_profiles, attesters, authorization_servers } = membersOf(written)
  return {
    identityProviders: Object.keys(membersOf(identity_providers)),
    claimSources: Object.keys(membersOf(claim_sources)),
    walletProfiles: Object.keys(membersOf(wallet_profiles)),
    attesters: Object.keys(membersOf(attesters)),
    authorizationServers: Object.keys(membersOf(authorization_servers)),
  }
}
/** Names that may be referred to; more than the file holds when only its sound part is looked at. */
export type Known = ReturnType<typeof namesIn>

function grantMistakes({ grants }: IssuerSettings, known: Known): Mistake[] {
  const mistakes: Mistake[] = []
  const links = grants.authorization_code?.identity_providers ?? []
  for (const [index, { id }] of links.entries()) {
    const pointer = `/grants/authorization_code/identity_providers/${index}`
    if (!known.identityProviders.includes(id))
      mistakes.push({ pointer, detail: notInFile('identity provider', id, known.identityProviders) })
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
      : [{ pointer: `/wallets/${index}`, detail: notInFile('wallet profile', id, known.walletProfiles) }],
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

/** Who may attest the wallets or the keys of an issuer. One that the schemas found a mistake in counts, so that only that mistake is told. */
const attestersOf = (use: 'wallet' | 'key', file: TenantFile, { attesters }: IssuerSettings, known: Known): string[] =>
  known.attesters.filter(
    (id) => (attesters?.includes(id) ?? true) && (file.attesters[id]?.attests.includes(use) ?? true),
  )

/** What an issuer's settings contradict, or name that is not there. Pointers begin at the issuer. */
export const issuerMistakes = (
  file: TenantFile,
  issuer: IssuerSettings,
  { demo, known, written }: { demo: boolean; known: Known; written: unknown },
): Mistake[] => [
  ...grantMistakes(issuer, known),
  ...authorizationServerMistakes(issuer, file.authorization_servers, known.authorizationServers, written),
  ...walletMistakes(issuer, { demo, known }),
  ...scopeMistakes(issuer.credential_configurations),
  ...grantLifeMistakes(issuer),
  ...renewalMistakes(issuer, file.identity_providers),
  ...trustMistakes(issuer, known.attesters, attestersOf('wallet', file, issuer, known)),
  ...keyProofMistakes(issuer, attestersOf('key', file, issuer, known)),
  ...haipMistakes(written, issuer, attestersOf('wallet', file, issuer, known)),
]
