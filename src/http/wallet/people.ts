import Router from '@koa/router'
import type { Services } from '../../services.ts'
import { loadIssuer, page, refuseRetired } from '../edge.ts'
import { offerEvents } from '../pages/offer-events.ts'
import { showOfferPage, signInToOffer } from '../pages/offer-page.ts'
import { showTestSignIn, startTestSignIn } from '../pages/test-sign-in-page.ts'
import { authorize } from './authorize.ts'
import { callback } from './callback.ts'
import { consent } from './consent.ts'

const at = '/:tenant/:issuer'

/** Pages that people see, and what their browsers are sent through: no CORS. */
export function pages(services: Services, stopping: AbortSignal): Router {
  const router = new Router()
  const shown = [page(services), loadIssuer(services), refuseRetired]
  router.get(`${at}/offer/:handle`, ...shown, showOfferPage(services))
  router.post(`${at}/offer/:handle`, ...shown, signInToOffer(services))
  router.get(`${at}/offer/:handle/events`, ...shown, offerEvents(services, stopping))
  router.get(`${at}/test-sign-in/:handle`, ...shown, showTestSignIn(services))
  router.post(`${at}/test-sign-in/:handle`, ...shown, startTestSignIn(services))
  router.get(`${at}/authorize`, ...shown, authorize(services))
  router.post(`${at}/authorize`, ...shown, authorize(services))
  router.get(`${at}/consent`, ...shown, consent(services))
  router.post(`${at}/consent`, ...shown, consent(services))
  return router
}

/** Where providers answer. Before all others, for a provider may be called as an endpoint is. */
export function callbacks(services: Services): Router {
  const router = new Router()
  router.get('/:tenant/callback/:identityProvider', page(services), callback(services))
  return router
}
