import type { Adapter, AdapterPayload } from 'oidc-provider'

type Row = { id: string; kind: string; payload: AdapterPayload; expiresAt: number }

/** Where the demo provider keeps its sessions, codes and tokens: in memory, until they expire. */
export function memoryAdapter(now: () => number): (kind: string) => Adapter {
  const rows = new Map<string, Row>()
  const live = (row: Row | undefined) => (row && row.expiresAt > now() ? row.payload : undefined)
  const first = (kind: string, matches: (payload: AdapterPayload) => boolean) =>
    [...rows.values()].find((row) => row.kind === kind && live(row) && matches(row.payload))?.payload

  return (kind) => ({
    async upsert(id, payload, expiresIn) {
      for (const [key, row] of rows) if (!live(row)) rows.delete(key)
      const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : now() + expiresIn * 1000
      rows.set(`${kind}:${id}`, { id, kind, payload, expiresAt })
    },
    async find(id) {
      return live(rows.get(`${kind}:${id}`))
    },
    async findByUid(uid) {
      return first(kind, (payload) => payload.uid === uid)
    },
    async findByUserCode(userCode) {
      return first(kind, (payload) => payload.userCode === userCode)
    },
    async consume(id) {
      const payload = live(rows.get(`${kind}:${id}`))
      if (payload) payload.consumed = Math.floor(now() / 1000)
    },
    async destroy(id) {
      rows.delete(`${kind}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, row] of rows) if (row.kind === kind && row.payload.grantId === grantId) rows.delete(key)
    },
  })
}
