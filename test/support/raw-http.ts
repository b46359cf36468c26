import { connect } from 'node:net'

export type RawAnswer = {
  /** 0 where the connection was closed without an answer. */
  status: number
  headers: Headers
  text: string
}

/**
 * Sends bytes to a node on this machine just as they are, in requests that no HTTP library would make. Reads until the connection
 * closes; of a stream of events the head is enough.
 */
export async function sendRaw(nodeUrl: string, ...parts: (string | Buffer)[]): Promise<RawAnswer> {
  const socket = connect(Number(new URL(nodeUrl).port), '127.0.0.1')
  let broken = false
  socket.on('error', () => (broken = true)) // a node may hang up while it is still being sent to
  for (const part of parts) if (!broken) socket.write(part)
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
    const [head = '', body] = answer.split('\r\n\r\n', 2)
    if (body !== undefined && /\r\ncontent-type: text\/event-stream/i.test(head)) socket.destroy()
  })
  socket.on('close', () => resolve())
  await closed
  const [head = '', ...body] = answer.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = new Headers()
  for (const field of fields) headers.append(field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1))
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0), headers, text: body.join('\r\n\r\n') }
}

/** A request line and headers, with `Host` and `Connection: close` unless they are given. */
export function requestHead(method: string, target: string, headers: Record<string, string | string[]> = {}): string {
  const all = { host: 'localhost', connection: 'close', ...headers }
  const lines = Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}
