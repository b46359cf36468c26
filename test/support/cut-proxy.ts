import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The first word of what a client asks: after a header of four bytes COM_QUERY, for MySQL two bytes that announce no attributes, the text. */
function verbOf(packet: Buffer): string | undefined {
  if (packet[4] !== 3) return undefined
  return /^\W*(begin|commit|rollback|insert|update|delete)\b/i
    .exec(packet.toString('latin1', 5, 20))?.[1]
    ?.toLowerCase()
}

type When = 'after' | 'before'

export type CutProxy = {
  /** The database URL, leading through the proxy. */
  url: string
  /** The next COMMIT reaches the server, and both ends are cut before its answer; or, with `before`, it is cut instead of sent. */
  cutNextCommit(when?: When): void
  /** The same for the n-th decision from now: a COMMIT, or a statement outside a transaction that writes. */
  cutDecision(nth: number, when?: When): void
  /** How often it has cut. */
  cuts(): number
  /** From now on nothing is passed on, though connections stay: a database that hangs. */
  freeze(): void
  /** Cuts everything and refuses new connections: a database that is gone. */
  stop(): Promise<void>
}

/** A TCP proxy in front of a MySQL or MariaDB server that loses a connection when told. It takes any free port, or the given one. */
export async function startCutProxy(databaseUrl: string, port = 0): Promise<CutProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let armed: { when: When; left: number; commitsOnly: boolean } | undefined
  let cuts = 0
  let frozen = false

  /** Whether this statement is the one to cut at, and how. */
  function isDue(verb: string | undefined, inTransaction: boolean): When | undefined {
    const decides =
      verb === 'commit' || (!armed?.commitsOnly && !inTransaction && /insert|update|delete/.test(verb ?? ''))
    if (!armed || !decides || --armed.left > 0) return undefined
    const { when } = armed
    armed = undefined
    return when
  }

  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 3306), target.hostname)
    let deaf = false
    let inTransaction = false
    const cut = () => {
      cuts += 1
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    }
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.end())
    client.on('data', (packet) => {
      if (frozen) return
      const verb = verbOf(packet)
      const when = isDue(verb, inTransaction)
      if (verb === 'begin') inTransaction = true
      if (verb === 'commit' || verb === 'rollback') inTransaction = false
      if (when === 'before') return cut()
      if (when === 'after') deaf = true
      upstream.write(packet)
    })
    upstream.on('data', (answer) => {
      if (deaf) cut()
      else if (!frozen) client.write(answer)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)

  return {
    url: url.href,
    cutNextCommit: (when = 'after') => {
      armed = { when, left: 1, commitsOnly: true }
    },
    cutDecision: (nth, when = 'after') => {
      armed = { when, left: nth, commitsOnly: false }
    },
    cuts: () => cuts,
    freeze: () => {
      frozen = true
    },
    async stop() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
