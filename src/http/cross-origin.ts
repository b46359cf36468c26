import cors from '@koa/cors'
import type { Middleware } from 'koa'

const anyOrigin: Middleware = cors({
  origin: '*',
  allowMethods: 'GET,HEAD,POST',
  exposeHeaders: ['DPoP-Nonce', 'WWW-Authenticate', 'OAuth-Client-Attestation-Challenge'],
  maxAge: 3600,
})
const forPrograms =
  /^\/(\.well-known\/|[^/]+\/callback\/[^/]+\/jwks$|[^/]+\/(?!callback\/)[^/]+\/(\.well-known\/|(jwks|root\.pem|crl|par|authorize\/par|token|challenge|nonce|credential|deferred-credential|notification|revoke|(offers|types)\/[^/]+|status-lists(\/[^/]+){0,2})\/?$))/

/** CORS without credentials for the endpoints that programs call; never for pages and the admin API. */
export const crossOrigin: Middleware = (ctx, next) => (forPrograms.test(ctx.path) ? anyOrigin(ctx, next) : next())
