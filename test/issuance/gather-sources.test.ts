import test from 'ava'
import type { Account } from '../../src/connectors/connector.ts'
import { connectors } from '../../src/connectors/index.ts'
import { oidc } from '../../src/connectors/oidc.ts'
import { gatherSources } from '../../src/issuance/gather-sources.ts'
import { CredentialConfiguration } from '../../src/model/credential-configuration.ts'
import type { LiveIssuer } from '../../src/model/live.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { needs } from '../support/upstream.ts'

const account = { issuer: 'https://login.example', subject: 'alice' }
const settings = { issuer: 'https://login.example', client_id: 'a', client_secret: 'b' }

/** An issuer with a provider that has a directory, and one that has none; `asked` is what the directory was asked for. */
function issuerWith(rules: Record<string, object>, answer: () => Record<string, unknown> = () => ({ shoe: 44 })) {
  const asked: { account: Account; wanted: readonly string[] }[] = []
  const findUser = async (account: Account, wanted: readonly string[]) => {
    asked.push({ account, wanted })
    return answer()
  }
  const connect = () => ({ ...oidc.connect(needs(), settings), findUser })
  connectors.directory = { kind: 'directory', settings: oidc.settings, secrets: [], connect }
  const configurations = Object.entries(rules).map(([id, claims]) => {
    const parsed = CredentialConfiguration.parse({ format: 'dc+sd-jwt', claims })
    return [id, { ...parsed, id, vct: id, scope: id }] as const
  })
  const identityProviders = ['directory', 'oidc'].map((kind) => [
    kind,
    { id: kind, kind, disabled: false, ...settings },
  ])
  const issuer = {
    configurations: new Map(configurations),
    tenant: { identityProviders: new Map(identityProviders as []) },
  }
  const providerKeys = { get: () => Promise.reject(new Error('No key is needed here.')) }
  const gather = (ids: string[], identity_provider: string, unknown?: Map<string, ProtocolError>) =>
    gatherSources({ ...needs(), providerKeys }, issuer as unknown as LiveIssuer, ids, {
      ...{ account, id_token: { sub: 'alice' }, userinfo: {}, session: { identity_provider } },
      ...(unknown && { unknown }),
    })
  return { asked, gather }
}

test('the directory is asked for the members that the rules read, once for all the credentials of a sign-in', async (t) => {
  const { asked, gather } = issuerWith({
    Shoes: { size: { from: ['user.attributes.shoe', 'id_token.shoe'] }, team: { cel: 'user.?groups[?0].orValue("")' } },
    Hats: { size: { from: 'user.attributes.hat' } },
  })
  const sources = await gather(['Shoes', 'Hats'], 'directory')
  t.deepEqual(asked, [{ account, wanted: ['attributes', 'groups'] }])
  t.deepEqual(sources, {
    ...{ id_token: { sub: 'alice' }, userinfo: {}, user: { shoe: 44 }, session: { identity_provider: 'directory' } },
  })
})

test('a rule that reads the directory’s answer whole asks for all of it', async (t) => {
  const { asked, gather } = issuerWith({
    Shoes: { size: { from: 'user.shoe' }, count: { cel: 'size(user)', type: 'integer' } },
  })
  await gather(['Shoes'], 'directory')
  t.deepEqual(asked[0]?.wanted, [])
})

test('no rule in force for the provider reads the directory: it is not asked, so that its outage hurts nobody', async (t) => {
  const { asked, gather } = issuerWith({
    Shoes: { size: { from: 'user.shoe', by_provider: { directory: { from: 'id_token.shoe' } } } },
    Hats: { size: { from: 'id_token.hat' } },
  })
  t.false('user' in (await gather(['Shoes', 'Hats'], 'directory')))
  t.false('user' in (await gather(['Shoes'], 'oidc')), 'a provider without a directory')
  t.deepEqual(asked, [])
})

test('a directory that one of several credentials needs and that is down ends the sign-in for all: nothing is narrowed by an outage', async (t) => {
  const { gather } = issuerWith(
    { Shoes: { size: { from: 'user.shoe' } }, Hats: { size: { from: 'id_token.hat' } } },
    () => {
      throw new ProtocolError('temporarily_unavailable', 'The directory is not available.')
    },
  )
  await t.throwsAsync(gather(['Shoes', 'Hats'], 'directory'), { message: /directory is not available/ })
  await t.notThrowsAsync(gather(['Hats'], 'directory'))
})

test('a claim that is not known whole ends the sign-in where a rule reads it, in the ID token, at UserInfo or in all of either', async (t) => {
  const { gather } = issuerWith({
    Token: { teams: { from: 'id_token.groups', type: 'list(string)' } },
    Userinfo: { teams: { from: 'userinfo.groups', type: 'list(string)' } },
    Whole: { count: { cel: 'size(userinfo)', type: 'integer' } },
    Other: { shoe: { from: ['id_token.shoe', 'userinfo.shoe'] } },
  })
  const unknown = new Map([['groups', new ProtocolError('server_error', 'Not all groups are known.')]])
  for (const id of ['Token', 'Userinfo', 'Whole'])
    await t.throwsAsync(gather([id], 'oidc', unknown), { message: /Not all groups/ }, id)
  await t.notThrowsAsync(gather(['Other'], 'oidc', unknown))
})
