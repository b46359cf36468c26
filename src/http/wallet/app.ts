import Router from '@koa/router'
import Koa from 'koa'
import type { Services } from '../../services.ts'
import { crossOrigin } from '../cross-origin.ts'
import { json, loadIssuer, otherMethods, page, refuseRetired } from '../edge.ts'
import { offerEvents } from '../pages/offer-events.ts'
import { showOfferPage } from '../pages/offer-page.ts'
import { noStore } from '../send.ts'
import { authorize } from './authorize.ts'
import { callback } from './callback.ts'
import { challenge } from './challenge.ts'
import { consent } from './consent.ts'
import { credential } from './credential.ts'
import { credentialOffer } from './credential-offer.ts'
import { jwks, jwtVcIssuer, root } from './jwks.ts'
import { asMetadataEndpoint, issuerMetadataEndpoint, typeMetadataEndpoint } from './metadata.ts'
import { nonce } from './nonce.ts'
import { par } from './par.ts'
import { token } from './token.ts'

const at = '/:tenant/:issuer'
const wellKnown = (name: string) => [`/.well-known/${name}${at}`, `${at}/.well-known/${name}`]

/** Endpoints that programs call: JSON, errors as JSON, open to every origin without credentials. */
function endpoints(services: Services): Router {
  const router = new Router()
  const open = [json(services), loadIssuer(services)]
  const issuing = [...open, refuseRetired, noStore]
  // In the order in which a wallet calls them.
  router.get([`${at}/offers/:handle`], ...issuing, credentialOffer(services))
  router.get(wellKnown('openid-credential-issuer'), ...open, issuerMetadataEndpoint(services))
  router.get(wellKnown('oauth-authorization-server'), ...open, asMetadataEndpoint)
  router.get(wellKnown('openid-configuration'), ...open, asMetadataEndpoint)
  router.get(wellKnown('jwt-vc-issuer'), ...open, jwtVcIssuer(services))
  router.get(`${at}/jwks`, ...open, jwks(services))
  router.get(`${at}/root.pem`, ...open, root(services))
  router.get(`${at}/types/:configuration`, ...open, typeMetadataEndpoint)
  router.post([`${at}/par`, `${at}/authorize/par`], ...issuing, par(services))
  router.post(`${at}/token`, ...issuing, token(services))
  router.post(`${at}/challenge`, ...issuing, challenge(services))
  router.post(`${at}/nonce`, ...issuing, nonce(services))
  // It has a word of its own for a malformed request (§8.3.1.2).
  const asCredential = json(services, 'invalid_credential_request')
  router.post(`${at}/credential`, asCredential, ...issuing.slice(1), credential(services))
  return router
}

/** Pages that people see, and what their browsers are sent through: no CORS. */
function pages(services: Services, stopping: AbortSignal): Router {
  const router = new Router()
  const shown = [page(services), loadIssuer(services), refuseRetired]
  router.get(`${at}/offer/:handle`, ...shown, showOfferPage(services))
  router.get(`${at}/offer/:handle/events`, ...shown, offerEvents(services, stopping))
  router.get(`${at}/authorize`, ...shown, authorize(services))
  router.post(`${at}/authorize`, ...shown, authorize(services))
  router.get(`${at}/consent`, ...shown, consent(services))
  router.post(`${at}/consent`, ...shown, consent(services))
  return router
}

/** Where providers answer. Before all others, for a provider may be called as an endpoint is. */
function callbacks(services: Services): Router {
  const router = new Router()
  router.get('/:tenant/callback/:identityProvider', page(services), callback(services))
  return router
}

/** Every wallet route. */
export function walletApp(services: Services, stopping: AbortSignal): { app: Koa; routers: Router[] } {
  const app = new Koa()
  const [answers, programs, people] = [callbacks(services), endpoints(services), pages(services, stopping)]
  app.use(crossOrigin)
  app.use(answers.routes()).use(otherMethods(answers, page(services)))
  app.use(programs.routes()).use(otherMethods(programs, json(services)))
  app.use(people.routes()).use(otherMethods(people, page(services)))
  return { app, routers: [answers, programs, people] }
}
