import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'

export type SourceAnswer = {
  status?: number
  type?: string
  body?: string
  headers?: Record<string, string>
  /** No answer at all, or only after so long. */
  hang?: boolean
  afterMs?: number
}
export type SourceRequest = {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
  /** The common name of the certificate that was shown. */
  certificate: string | undefined
}
export type ClaimSourceDouble = {
  url: string
  requests: SourceRequest[]
  /** What it answers; change it at any time. */
  answer: (request: SourceRequest) => SourceAnswer
  stop(): Promise<void>
}

export const json = (value: unknown): SourceAnswer => ({ body: JSON.stringify(value) })

/** A data source on this machine, as slow, broken or odd as it is told. */
export async function startClaimSource(tls?: https.ServerOptions): Promise<ClaimSourceDouble> {
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { method = '', url = '', headers, socket } = request
    const shown = tls && (socket as TLSSocket).authorized && (socket as TLSSocket).getPeerCertificate().subject?.CN
    const seen: SourceRequest = {
      method,
      url,
      headers,
      body,
      certificate: typeof shown === 'string' ? shown : undefined,
    }
    double.requests.push(seen)
    const answer = double.answer(seen)
    if (answer.hang) return
    if (answer.afterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.afterMs))
    const { status = 200, type = 'application/json' } = answer
    response.writeHead(status, { 'content-type': type, ...answer.headers }).end(answer.body ?? '')
  }
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response).catch(() => response.destroy())
  const server = tls
    ? https.createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener)
    : http.createServer(listener)
  // A test that forgets it is not kept waiting for it.
  server.unref().on('connection', (socket) => socket.unref())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const double: ClaimSourceDouble = {
    url: `${tls ? 'https' : 'http'}://localhost:${port}`,
    requests: [],
    answer: () => json({}),
    stop: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return double
}
