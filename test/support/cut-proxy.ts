import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a client sends for COMMIT: a header of four bytes, COM_QUERY, for MySQL two bytes that announce no attributes, the text. */
const isCommit = (packet: Buffer) =>
  packet[4] === 3 && packet.length <= 14 && /commit;?$/i.test(packet.toString('latin1', 5))

export type CutProxy = {
  /** The database URL, leading through the proxy. */
  url: string
  /** The next COMMIT reaches the server, and both ends are cut before its answer; or, with `before`, it is cut instead of sent. */
  cutNextCommit(when?: 'after' | 'before'): void
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
  let armed: 'after' | 'before' | undefined
  let cuts = 0
  let frozen = false

  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 3306), target.hostname)
    let deaf = false
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
      const how = armed !== undefined && isCommit(packet) ? armed : undefined
      if (how) armed = undefined
      if (how === 'before') return cut()
      if (how === 'after') deaf = true
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
      armed = when
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
