import type { Middleware } from 'koa'
import { publishProviderKeys } from '../../issuance/publish-provider-keys.ts'
import type { Services } from '../../services.ts'
import { sendCached } from '../send.ts'

const cachedSeconds = 300

/** The keys that a tenant has at an identity provider, beside the redirect URI it has there (RFC 7517 §5). */
export const providerKeys =
  (services: Services): Middleware =>
  async (ctx) => {
    const { tenant = '', identityProvider = '' } = ctx.params as Record<string, string>
    sendCached(ctx, await publishProviderKeys(services, tenant, identityProvider), cachedSeconds)
  }
