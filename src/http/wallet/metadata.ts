import type { Middleware } from 'koa'
import { authorizationServerMetadata, issuerMetadata, typeMetadata } from '../../issuance/describe-issuer.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { issuerOf } from '../edge.ts'
import { sendCached } from '../send.ts'

const minutes = 300

/** Credential Issuer Metadata, OpenID4VCI §12.2. */
export const issuerMetadataEndpoint: Middleware = (ctx) => sendCached(ctx, issuerMetadata(issuerOf(ctx)), minutes)

/** Authorization Server Metadata, RFC 8414 §3. */
export const asMetadataEndpoint: Middleware = (ctx) =>
  sendCached(ctx, authorizationServerMetadata(issuerOf(ctx)), minutes)

/** Type Metadata of a credential configuration, SD-JWT VC §6. */
export const typeMetadataEndpoint: Middleware = (ctx) => {
  const configuration = issuerOf(ctx).configurations.get(String(ctx.params.configuration))
  if (!configuration) throw new ProtocolError('not_found', 'There is no such type.')
  sendCached(ctx, typeMetadata(configuration), minutes)
}
