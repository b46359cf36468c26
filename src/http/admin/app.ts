import Router from '@koa/router'
import Koa from 'koa'
import type { Services } from '../../services.ts'
import { loadIssuer, refuseRetired } from '../edge.ts'
import { authorize } from './authorize.ts'
import { jsonBody } from './body.ts'
import { getClaimNames } from './claim-names.ts'
import { getCredentialOf, listCredentialsPage, putStatus, putStatusOfMany } from './credentials.ts'
import { getDeferredCredential, listDeferredPage, putDecision } from './deferred-credentials.ts'
import { deleteOffer, getOffer, listOffersPage, postOffer } from './offers.ts'
import { checkTenantName } from './path.ts'
import { postPreview } from './previews.ts'
import { problems } from './problems.ts'
import { getSession, getSessionByReference } from './sessions.ts'
import { getSigningKeys, postRotation } from './signing-keys.ts'
import { putTenant } from './tenants.ts'
import { postTestSignIn } from './test-sign-ins.ts'

const tenant = '/v1/tenants/:tenant'
const issuer = `${tenant}/issuers/:issuer`

/** Every route of the admin API below `/api`, with who may call it. */
export function adminRouter(services: Services): Router {
  const router = new Router()
  const platform = authorize(services, 'platform')
  const ofTenant = [authorize(services, 'administrator'), checkTenantName]
  const forOffers = [authorize(services, 'offers'), checkTenantName, loadIssuer(services)]
  router.put(tenant, platform, ...jsonBody('1mb'), putTenant(services))
  router.get(`${tenant}/signing-keys`, ...ofTenant, getSigningKeys(services))
  router.post(`${tenant}/signing-keys/rotations`, ...ofTenant, ...jsonBody('64kb'), postRotation(services))
  router.get(`${tenant}/identity-providers/:provider/claim-names`, ...ofTenant, getClaimNames(services))
  router.post(`${issuer}/offers`, ...forOffers, refuseRetired, ...jsonBody('64kb'), postOffer(services))
  router.get(`${issuer}/offers`, ...forOffers, listOffersPage(services))
  router.get(`${issuer}/offers/:offer`, ...forOffers, getOffer(services))
  router.delete(`${issuer}/offers/:offer`, ...forOffers, deleteOffer(services))
  router.get(`${issuer}/sessions`, ...forOffers, getSessionByReference(services))
  router.get(`${issuer}/sessions/:session`, ...forOffers, getSession(services))
  const deferred = `${issuer}/deferred-credentials`
  const deciding = [...ofTenant, loadIssuer(services)]
  router.get(deferred, ...forOffers, listDeferredPage(services))
  router.get(`${deferred}/:deferred`, ...forOffers, getDeferredCredential(services))
  router.put(`${deferred}/:deferred/decision`, ...deciding, ...jsonBody('64kb'), putDecision(services))
  router.post(
    `${issuer}/identity-providers/:provider/test-sign-ins`,
    ...deciding,
    refuseRetired,
    postTestSignIn(services),
  )
  const preview = `${issuer}/credential-configurations/:configuration/claim-mapping/preview`
  router.post(preview, ...deciding, ...jsonBody('1mb'), postPreview(services))
  const credentials = `${issuer}/credentials`
  router.get(credentials, ...forOffers, listCredentialsPage(services))
  router.put(`${credentials}/status`, ...deciding, ...jsonBody('64kb'), putStatusOfMany(services))
  router.get(`${credentials}/:credential`, ...forOffers, getCredentialOf(services))
  router.put(`${credentials}/:credential/status`, ...deciding, ...jsonBody('64kb'), putStatus(services))
  return router
}

/** The admin API: JSON, errors as problems, no CORS. Mounted at `/api`. */
export function adminApp(services: Services): Koa {
  const app = new Koa()
  const router = adminRouter(services)
  app.use(problems(services))
  app.use(router.routes())
  app.use(router.allowedMethods())
  app.use(() => {}) // what nobody answers ends here, not with the wallet's routes
  return app
}
