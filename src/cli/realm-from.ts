import type { Environment } from '../config.ts'
import type { ConnectorNeeds } from '../connectors/connector.ts'
import { fetchRealm } from '../connectors/keycloak-fetch-realm.ts'
import { type Realm, readRealm } from '../connectors/keycloak-realm.ts'
import { helpFor } from '../model/faults/index.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { Failure, textOf } from './failure.ts'

export type Asked = {
  url: string
  realm?: string
  realmFile?: string
  adminClientId?: string
  adminClientSecret?: string
}

/** What an operator is told of a fault of the Admin API: what it is, the facts, what mends it. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error
  const { fault, ...facts } = error.cause as { fault?: string; [fact: string]: unknown }
  const help = helpFor(fault)
  const shown = Object.entries(facts).map(([name, value]) => `${name}=${String(value)}`)
  return new Failure([`${fault}: ${error.message}`, ...(help ? [help.cause, help.fix] : []), shown.join(' ')])
}

async function fileOf(name: string): Promise<unknown> {
  try {
    return JSON.parse(await textOf(name))
  } catch (error) {
    throw error instanceof SyntaxError ? new Failure([`${name} is not JSON.`]) : error
  }
}

/**
 * The realm that a command line names: from its export, else from the Admin API.
 * @throws Failure
 */
export async function realmFrom(
  needs: Omit<ConnectorNeeds, 'keys'>,
  { url, realm, realmFile, adminClientId: client_id, ...options }: Asked,
  client: string,
  environment: Environment,
): Promise<Realm> {
  if (realmFile !== undefined) {
    const read = readRealm(await fileOf(realmFile), realm)
    if (read) return read
    throw new Failure([`${realmFile} holds no ${realm === undefined ? 'realm' : `realm ${realm}`} of Keycloak.`])
  }
  const client_secret = options.adminClientSecret ?? environment.KEYCLOAK_ADMIN_CLIENT_SECRET
  if (realm === undefined || client_id === undefined || !client_secret)
    throw new Failure(['Name a --realm-file, or a --realm with --admin-client-id and --admin-client-secret.'])
  const keys = { owner: 'command line', get: () => Promise.reject(new Error('This client has a secret.')) }
  const told = await fetchRealm({ ...needs, keys }, { url, realm, client_id, client_secret }, client).catch(
    (error: unknown) => {
      throw failureOf(error)
    },
  )
  const read = readRealm(told)
  if (read) return read
  throw new Failure([`What ${url} tells of ${realm} cannot be read.`])
}
