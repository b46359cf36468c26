import { setTimeout as pause } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import { rotateKeys } from '../../src/administration/rotate-key.ts'
import { platformKey } from '../support/admin.ts'
import { startTestNode } from '../support/node.ts'
import { startNodeProcesses } from '../support/node-processes.ts'

type Fetch = typeof globalThis.fetch
type Key = JWK & { kid: string; x5c: string[] }
const keysOf = async (issuer: string, fetch: Fetch = globalThis.fetch): Promise<Key[]> =>
  ((await (await fetch(`${issuer}/jwks`)).json()) as { keys: Key[] }).keys

const jwtOf = (credential: string) => credential.split('~')[0] ?? ''
const kidOf = (credential: string) => decodeProtectedHeader(jwtOf(credential)).kid

/** As a verifier does who has this key set. */
async function verify(credential: string, keys: Key[]): Promise<void> {
  const { kid, alg } = decodeProtectedHeader(jwtOf(credential))
  const key = keys.find((known) => known.kid === kid)
  if (!key) throw new Error(`The key set has no ${kid}`)
  await compactVerify(jwtOf(credential), await importJWK(key, alg))
}

const node = await startTestNode()
test.after.always(() => node.stop())
const issuer = node.identifierOf('campus')
const tenant = async () => (await node.issuer('campus')).tenant

async function issue(t: ExecutionContext): Promise<string> {
  const wallet = node.wallet('campus')
  const answer = await wallet.credential(await wallet.redeem((await node.offer()).code))
  t.is(answer.status, 200, answer.text)
  return answer.body.credentials[0]!.credential
}

test.serial(
  'RFC 7517 §5: while credentials are issued a key is rotated, and each verifies with every key set that a verifier may have',
  async (t) => {
    const issued: { at: number; credential: string }[] = []
    const seen: { at: number; keys: Key[] }[] = []
    const now = () => node.services.clock().getTime()
    const look = async () => seen.push({ at: now(), keys: await keysOf(issuer) })
    const begun = now()
    const round = async () => {
      await look()
      const at = now()
      issued.push({ at, credential: await issue(t) })
    }
    await round()
    const rotating = tenant().then((found) => rotateKeys(node.services, found, { key: 'default' }))
    await Promise.all([rotating, ...Array.from({ length: 4 }, round)])
    // Through the whole overlap, in steps that fall before and after the moment at which the new generation signs.
    for (const seconds of [2, 120, 120, 55, 70, 5, 120, 300]) {
      node.wait({ seconds })
      await Promise.all([round(), round()])
    }
    t.deepEqual([...new Set(issued.map(({ credential }) => kidOf(credential)))].length, 2, 'both generations signed')
    for (const { at, credential } of issued) {
      // Whoever keeps a key set for the five minutes that it allows, or fetches one later, has the key.
      for (const { keys } of seen.filter((set) => set.at >= at - 300_000)) {
        await t.notThrowsAsync(verify(credential, keys), `${(at - begun) / 1000}`)
      }
    }
  },
)

test.serial('VCI-125: a rotated key is published until the last credential that it signed has expired', async (t) => {
  const credential = await issue(t)
  await rotateKeys(node.services, await tenant(), {})
  node.wait({ minutes: 7 })
  const after = await issue(t)
  t.not(kidOf(after), kidOf(credential))
  // The longest that the tenant's configurations let one be valid is P365D.
  node.wait({ minutes: 365 * 24 * 60 + 23 * 60 })
  await t.notThrowsAsync(verify(credential, await keysOf(issuer)))
  node.wait({ minutes: 2 * 60 })
  await t.throwsAsync(verify(credential, await keysOf(issuer)))
  await t.notThrowsAsync(verify(after, await keysOf(issuer)))
})

