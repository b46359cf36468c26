import type { TenantRows } from '../store/tenants.ts'
import { type Pen, type Written, writeRows } from './write-rows.ts'

/**
 * Issuers with their providers and credential configurations. An identifier is stored when the issuer is made and stays; an issuer that
 * the file does not name is retired, for wallets hold what it has issued.
 */
export async function writeIssuers(pen: Pen, before: TenantRows, issuers: Written<'issuers'>): Promise<void> {
  const { within, draft, note } = pen
  const { tenantId, file, publicUrl, issuerIds, now } = draft
  const table = 'issuers'
  for (const { id, name, retiredAt } of before.issuers) {
    if (issuers[name] !== undefined || retiredAt !== undefined) continue
    await within.configurationObjects.save({ table, key: { id }, columns: { retired_at: now.getTime() } })
    note('issuer', name, 'removed')
  }
  for (const [name, { credential_configurations, ...settings }] of Object.entries(issuers)) {
    const id = before.issuers.find((issuer) => issuer.name === name)?.id ?? issuerIds.get(name)!
    const identifier = `${publicUrl}/${file.tenant}/${name}`
    const change = await within.configurationObjects.save({
      table,
      key: { tenant_id: tenantId, name },
      columns: { settings: JSON.stringify(settings), retired_at: null },
      once: { id, identifier, created_at: now.getTime() },
    })
    const links = (settings.grants?.authorization_code?.identity_providers ?? []).map((link, position) => {
      const { id: identity_provider, ...terms } = typeof link === 'string' ? { id: link } : link
      return { tenant_id: tenantId, identity_provider, position, settings: JSON.stringify(terms) }
    })
    const linked = await within.configurationObjects.replace('issuer_identity_providers', { issuer_id: id }, links)
    note('issuer', name, change === 'same' && linked ? 'changed' : change)
    const rows = Object.entries(credential_configurations).map(([configuration, written], position) => ({
      id: configuration,
      columns: { position, settings: JSON.stringify(written) },
      once: { tenant_id: tenantId },
    }))
    const place = { table: 'credential_configurations', owner: { issuer_id: id }, path: `${name}/` }
    await writeRows(pen, 'credential_configuration', place, rows)
  }
}
