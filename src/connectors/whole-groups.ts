import type { SignIn, Upstream } from './connector.ts'
import { fault } from './faults.ts'

/**
 * The same provider, whose list `groups` is unknown where it has as many as the provider names at most: it may have been cut off there, as
 * Okta does at 100, and a rule would give too few roles.
 */
export function withWholeGroups(upstream: Upstream, most: number | undefined): Upstream {
  if (most === undefined) return upstream
  const isCut = ({ groups }: Record<string, unknown>) => Array.isArray(groups) && groups.length >= most
  const whole = (signIn: SignIn): SignIn => {
    const [{ groups: _, ...id_token }, { groups: __, ...userinfo }] = [signIn.id_token, signIn.userinfo]
    if (![signIn.id_token, signIn.userinfo].some(isCut)) return signIn
    return { ...signIn, id_token, userinfo, unknown: new Map([['groups', fault('groups-overage', { most })]]) }
  }
  return {
    ...upstream,
    finish: async (...given) => whole(await upstream.finish(...given)),
    renew: async (...given) => whole(await upstream.renew(...given)),
  }
}
