import Router from '@koa/router'
import Koa from 'koa'
import type { Services } from '../../services.ts'
import { crossOrigin } from '../cross-origin.ts'
import { json, loadIssuer, otherMethods, page, refuseRetired } from '../edge.ts'
import { noStore } from '../send.ts'
import { challenge } from './challenge.ts'
import { credential } from './credential.ts'
import { credentialOffer } from './credential-offer.ts'
import { crl } from './crl.ts'
import { deferredCredential } from './deferred-credential.ts'
import { jwks, jwtVcIssuer, root } from './jwks.ts'
import { asMetadataEndpoint, issuerMetadataEndpoint, typeMetadataEndpoint } from './metadata.ts'
import { nonce } from './nonce.ts'
import { notification } from './notification.ts'
import { par } from './par.ts'
import { callbacks, pages } from './people.ts'
import { providerKeys } from './provider-keys.ts'
import { revoke } from './revoke.ts'
import { statusList, statusLists } from './status-lists.ts'
import { token } from './token.ts'

const at = '/:tenant/:issuer'
const wellKnown = (name: string) => [`/.well-known/${name}${at}`, `${at}/.well-known/${name}`]

/** Endpoints that programs call: JSON, errors as JSON, open to every origin without credentials. */
function endpoints(services: Services): Router {
  const router = new Router()
  const open = [json(services), loadIssuer(services)]
  const issuing = [...open, refuseRetired, noStore]
  // In the order in which a wallet calls them.
  router.get('/:tenant/callback/:identityProvider/jwks', json(services), providerKeys(services))
  router.get([`${at}/offers/:handle`], ...issuing, credentialOffer(services))
  router.get(wellKnown('openid-credential-issuer'), ...open, issuerMetadataEndpoint(services))
  router.get(wellKnown('oauth-authorization-server'), ...open, asMetadataEndpoint)
  router.get(wellKnown('openid-configuration'), ...open, asMetadataEndpoint)
  router.get(wellKnown('jwt-vc-issuer'), ...open, jwtVcIssuer(services))
  router.get(`${at}/jwks`, ...open, jwks(services))
  router.get(`${at}/root.pem`, ...open, root(services))
  router.get(`${at}/crl`, ...open, crl(services))
  router.get(`${at}/types/:configuration`, ...open, typeMetadataEndpoint)
  router.get(`${at}/status-lists`, ...open, statusLists(services))
  router.get([`${at}/status-lists/:list`, `${at}/status-lists/:list/:purpose`], ...open, statusList(services))
  router.post([`${at}/par`, `${at}/authorize/par`], ...issuing, par(services))
  router.post(`${at}/token`, ...issuing, token(services))
  router.post(`${at}/challenge`, ...issuing, challenge(services))
  router.post(`${at}/nonce`, ...issuing, nonce(services))
  // They have words of their own for a malformed request (§8.3.1.2, §9.3, §11.3).
  const asCredential = [json(services, 'invalid_credential_request'), ...issuing.slice(1)]
  router.post(`${at}/credential`, ...asCredential, credential(services))
  router.post(`${at}/deferred-credential`, ...asCredential, deferredCredential(services))
  const asNotification = [json(services, 'invalid_notification_request'), loadIssuer(services), noStore]
  router.post(`${at}/notification`, ...asNotification, notification(services))
  router.post(`${at}/revoke`, ...open, noStore, revoke(services))
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
