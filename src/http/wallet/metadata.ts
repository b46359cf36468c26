import type { Middleware } from 'koa'
import { authorizationServerMetadata, issuerMetadata } from '../../issuance/describe-issuer.ts'
import { localise } from '../../issuance/localise-metadata.ts'
import { signMetadata } from '../../issuance/signed-metadata.ts'
import { typeDocument } from '../../issuance/type-metadata.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { languagesOf } from '../request.ts'
import { sendCached } from '../send.ts'

const minutes = 300

/** Credential Issuer Metadata, OpenID4VCI §12.2: JSON, or signed where `Accept` would rather have that. */
export const issuerMetadataEndpoint =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    ctx.vary(['Accept', 'Accept-Language'])
    const { metadata, languages } = localise(await issuerMetadata(services, issuer), languagesOf(ctx))
    if (languages.length > 0) ctx.set('Content-Language', languages.join(', '))
    if (ctx.accepts('application/json', 'application/jwt') !== 'application/jwt')
      return sendCached(ctx, metadata, minutes)
    const signed = await signMetadata(services, issuer, metadata)
    ctx.type = 'application/jwt'
    sendCached(ctx, signed, minutes)
  }

/** Authorization Server Metadata, RFC 8414 §3. */
export const asMetadataEndpoint: Middleware = (ctx) =>
  sendCached(ctx, authorizationServerMetadata(issuerOf(ctx)), minutes)

/** Type Metadata of a credential configuration, SD-JWT VC §6. */
export const typeMetadataEndpoint: Middleware = (ctx) => {
  const configuration = issuerOf(ctx).configurations.get(String(ctx.params.configuration))
  if (configuration?.format !== 'dc+sd-jwt') throw new ProtocolError('not_found', 'There is no such type.')
  ctx.type = 'application/json'
  sendCached(ctx, typeDocument(configuration), minutes)
}
