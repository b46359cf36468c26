type Json = Record<string, unknown>
type Component = { id: string; providerId: string; config: Record<string, string[]> }

const providerType = 'org.keycloak.keys.KeyProvider'

/** A new key of a realm signs, and the old one is published no more. `ask` is Keycloak's Admin API below the realm. */
export async function rotateKeys(ask: (method: string, path: string, body?: Json) => Promise<unknown>): Promise<void> {
  const before = (await ask('GET', `/components?type=${providerType}`)) as Component[]
  const config = { priority: ['200'], enabled: ['true'], active: ['true'], algorithm: ['RS256'] }
  await ask('POST', '/components', { name: 'next', providerId: 'rsa-generated', providerType, config })
  for (const old of before.filter(({ providerId }) => providerId === 'rsa-generated')) {
    const off = { ...old.config, enabled: ['false'], active: ['false'] }
    await ask('PUT', `/components/${old.id}`, { ...old, config: off })
  }
}
