import type { Middleware } from 'koa'
import { draftClaims } from '../../administration/draft-claims.ts'
import { type PreviewedClaim, previewClaimMapping } from '../../administration/preview-claim-mapping.ts'
import { namesIn } from '../../claims/source-names.ts'
import { type PreviewSources, previewSources } from '../../issuance/preview-sources.ts'
import { helpFor } from '../../model/faults/index.ts'
import { PreviewRequest } from '../../model/preview.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { callerOf } from './authorize.ts'

const shown = ({ key, path, isOverride, isDefault, read, steps, problem, ...rest }: PreviewedClaim) => ({
  claim: key,
  path,
  ...rest,
  is_override: isOverride,
  is_default: isDefault,
  ...(read !== undefined && { read }),
  steps,
  ...(problem && { problem }),
})

/** Every source that the rules had, with the names of what it holds. */
const shownSources = ({ sources, failed }: PreviewSources) => [
  ...Object.entries(sources).map(([source, members]) => ({ source, names: namesIn(source, members) })),
  ...(failed ? [{ failed: { ...failed, ...helpFor(failed.fault) } }] : []),
]

/**
 * `POST …/credential-configurations/{id}/claim-mapping/preview`: the claims that a credential would have, and how each came to be. It
 * stores nothing.
 */
export const postPreview =
  (services: Services): Middleware =>
  async (ctx) => {
    const request = parse(PreviewRequest, ctx.request.body, 'unprocessable')
    const { issuer, configuration } = draftClaims(issuerOf(ctx), String(ctx.params.configuration), request.claims)
    const read = await previewSources(services, issuer, configuration, request, callerOf(ctx))
    const { claims, rules, missing, unusable } = await previewClaimMapping(
      services,
      issuer,
      configuration,
      read.sources,
    )
    const { identity_provider } = read.sources.session
    ctx.body = {
      credential_configuration_id: configuration.id,
      format: configuration.format,
      ...(identity_provider !== undefined && { identity_provider }),
      from: read.from,
      // What somebody pasted may be of anybody's making.
      verified: read.from !== 'request',
      issuable: missing.length === 0 && unusable.length === 0 && !read.failed,
      claims,
      rules: rules.map(shown),
      sources: shownSources(read),
    }
  }
