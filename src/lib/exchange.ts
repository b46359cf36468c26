import http from 'node:http'
import https from 'node:https'

export type OutboundCode = 'address_refused' | 'timeout' | 'too_large' | 'unreachable' | 'tls' | 'name_unknown'

/** Why an outbound call gave no answer. The message names the host and its port, never the path or the query. */
export class OutboundError extends Error {
  readonly code: OutboundCode
  readonly host: string

  constructor(code: OutboundCode, host: string, cause?: unknown) {
    super(`${host}: ${code}`, cause === undefined ? {} : { cause })
    this.name = 'OutboundError'
    this.code = code
    this.host = host
  }
}

/** The code for what the operating system, the resolver or TLS said. */
export function codeOf(error: unknown): OutboundCode {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^(ENOTFOUND|ENODATA|EAI_NONAME|EAI_NODATA)$/.test(code)) return 'name_unknown'
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|EPROTO$)|SELF_SIGNED|HOSTNAME_MISMATCH/.test(code)) return 'tls'
  return 'unreachable'
}

type Outgoing = { url: URL; options: https.RequestOptions; body: Buffer | undefined; maxBytes: number }

/** One request and its whole answer. Throws `too_large`, or what node says. */
export async function exchange({ url, options, body, maxBytes }: Outgoing): Promise<Response> {
  const incoming = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? https.request : http.request
    send(url, options).once('response', resolve).on('error', reject).end(body)
  })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += chunk.length
    if (size > maxBytes) throw new OutboundError('too_large', url.host) // leaving the loop closes the connection
    chunks.push(chunk)
  }
  const status = incoming.statusCode ?? 0
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  return new Response([204, 205, 304].includes(status) ? null : Buffer.concat(chunks), { status, headers })
}
