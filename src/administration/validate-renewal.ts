import type { ClaimPlan } from '../claims/evaluate.ts'
import { readsOfSource } from '../claims/reads.ts'
import type { IdentityProviderLink } from '../model/identity-provider.ts'
import type { IssuerSettings } from '../model/issuer.ts'
import type { TenantFile } from '../model/tenant.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import { lackOf } from './validate-directory.ts'

type Renewing = Pick<IssuerSettings, 'grants' | 'refresh_tokens'>

const linksOf = ({ grants }: Renewing): IdentityProviderLink[] => grants.authorization_code?.identity_providers ?? []

const isByDirectory = ({ refresh_tokens }: Renewing, link: IdentityProviderLink): boolean =>
  refresh_tokens !== undefined && (link.renewal_claims ?? refresh_tokens.claims) === 'directory'

/** Where claims are to be renewed from a directory that is not there, or not renewed at all. Pointers begin at the issuer. */
export function renewalMistakes(issuer: Renewing, providers: TenantFile['identity_providers']): Mistake[] {
  return linksOf(issuer).flatMap((link, index): Mistake[] => {
    const own = ['grants', 'authorization_code', 'identity_providers', String(index), 'renewal_claims']
    const pointer = pointerTo(link.renewal_claims === undefined ? ['refresh_tokens', 'claims'] : own)
    if (link.renewal_claims !== undefined && !issuer.refresh_tokens)
      return [{ pointer, detail: 'Nothing is renewed without refresh_tokens at the issuer.' }]
    const lack = isByDirectory(issuer, link) ? lackOf(providers[link.id], ['id']) : undefined
    return lack === undefined
      ? []
      : [{ pointer, detail: `Claims of people from ${link.id} cannot be renewed: ${lack}.` }]
  })
}

/** Rules that read nothing but tokens, for people whose claims are renewed from the directory: the claim would be lost then. */
export function lostAtRenewal(issuer: Renewing, { claims }: ClaimPlan, serving: readonly string[]): Mistake[] {
  const links = linksOf(issuer).filter((link) => serving.includes(link.id) && isByDirectory(issuer, link))
  return claims.flatMap(({ key, source, byProvider }) =>
    links.flatMap(({ id }): Mistake[] => {
      const override = byProvider.get(id)
      const read = override?.source ?? source
      const roots = readsOfSource(read).map(({ root }) => root)
      if (roots.length === 0 || !roots.every((root) => root === 'id_token' || root === 'userinfo')) return []
      const pointer = pointerTo(['claims', key, ...(override ? ['by_provider', id] : []), read.kind])
      const detail = `A renewal for ${id} asks the directory and has no ${roots[0]}: name what user says as well.`
      return [{ pointer, detail }]
    }),
  )
}
