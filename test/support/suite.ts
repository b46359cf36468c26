import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { offerClaims, officialSuite, type SuiteSettings, txCode } from '../../scripts/official-suite.ts'
import { seconds } from '../../src/lib/time.ts'
import type { ClientAuthentication } from '../../src/wallet/client-authentication.ts'
import type { Form } from '../../src/wallet/exchange.ts'
import { type JwtOverrides, makeKey, signJwt, type WalletKey } from '../../src/wallet/keys.ts'
import { startTestNode, type TestNode } from './node.ts'
import { keyOf } from './suite-keys.ts'

export { txCode }

/** One variant of the suite's plans. */
export type Plan = {
  name: string
  /** Issuer and credential configuration, as in the name of the settings file. */
  settings: string
  grant: 'authorization_code' | 'pre_authorized_code'
  /** The code flow begins with an offer. */
  offered?: boolean
  request?: 'scope' | 'details'
  encrypted?: boolean
}

/** A node with the tenant of docs/guides/official-suite.md, and the wallet that the settings beside it make of the suite. */
export async function startSuite() {
  const made = await officialSuite({
    issuerUrl: 'http://unused.example',
    suiteUrl: 'https://suite.example',
    now: new Date(),
    tenant: 'test',
    provider: 'idp',
  })
  const tenantFile = join(mkdtempSync(join(tmpdir(), 'claimgate-suite-')), 'tenant.yaml')
  writeFileSync(tenantFile, stringify(made.tenant))
  const node = await startTestNode({ tenantFile })

  function attest(settings: SuiteSettings, typ: string, claims: Record<string, unknown>, overrides: JwtOverrides = {}) {
    const attester = settings.client_attestation
    const jwk = (typ.startsWith('key') ? attester.key_attestation_jwks : attester.attester_jwks).keys[0]!
    const header = { typ, alg: 'ES256', x5c: jwk.x5c, ...overrides.header }
    return signJwt(overrides.key ?? keyOf(jwk), header, { ...claims, ...overrides.claims })
  }

  /** The suite's first or second client; with attestations its instance's key is its DPoP key's neighbour, fresh each time. */
  function suiteWallet(plan: Plan, which: 'client' | 'client2' = 'client', attestation: JwtOverrides = {}) {
    const settings = made.plans[plan.settings]!
    const issuer = plan.settings.split('-')[0]!
    const { client_id: clientId, jwks } = settings[which]
    const now = seconds(node.services.clock())
    const audience = node.identifierOf(issuer)
    const key = issuer === 'plain' ? keyOf(jwks.keys[0]!) : makeKey()
    const client: ClientAuthentication =
      issuer === 'plain'
        ? { method: 'private_key_jwt', key, kid: String(jwks.keys[0]!.kid), clientId, audience }
        : {
            method: 'attestation',
            key,
            clientId: 'suite-wallet',
            audience,
            jwt: attest(
              settings,
              'oauth-client-attestation+jwt',
              {
                iss: settings.client_attestation.issuer,
                sub: 'suite-wallet',
                iat: now,
                exp: now + 300,
                cnf: { jwk: key.jwk },
              },
              attestation,
            ),
          }
    const redirectUri = made.redirectUris[which === 'client' ? 0 : 1]!
    const wallet = node.wallet(issuer, { client, clientId: client.clientId, redirectUri, dpop: true })
    const configurationId = settings.vci.credential_configuration_id

    /** What the suite asks for, with a member that nobody knows. */
    function asked(): Form {
      const unknown = { unknown_parameter: 'ignored' }
      return plan.request === 'details'
        ? {
            ...unknown,
            authorization_details: [{ type: 'openid_credential', credential_configuration_id: configurationId }],
          }
        : { ...unknown, authorization_details: undefined, scope: configurationId }
    }

    const offer = () =>
      node.offer({
        issuer,
        configuration: configurationId,
        grants: [plan.grant],
        ...(plan.grant === 'pre_authorized_code' && { txCode, claims: offerClaims }),
      })

    /** PAR, sign-in and token, or the token for an offer with its PIN. */
    async function authorize(members: Form = {}) {
      if (plan.grant === 'pre_authorized_code') return wallet.redeem((await offer()).code, txCode)
      const issuer_state = plan.offered ? (await offer()).issuerState : undefined
      return wallet.redeem(await wallet.signIn({ members: { ...asked(), issuer_state, ...members } }))
    }

    /** One key attestation for these keys, where the configuration wants one. */
    async function keyAttestation(
      keys: WalletKey[],
      nonce: string,
      overrides?: JwtOverrides,
    ): Promise<string | undefined> {
      if (!configurationId.endsWith('Attested')) return undefined
      const levels = { key_storage: ['iso_18045_moderate'], user_authentication: ['iso_18045_moderate'] }
      const claims = { iat: now, exp: now + 300, nonce, attested_keys: keys.map(({ jwk }) => jwk), ...levels }
      return attest(settings, 'key-attestation+jwt', claims, overrides)
    }

    /** A credential request as the suite sends it: by identifier where there are some, with a member that nobody knows. */
    async function claim(
      token: Awaited<ReturnType<typeof authorize>>,
      more: Parameters<typeof wallet.credential>[1] = {},
    ) {
      const keys = more.keys ?? [makeKey()]
      const nonce = more.nonce ?? String((await wallet.nonce()).body.c_nonce)
      const key_attestation = await keyAttestation(keys, nonce)
      const proof = more.proof ?? (key_attestation === undefined ? {} : { header: { key_attestation } })
      const body = { unknown_member: { ignored: true }, ...more.body }
      const encrypted = plan.encrypted ? { encrypted: true as const } : {}
      return wallet.credential(token, { configurationId, ...encrypted, ...more, keys, nonce, proof, body })
    }

    return {
      ...wallet,
      settings,
      configurationId,
      asked,
      offer,
      authorizeAsSuite: authorize,
      claim,
      keyAttestation,
      client,
    }
  }

  return { node: node as TestNode, suiteWallet }
}
