import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import test from 'ava'
import { makeFetch } from '../../src/lib/http-client.ts'
import type { Spoil } from '../support/identity-provider.ts'
import { freePort, startTestNode } from '../support/node.ts'
import { selfSigned } from '../support/self-signed.ts'
import { anybody, assertTold, type Told } from '../support/session-trace.ts'
import { applyTestTenant } from '../support/tenant.ts'

// Faults that lie in how the provider is reached and how we are known there: another address, another certificate, other settings.

type Json = Record<string, unknown>
type Row = Told & { fault: string; provider: Json; spoil?: Spoil; facts?: Json; meanwhile?: Json }

const node = await startTestNode({
  fetch: makeFetch({ allowAddresses: ['127.0.0.0/8', '::1/128'], timeoutSeconds: 1 }),
})
const provider = node.identityProvider
const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
const [untrusted, expired, renamed] = [await selfSigned('EC'), await selfSigned('EC', past), await selfSigned('EC')]
tls.setDefaultCACertificates([...tls.getCACertificates('default'), expired.certificate, renamed.certificate])

const servers: net.Server[] = []
async function listen(server: net.Server): Promise<number> {
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
const secure = ({ certificate, key }: typeof untrusted) => listen(https.createServer({ cert: certificate, key }))
const [closed, cut] = [await freePort(), await listen(net.createServer((socket) => socket.destroy()))]
const ports = { untrusted: await secure(untrusted), expired: await secure(expired), renamed: await secure(renamed) }
test.after.always(async () => {
  for (const server of servers) server.close()
  await node.stop()
})

const setUp = { help: 'provider-set-up', error: 'server_error' }
const later = { help: 'provider-unavailable', error: 'temporarily_unavailable' }
const json = (status: number, body: Json) => ({ status, body: JSON.stringify(body) })
const at = (issuer: string) => ({ issuer })
const discovery = '/.well-known/openid-configuration'

const rows: Record<string, Row> = {
  'nobody listens': {
    ...{ ...later, fault: 'idp-unreachable', provider: at(`http://127.0.0.1:${closed}`) },
    facts: { host: `127.0.0.1:${closed}`, reason: 'ECONNREFUSED' },
  },
  'the connection is cut': {
    ...{ ...later, fault: 'idp-unreachable', provider: at(`http://127.0.0.1:${cut}`) },
    facts: { host: `127.0.0.1:${cut}`, reason: 'ECONNRESET' },
  },
  'the name is unknown': {
    ...{ ...setUp, fault: 'idp-name-unknown', provider: at('https://login.invalid') },
    facts: { host: 'login.invalid', reason: 'ENOTFOUND' },
  },
  'the certificate is of an authority that nobody knows': {
    ...{ ...setUp, fault: 'idp-tls-untrusted', provider: at(`https://localhost:${ports.untrusted}`) },
    facts: { host: `localhost:${ports.untrusted}`, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  },
  'the certificate has expired': {
    ...{ ...setUp, fault: 'idp-tls-untrusted', provider: at(`https://localhost:${ports.expired}`) },
    facts: { reason: 'CERT_HAS_EXPIRED' },
  },
  'the certificate is of another host': {
    ...{ ...setUp, fault: 'idp-tls-untrusted', provider: at(`https://127.0.0.1:${ports.renamed}`) },
    facts: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  },
  'the address is private': {
    ...{ ...setUp, fault: 'idp-address-refused', provider: at('https://10.0.0.1') },
    facts: { host: '10.0.0.1' },
  },
  'no answer within the limit': {
    ...{ help: 'provider-slow', error: 'temporarily_unavailable', fault: 'idp-slow', provider: {} },
    ...{ spoil: { answers: { [discovery]: { hang: true } } }, facts: { endpoint: 'discovery', reason: 'timeout' } },
  },
  'RFC 9126 §2.3: the pushed request is refused': {
    ...{ ...setUp, fault: 'idp-par-refused', provider: { par: 'required' } },
    spoil: {
      answers: {
        '/request': json(400, { error: 'invalid_request', error_description: 'Invalid parameter: redirect_uri' }),
      },
    },
    facts: { endpoint: 'par', status: 400, description: 'Invalid parameter: redirect_uri' },
  },
  'RFC 9126 §2.3: the client is not known where it pushes': {
    ...{ ...setUp, fault: 'idp-par-auth', provider: { par: 'required', client_secret: 'another' } },
    facts: { endpoint: 'par', status: 401, error: 'invalid_client' },
  },
  'every provider is switched off': {
    ...{ ...setUp, fault: 'idp-none-serves', provider: { disabled: true } },
    facts: { configurations: ['EmployeeBadge'] },
  },
  'the provider is switched off in the meantime': {
    ...{ ...setUp, fault: 'idp-disabled', provider: {}, meanwhile: { disabled: true } },
  },
  'RFC 6749 §5.2: the secret was changed in the meantime': {
    ...{ ...setUp, fault: 'idp-secret-wrong', provider: {}, meanwhile: { client_secret: 'another' } },
    facts: { endpoint: 'token', status: 401, error: 'invalid_client' },
  },
  'RFC 7523 §3.2: the provider knows no key of ours': {
    ...{ ...setUp, fault: 'idp-assertion-refused', provider: {} },
    ...{ meanwhile: { client_secret: undefined, client_auth: 'private_key_jwt' } },
    facts: { endpoint: 'token', error: 'invalid_client' },
  },
}

for (const [what, { provider: settings, spoil = {}, meanwhile, ...told }] of Object.entries(rows)) {
  test.serial(`OIDC Core §3.1: ${told.fault}: ${what}`, async (t) => {
    const configure = async (idp: Json) => {
      await applyTestTenant(node.services, provider, { providers: { idp } })
      node.wait({ seconds: 6 }) // until the node has seen it, and has forgotten what it failed to read
    }
    await configure(settings)
    const wallet = node.wallet('staff')
    const { go, signIn, language } = anybody(wallet.redirectUri)
    const url = await wallet.authorizeUrl()
    const answer = meanwhile && (await signIn(url, 'alice', `${node.url}/test/callback/idp`))
    if (meanwhile) await configure(meanwhile)
    provider.spoil = spoil
    const page = await go(answer ?? url)
    provider.spoil = {}
    await assertTold(t, node, page, { ...told, language, wallet })
  })
}
