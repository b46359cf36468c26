import { createPublicKey, type JsonWebKey, randomBytes, sign, verify } from 'node:crypto'
import { EventEmitter } from 'node:events'
import {
  Agent,
  type AgentDependencies,
  type BaseRecord,
  DependencyManager,
  InjectionSymbols,
  Kms,
  RecordNotFoundError,
  X509Module,
} from '@credo-ts/core'
import { OpenId4VcModule } from '@credo-ts/openid4vc'
import { makeKey, type WalletKey } from '../../src/wallet/keys.ts'

type Service = Kms.KeyManagementService
type Of<Method extends keyof Service> = Service[Method] extends (context: never, options: infer Options) => unknown
  ? Options
  : never

const absent = (what: string) => (): Promise<never> => Promise.reject(new Error(`This wallet has no ${what}.`))

/** Where the agent's keys are: in memory, P-256 and ES256, which is what its wallet needs. */
function keysInMemory() {
  const held = new Map<string, WalletKey>()
  const publicOf = (keyId: string) => {
    const key = held.get(keyId)
    return key && ({ ...key.jwk, kid: keyId } as Kms.KmsJwkPublicEc)
  }
  const service = {
    backend: 'memory',
    isOperationSupported: (_: unknown, wanted: Kms.KmsOperation) => {
      if (wanted.operation === 'sign' || wanted.operation === 'verify') return wanted.algorithm === 'ES256'
      if (wanted.operation === 'createKey') return wanted.type.kty === 'EC' && wanted.type.crv === 'P-256'
      return wanted.operation === 'randomBytes' || wanted.operation === 'deleteKey'
    },
    getPublicKey: async (_: unknown, keyId: string) => publicOf(keyId) ?? null,
    createKey: async (_: unknown, { keyId = randomBytes(12).toString('hex') }: Of<'createKey'>) => {
      held.set(keyId, makeKey())
      return { keyId, publicJwk: publicOf(keyId) }
    },
    deleteKey: async (_: unknown, { keyId }: Of<'deleteKey'>) => held.delete(keyId),
    sign: async (_: unknown, { keyId, data }: Of<'sign'>) => {
      const key = held.get(keyId)
      if (!key) throw new Error('This wallet has no such key.')
      return { signature: Buffer.from(sign('sha256', data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })) }
    },
    verify: async (_: unknown, { key, data, signature }: Of<'verify'>) => {
      const publicJwk = key.publicJwk ?? publicOf(key.keyId)
      const publicKey = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' })
      const verified = verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
      return verified ? { verified, publicJwk } : { verified }
    },
    randomBytes: (_: unknown, { length }: Of<'randomBytes'>) => randomBytes(length),
    importKey: absent('import of keys'),
    encrypt: absent('encryption'),
    decrypt: absent('decryption'),
  }
  // The interface has one generic answer for all types of keys, of which these are one.
  return { held, service: service as unknown as Service }
}

type Kind = { type: string }

/** Its database: only the agent's own version goes there, for credentials stay with the test. */
function storageInMemory() {
  const rows = new Map<string, BaseRecord>()
  const put = async (_: unknown, record: BaseRecord) => void rows.set(`${record.type} ${record.id}`, record)
  const drop = async (kind: Kind, id: string) => void rows.delete(`${kind.type} ${id}`)
  return {
    supportsCursorPagination: false,
    save: put,
    update: put,
    delete: (_: unknown, record: BaseRecord) => drop(record, record.id),
    deleteById: (_: unknown, kind: Kind, id: string) => drop(kind, id),
    getById: async (_: unknown, kind: Kind, id: string) => {
      const found = rows.get(`${kind.type} ${id}`)
      if (!found) throw new RecordNotFoundError('There is no such record.', { recordType: kind.type })
      return found
    },
    getAll: async (_: unknown, kind: Kind) => [...rows.values()].filter(({ type }) => type === kind.type),
    findByQuery: async () => [],
  }
}

/** A Credo agent that can receive credentials, with keys and storage in memory. It trusts the issuers below `roots`, in PEM. */
export async function startCredoAgent(fetch: typeof globalThis.fetch) {
  const { held, service } = keysInMemory()
  const roots = new Set<string>()
  const dependencies = { EventEmitterClass: EventEmitter, fetch, FileSystem: class {}, WebSocketClass: class {} }
  const injected = new DependencyManager()
  injected.registerInstance(InjectionSymbols.StorageService, storageInMemory())
  const agent = new Agent(
    {
      // Else it refuses http also on this machine.
      config: { allowInsecureHttpUrls: true, autoUpdateStorageOnStartup: true },
      // It neither reads files nor opens sockets.
      dependencies: dependencies as unknown as AgentDependencies,
      modules: {
        kms: new Kms.KeyManagementModule({ backends: [service] }),
        x509: new X509Module({ getTrustedCertificatesForVerification: () => [...roots] }),
        openid4vc: new OpenId4VcModule(),
      },
    },
    injected,
  )
  await agent.initialize()

  /** A new key; the agent finds it by the `kid` of its `jwk`. */
  const newKey = async () => {
    const { keyId, publicJwk } = await agent.kms.createKeyForSignatureAlgorithm({ algorithm: 'ES256' })
    return { publicJwk: Kms.PublicJwk.fromPublicJwk(publicJwk), key: { ...held.get(keyId)!, jwk: { ...publicJwk } } }
  }
  return { agent, newKey, roots }
}
