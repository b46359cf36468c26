import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { notPublic, rangesOf } from './address-ranges.ts'
import { codeOf, exchange, OutboundError } from './exchange.ts'

type Options = {
  /** Addresses and CIDR ranges that are open although they are not public; plain http is spoken to these only. */
  allowAddresses: readonly string[]
  timeoutSeconds?: number
  maxBytes?: number
  /** A forward proxy, and the hosts (with their subdomains) that are reached without it; `*` is all. */
  proxy?: { url: string; except?: readonly string[] }
  lookup?: typeof dns.lookup
}

/** With the certificate that the client shows, PEM (RFC 8446 §4.4.2). */
export type OutboundInit = RequestInit & { clientCertificate?: { cert: string; key: string } }

/** Names that do not resolve here pass: behind a proxy that is normal. Plain http needs an address that is known and allowed. */
const checkBeforeProxy = (host: string, lookup: LookupFunction, secure: boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error) =>
      error && (!secure || error instanceof OutboundError) ? reject(error) : resolve(),
    )
  })

/**
 * The one `fetch` for outbound calls: to a public address or one that the platform allows, checked where the connection is made, so
 * that a name cannot change its mind in between. A redirect is an answer and is not followed; the time limit covers the body, which is
 * read whole. Through a proxy a name is checked as far as it resolves here; the connection is then the proxy's. Throws `OutboundError`.
 */
export function makeFetch(settings: Options): typeof fetch {
  const { allowAddresses, timeoutSeconds = 10, maxBytes = 2 ** 20, proxy, lookup = dns.lookup } = settings
  const allowed = rangesOf(allowAddresses)
  const permitted = (address: string, secure: boolean) =>
    allowed.holds(address) || (secure && !notPublic.holds(address))
  const lookupFor =
    (secure: boolean): LookupFunction =>
    (name, options, callback) =>
      lookup(name, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '', 0)
        const open = addresses.filter(({ address }) => permitted(address, secure))
        const [first] = open
        if (!first) return callback(new OutboundError('address_refused', name), '', 0)
        return options.all ? callback(null, open) : callback(null, first.address, first.family)
      })
  const excepted = proxy?.except?.map((entry) => entry.replace(/^\./, '')) ?? []
  const isDirect = (host: string) => excepted.some((name) => name === '*' || host === name || host.endsWith(`.${name}`))

  return async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const secure = url.protocol === 'https:'
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const speaksHttp = secure || url.protocol === 'http:'
    // An address in the URL is connected to without a lookup.
    if (!speaksHttp || (isIP(host) && !permitted(host, secure))) throw new OutboundError('address_refused', url.host)
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
    const options: https.RequestOptions = {
      method: request.method,
      headers: { 'accept-encoding': 'identity', ...Object.fromEntries(request.headers) },
      signal: AbortSignal.any([request.signal, timeout]),
    }
    const certificate = secure ? (init as OutboundInit | undefined)?.clientCertificate : undefined
    try {
      if (proxy && !isDirect(host)) {
        if (!isIP(host)) await checkBeforeProxy(host, lookupFor(secure), secure)
        const proxyEnv = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url }
        options.agent = secure ? new https.Agent({ proxyEnv, ...certificate }) : new http.Agent({ proxyEnv })
      } else Object.assign(options, { lookup: lookupFor(secure), agent: false, ...certificate })
      const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined
      return await exchange({ url, options, body, maxBytes })
    } catch (error) {
      if (timeout.aborted) throw new OutboundError('timeout', url.host, error)
      if (request.signal.aborted) throw request.signal.reason
      const { code, cause } = error instanceof OutboundError ? error : { code: codeOf(error), cause: error }
      throw new OutboundError(code, url.host, cause)
    }
  }
}
