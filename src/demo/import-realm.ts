import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../../keycloak/realm-acme.json')
const realm = 'acme'

/** Imports the realm of `keycloak/` into a server that lacks it. A realm that is there stays as it is. */
export async function importRealm(
  fetch: typeof globalThis.fetch,
  url: string,
  { user, password }: { user: string; password: string },
): Promise<void> {
  const there = await fetch(`${url}/realms/${realm}/.well-known/openid-configuration`)
  if (there.ok) return
  const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: user, password })
  const signedIn = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
  if (!signedIn.ok) throw new Error(`Keycloak refused CLAIMGATE_KEYCLOAK_ADMIN with status ${signedIn.status}.`)
  const { access_token } = (await signedIn.json()) as { access_token: string }
  const made = await fetch(`${url}/admin/realms`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: readFileSync(file, 'utf8'),
  })
  // 409: another node was quicker.
  if (!made.ok && made.status !== 409)
    throw new Error(`Keycloak did not take the realm ${realm}: status ${made.status}.`)
}