test.serial('a rotation that waits is not doubled; --now lets it sign at once', async (t) => {
  const before = (await keysOf(issuer)).length
  const [first, second] = [
    await rotateKeys(node.services, await tenant(), {}),
    await rotateKeys(node.services, await tenant(), {}),
  ]
  t.deepEqual(second, first)
  node.wait({ seconds: 2 })
  t.is((await keysOf(issuer)).length, before + 1)
  const [waiting] = first.filter(({ state }) => state === 'published')
  t.not(kidOf(await issue(t)), waiting?.keyId)
  const shown = await rotateKeys(node.services, await tenant(), { now: true })
  t.like(
    shown.find(({ keyId }) => keyId === waiting?.keyId),
    { state: 'active' },
  )
  node.wait({ seconds: 2 })
  t.is(kidOf(await issue(t)), waiting?.keyId)
})

test.serial(
  'a compromised key leaves the key set at once, with all before it, and its private keys are forgotten',
  async (t) => {
    const [active] = await keysOf(issuer)
    const found = await tenant()
    await rotateKeys(node.services, found, {})
    const shown = await rotateKeys(node.services, found, { compromised: true })
    t.deepEqual(
      shown.map(({ state }) => state),
      [...shown.slice(1).map(() => 'revoked' as const), 'active' as const],
    )
    node.wait({ seconds: 2 })
    const keys = await keysOf(issuer)
    t.deepEqual(
      keys.map(({ kid }) => kid),
      [shown.at(-1)?.keyId],
    )
    t.false(keys.some(({ kid }) => kid === active?.kid))
    await verify(await issue(t), keys)
    const { keys: stored } = await node.services.tables.signingKeys.load(found.id)
    for (const { revokedAt, privateKeySealed } of stored) t.is(privateKeySealed.length === 0, revokedAt !== undefined)
  },
)

test.serial('the private key of a generation that ceased to sign is forgotten a day later', async (t) => {
  const found = await tenant()
  await rotateKeys(node.services, found, { now: true })
  const sealed = async () =>
    (await node.services.tables.signingKeys.load(found.id)).keys.filter((key) => key.privateKeySealed.length > 0).length
  t.is(await sealed(), 2)
  node.wait({ minutes: 25 * 60 })
  await keysOf(issuer)
  t.is(await sealed(), 1)
})

test('two nodes that rotate at once come to one generation, and both sign with it within two seconds', async (t) => {
  const nodes = await startNodeProcesses(2, { environment: { CLAIMGATE_API_KEY: platformKey } })
  try {
    const identifier = nodes.identifierOf('campus')
    const issueAt = async (fetch: Fetch) => {
      const wallet = nodes.wallet('campus', { fetch })
      const answer = await wallet.credential(await wallet.redeem((await nodes.offer()).code))
      return answer.body.credentials[0]!.credential
    }
    // The first key, made by both at once.
    const [one, other] = await Promise.all(nodes.nodes.map(({ fetch }) => issueAt(fetch)))
    t.is(kidOf(one!), kidOf(other!))
    const rotate = (fetch: Fetch, how: object = {}) =>
      fetch(`${nodes.url}/api/v1/tenants/test/signing-keys/rotations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${platformKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(how),
      })
    const answers = await Promise.all(nodes.nodes.flatMap(({ fetch }) => [rotate(fetch), rotate(fetch)]))
    for (const answer of answers) t.is(answer.status, 200)
    // The generation that waits is told to sign at once.
    t.is((await rotate(nodes.nodes[0]!.fetch, { now: true })).status, 200)
    await pause(2000)
    const sets = await Promise.all(nodes.nodes.map(({ fetch }) => keysOf(identifier, fetch)))
    for (const set of sets) t.deepEqual(set.map(({ kid }) => kid).toSorted(), sets[0]!.map(({ kid }) => kid).toSorted())
    t.is(sets[0]!.length, 2, 'four rotations made one generation')
    const signed = await Promise.all(nodes.nodes.map(({ fetch }) => issueAt(fetch)))
    for (const credential of signed) {
      t.is(kidOf(credential), sets[0]![0]!.kid, 'the one that signs comes first')
      t.not(kidOf(credential), kidOf(one!))
    }
  } finally {
    await nodes.stop()
  }
})
