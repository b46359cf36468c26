import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Router from '@koa/router'
import { applyTenant } from '../administration/apply.ts'
import { checkTenant } from '../administration/check-tenant.ts'
import { readYaml } from '../administration/read-yaml.ts'
import type { Services } from '../services.ts'
import { importRealm } from './import-realm.ts'
import { startDemoProvider } from './provider.ts'
import { demoPin, issuerNames, startRoutes } from './start-routes.ts'
import { demoWallet } from './wallet.ts'
import { clientId } from './wallet-journey.ts'

const tenant = 'demo'
const file = join(import.meta.dirname, '../../demo/demo.yaml')

type Providers = {
  identity_providers: Record<string, Record<string, unknown>>
  wallet_profiles?: Record<string, unknown>
  issuers: Record<string, unknown>
}

/** The demo tenant as its file says, with the addresses that this node has. */
async function seed(services: Services, demoUrl: string): Promise<void> {
  const { config } = services
  const yaml = readYaml(readFileSync(file, 'utf8'), 'demo/demo.yaml')
  if ('mistakes' in yaml) throw new Error('demo/demo.yaml cannot be read.')
  const raw = yaml.raw as Providers
  raw.identity_providers.demo = { ...raw.identity_providers.demo, issuer: demoUrl }
  // The demo accepts every wallet; its own one is known by name.
  raw.wallet_profiles = {
    'demo-wallet': { client_id: clientId, name: 'Demo wallet', redirect_uris: [`${demoUrl}/wallet/callback`] },
  }
  if (config.keycloakUrl) {
    if (config.keycloakAdmin) await importRealm(services.fetch, config.keycloakUrl, config.keycloakAdmin)
    raw.identity_providers.keycloak = {
      kind: 'keycloak',
      display: [
        { name: 'Acme Keycloak', locale: 'en' },
        { name: 'Acme-Keycloak', locale: 'de' },
      ],
      url: config.keycloakUrl,
      realm: 'acme',
      client_id: 'claimgate',
      client_secret: 'claimgate-secret',
    }
    const staff = raw.issuers.staff as { grants: { authorization_code: { identity_providers: string[] } } }
    staff.grants.authorization_code.identity_providers.push('keycloak')
  }
  const checked = checkTenant(raw, { demo: true, now: services.clock() })
  if ('mistakes' in checked)
    throw new Error(
      `demo/demo.yaml: ${checked.mistakes.map(({ pointer, detail }) => `${pointer} ${detail}`).join(' ')}`,
    )
  await applyTenant(services, checked.written)
}

export type Demo = { routers: Router[]; announce: () => void; stop: () => Promise<void> }

/** What only `claimgate start --demo` has: provider, wallet, tenant and start page. */
export async function startDemo(services: Services): Promise<Demo> {
  const { config, fetch, clock } = services
  const provider = await startDemoProvider({
    port: config.demoPort,
    host: config.bind,
    publicUrl: config.demoUrl,
    clients: [
      {
        client_id: 'claimgate',
        client_secret: 'demo-client-secret',
        redirect_uris: [`${config.publicUrl}/${tenant}/callback/demo`],
      },
    ],
    wallet: (publicUrl) => demoWallet({ fetch, clock, publicUrl }).callback(),
    fetch,
  })
  await seed(services, provider.url).catch(async (error: unknown) => {
    await provider.close()
    throw error
  })

  const announce = () => {
    const row = (name: string, text: string) => `  ${name.padEnd(12)}${text}`
    const pin = (name: string) => (name === 'registry' ? `  (PIN ${demoPin})` : '')
    const offers = issuerNames.map((name) => `${config.publicUrl}/start/${name}${pin(name)}`)
    const lines = [
      '',
      `Claimgate demo: open ${config.publicUrl} in a browser; no phone is needed. Ctrl+C stops it.`,
      '',
      ...offers.map((offer, index) => row(index === 0 ? 'Offers' : '', offer)),
      row('Accounts', 'alice / alice (complete data), bob / bob (no employee number)'),
      row('Wallet', `${provider.url}/wallet`),
      row('API key', `${config.apiKey}`),
      row('Data', `${config.dataFolder}`),
      '',
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return { routers: [startRoutes(services)], announce, stop: () => provider.close() }
}
