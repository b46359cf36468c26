import { connectors } from '../connectors/index.ts'
import { hash } from '../lib/secrets.ts'
import { after, durationSeconds } from '../lib/time.ts'
import { authorizationServerSecrets } from '../model/authorization-server.ts'
import { claimSourceSecrets } from '../model/claim-source.ts'
import { ApiClient } from '../model/clients.ts'
import type { Tables } from '../store/index.ts'
import type { TenantRows } from '../store/tenants.ts'
import { writeIssuers } from './write-issuers.ts'
import { type Change, type Pen, type Row, type TenantDraft, type Written, writeRows } from './write-rows.ts'

/**
 * Makes the rows of a tenant what a file says, inside a transaction in which the tenant's row is locked (or, if it has none yet, is
 * made). Undefined if the tenant has another id. `newKeys` are the API clients that have the key of this draft.
 */
export async function writeTenant(within: Tables, draft: TenantDraft, locked: boolean) {
  const { tenantId, file, now } = draft
  const {
    tenant: name,
    identity_providers = {},
    authorization_servers = {},
    claim_sources = {},
    wallet_profiles = {},
    attesters = {},
    api_clients = {},
    issuers = {},
    ...settings
  } = file
  const created = !locked && (await within.tenants.insert({ id: tenantId, name, settings, createdAt: now }))
  if (!(locked || created)) return undefined
  const changes: Change[] = []
  const pen: Pen = {
    within,
    draft,
    note: (kind, id, change) => change !== 'same' && changes.push({ kind, id, change }),
  }
  const before = (await within.tenants.load(name))!
  const own = { table: 'tenants', key: { id: tenantId }, columns: { settings: JSON.stringify(settings) } }
  pen.note('tenant', name, created ? 'created' : await within.configurationObjects.save(own))
  const owner = { tenant_id: tenantId }
  const providers = Object.entries(identity_providers).map(([id, settings]) =>
    sealedRow(draft, 'identity_providers', before.identityProviders, {
      id,
      settings,
      secret: connectors[settings.kind]?.secrets ?? [],
    }),
  )
  await writeRows(pen, 'identity_provider', { table: 'identity_providers', owner }, providers)
  const servers = Object.entries(authorization_servers).map(([id, settings]) =>
    sealedRow(draft, 'authorization_servers', before.authorizationServers, {
      id,
      settings,
      secret: authorizationServerSecrets,
    }),
  )
  await writeRows(pen, 'authorization_server', { table: 'authorization_servers', owner }, servers)
  const sources = Object.entries(claim_sources).map(([id, settings]) =>
    sealedRow(draft, 'claim_sources', before.claimSources, { id, settings, secret: claimSourceSecrets }),
  )
  await writeRows(pen, 'claim_source', { table: 'claim_sources', owner }, sources)
  const profiles = Object.entries(wallet_profiles).map(([id, profile]) => ({
    id,
    columns: { settings: JSON.stringify(profile) },
  }))
  await writeRows(pen, 'wallet_profile', { table: 'wallet_profiles', owner }, profiles)
  const trusted = Object.entries(attesters).map(([id, attester]) => ({
    id,
    columns: { settings: JSON.stringify(attester) },
  }))
  await writeRows(pen, 'attester', { table: 'attesters', owner }, trusted)
  await writeRows(pen, 'api_client', { table: 'api_clients', owner }, await clientRows(pen, api_clients))
  await writeIssuers(pen, before, issuers)
  const newKeys: string[] = []
  for (const [id, key] of draft.keys) {
    if ((await within.apiClients.findByKey(tenantId, hash(key)))?.id === id) newKeys.push(id)
  }
  return { changes, newKeys }
}

/** The settings without what is a secret among them; that is sealed, anew only if it is another. */
function sealedRow(
  { sealer, now }: TenantDraft,
  table: string,
  before: TenantRows['identityProviders'],
  { id, settings: whole, secret }: { id: string; settings: object; secret: readonly string[] },
): Row {
  const isSecret = ([name]: [string, unknown]) => secret.includes(name)
  const [secrets = [], settings = []] = [isSecret, (entry: [string, unknown]) => !isSecret(entry)].map((belongs) =>
    Object.entries(whole).filter(belongs),
  )
  const text = JSON.stringify(Object.fromEntries(secrets))
  const place = { table, column: 'secrets_sealed', row: id }
  const known = before.find((row) => row.id === id)?.secretsSealed
  const isKnown = known !== undefined && sealer.open(place, known).toString() === text
  const sealed = isKnown ? known : sealer.seal(place, text)
  return {
    id,
    columns: {
      settings: JSON.stringify(Object.fromEntries(settings)),
      secrets_sealed: secrets.length > 0 ? sealed : null,
    },
    once: { created_at: now.getTime() },
  }
}

/** A client keeps its key, and a key its end, unless the file says otherwise. */
async function clientRows({ within, draft }: Pen, clients: Written<'api_clients'>): Promise<Row[]> {
  const { tenantId, keys, now } = draft
  const before = await within.apiClients.list(tenantId)
  return Object.entries(clients).map(([id, written]) => {
    const { role, key_hash, expires_in } = ApiClient.parse(written)
    const known = before.find((client) => client.id === id)
    const keyHash = key_hash ?? known?.keyHash ?? hash(keys.get(id)!)
    const isSame = known?.keyHash === keyHash && ApiClient.parse(known.settings).expires_in === expires_in
    const expiresAt = isSame ? known.expiresAt : after(now, durationSeconds(expires_in)!)
    return {
      id,
      columns: { role, key_hash: keyHash, settings: JSON.stringify(written), expires_at: expiresAt.getTime() },
      once: { created_at: now.getTime() },
    }
  })
}
