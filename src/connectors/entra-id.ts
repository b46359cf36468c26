import { createHash, X509Certificate } from 'node:crypto'
import { isObject } from '../lib/json.ts'
import { keptByName } from '../lib/kept.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Account, Connector, SignIn } from './connector.ts'
import { openProvider } from './discovery.ts'
import { entraDialect, graphDialect } from './entra-errors.ts'
import { type ApplicationIn, openGraph, type Person } from './entra-graph.ts'
import { clouds, EntraSettings, personalAccounts } from './entra-settings.ts'
import { fault } from './faults.ts'
import { connectOpenId } from './oidc.ts'
import type { Product } from './product.ts'
import { type ServiceAccount, serviceAccount } from './service-account.ts'

type Claims = Readonly<Record<string, unknown>>

const isGuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)

/** Whether the list of groups stayed out of the token, as a whole or beyond the first some ("Configure group claims", overage). */
const isOverage = ({ hasgroups, _claim_names: names }: Claims): boolean =>
  hasgroups === true || (isObject(names) && 'groups' in names)

/** Authentication contexts (`c1` to `c25`) are asked for by the parameter `claims`, and answered in `acrs` ("Authentication context"). */
function contextsAsked(values: readonly string[] = []): Record<string, string> {
  const contexts = values.filter((value) => /^c\d{1,2}$/.test(value))
  if (contexts.length === 0) return {}
  const wanted = contexts.length === 1 ? { value: contexts[0] } : { values: contexts }
  return { claims: JSON.stringify({ id_token: { acrs: { essential: true, ...wanted } } }) }
}

/** `oid` and the names come with the scope `profile` only. */
const withProfile = (scope = 'openid profile email') =>
  scope.split(' ').includes('profile') ? scope : `${scope} profile`

type Client = Pick<EntraSettings, 'client_id' | 'client_secret' | 'client_key' | 'client_certificate'>

/** How the application shows itself at a token endpoint: by its secret, or by an assertion that names its certificate ("Certificate credentials"). */
function clientAt(authority: string, { client_id, client_secret, client_key, client_certificate }: Client) {
  const issuer = `${authority}/v2.0`
  if (client_certificate === undefined)
    return { settings: { issuer, client_id, client_secret, client_auth: 'post' as const }, product: {} }
  const thumbprint = createHash('sha256').update(new X509Certificate(client_certificate).raw).digest('base64url')
  const assertion: Product['assertion'] = (header, claims) => {
    delete header.kid
    Object.assign(header, { typ: 'JWT', 'x5t#S256': thumbprint })
    claims.aud = `${authority}/oauth2/v2.0/token` // the library's is the issuer
  }
  return {
    settings: { issuer, client_id, client_key, client_auth: 'private_key_jwt' as const },
    product: { assertion },
  }
}

/**
 * One directory of Microsoft Entra ID, or several that are named. The account is `oid` in `tid`: `sub` is another one at every
 * application, and an e-mail address is whatever somebody wrote into the directory.
 */
export const entraId: Connector<EntraSettings> = {
  kind: 'entra-id',
  settings: EntraSettings,
  secrets: ['client_secret', 'client_key'],

  lacks: ({ graph }) => (graph ? undefined : 'its graph is not on'),

  connect(needs, { directory, directories = [directory], cloud, scope, ...settings }) {
    const { login, graph } = clouds[cloud]
    const { domain_hint, guests } = settings
    const issuerOf = (tid: string) => `${login}/${tid}/v2.0`
    const several = directories.includes(personalAccounts) ? 'common' : 'organizations'
    const authority = directory === 'organizations' ? several : directory

    /** The directory of an ID token, which has to be one of those that the settings name. */
    function directoryOf({ tid }: Claims): string {
      if (isGuid(tid) && directories.includes(tid)) return tid
      throw fault('id-token-directory', { directory: isGuid(tid) ? tid : 'none' })
    }
    function accountOf(claims: Claims): Account {
      const tid = directoryOf(claims)
      if (claims.iss !== issuerOf(tid)) throw fault('id-token-iss', { expected: issuerOf(tid) })
      if (!isGuid(claims.oid)) throw fault('idp-error-other', { directory: tid, member: 'oid' })
      // 0: member, 1: guest. Without the claim nobody knows, and a guest would get by.
      if (guests === 'refuse' && claims.acct !== 0)
        throw fault('id-token-guest', { directory: tid, missing: claims.acct === undefined })
      return { issuer: issuerOf(tid), subject: claims.oid }
    }
    function personOf({ issuer, subject }: Account): Person {
      const tid = directories.find((one) => issuerOf(one) === issuer)
      if (tid === undefined) throw fault('id-token-directory', { issuer: issuer.slice(0, 300) })
      return { directory: tid, oid: subject }
    }

    const product: Product = {
      ...{ dialect: entraDialect, account: accountOf, offline: {} },
      // An authority of several directories publishes a template instead of its issuer.
      ...(directory === 'organizations' && {
        publishes: issuerOf('{tenantid}'),
        issuers: (_metadata, claims) => issuerOf(directoryOf(claims)),
      }),
    }
    const us = clientAt(`${login}/${authority}`, settings)
    const upstream = connectOpenId(needs, us.settings, { ...product, ...us.product })

    const applications = keptByName<ServiceAccount>(directories.length)
    const applicationIn: ApplicationIn = (tid) =>
      applications(tid, () => {
        const own = clientAt(`${login}/${tid}`, settings)
        const provider = openProvider(needs, own.settings, { dialect: graphDialect, ...own.product })
        return serviceAccount(needs, provider, { scope: `${graph}/.default` })
      })
    const people = settings.graph && openGraph(needs, { graph, groups: settings.graph.groups, applicationIn })

    /** Groups that the token could not hold: those that Graph tells, or else not known. The address in the token is never called. */
    async function withGroups(signIn: SignIn): Promise<SignIn> {
      const { groups: _few, ...id_token } = signIn.id_token
      if (!isOverage(id_token)) return signIn
      const unknown = (why: ProtocolError) => ({ ...signIn, id_token, unknown: new Map([['groups', why]]) })
      if (!people) return unknown(fault('groups-overage', { directory: String(id_token.tid) }))
      try {
        return { ...signIn, id_token: { ...id_token, groups: await people.groupsOf(personOf(signIn.account)) } }
      } catch (error) {
        if (error instanceof ProtocolError) return unknown(error)
        throw error
      }
    }

    return {
      ...upstream,
      begin({ parameters, needed, ...options }) {
        const own = { ...(domain_hint !== undefined && { domain_hint }), ...contextsAsked(options.acrValues) }
        return upstream.begin({
          ...options,
          scope: withProfile(options.scope ?? scope ?? needed?.scope),
          // UserInfo has nothing that the ID token lacks.
          needed: { scope: '', id_token: [], userinfo: [], readsUserinfo: false },
          parameters: { ...own, ...parameters },
        })
      },
      finish: async (answer, memory) => withGroups(await upstream.finish(answer, memory)),
      renew: async (renewal, keep) => withGroups(await upstream.renew(renewal, keep, false)),
      ...(people && { findUser: async (account, wanted) => people.findUser(personOf(account), wanted) }),
    }
  },
}
