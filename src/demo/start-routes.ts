import Router from '@koa/router'
import { pageContext, pageIssuer } from '../http/page-context.ts'
import { startPage } from '../http/pages/start.ts'
import { sendPage } from '../http/send.ts'
import { createOffer } from '../issuance/create-offer.ts'
import { credentialName } from '../model/display.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'

const tenant = 'demo'
const deliveries = { staff: 'qr', registry: 'link', campus: 'both' } as const
type DemoIssuer = keyof typeof deliveries
export const issuerNames = Object.keys(deliveries) as DemoIssuer[]
/** In the demo the PIN stands on the start page, where in earnest it would come as a letter or a text message. */
export const demoPin = '204865'
const demoPerson = { given_name: 'Alice', family_name: 'Jönsson', birthdate: '1985-04-12', document_number: 'SE-4711' }

const issuerOf = async ({ configuration }: Services, name: DemoIssuer): Promise<LiveIssuer> => {
  const issuer = await configuration.findIssuer(tenant, name)
  if (!issuer) throw new Error(`The demo tenant has no issuer ${name}.`)
  return issuer
}

/** The page of the long-lived offer that all of `staff` use: the same one at the next start. */
async function staffOfferPage(services: Services): Promise<string> {
  const issuer = await issuerOf(services, 'staff')
  const [known] = (await services.tables.sharedOffers.list(issuer, undefined, 1)).filter(
    ({ withdrawnAt }) => !withdrawnAt,
  )
  if (known?.handleSealed) {
    const sealer = await services.vault.of(issuer.tenantId)
    const handle = sealer.open({ table: 'shared_offers', column: 'handle_sealed', row: known.id }, known.handleSealed)
    return `${issuer.identifier}/offer/${handle}`
  }
  return (await createOffer(services, issuer, { grants: ['authorization_code'] })).links.offerPageUrl
}

async function freshOfferPage(services: Services, name: DemoIssuer): Promise<string> {
  if (name === 'staff') return staffOfferPage(services)
  const issuer = await issuerOf(services, name)
  const request =
    name === 'registry'
      ? { claims: demoPerson, tx_code: { value: demoPin } }
      : {
          claims: { ...demoPerson, document_number: 'S-2001' },
          grants: ['authorization_code', 'pre_authorized_code'] as ('authorization_code' | 'pre_authorized_code')[],
        }
  return (await createOffer(services, issuer, request)).links.offerPageUrl
}

/** `/` and `/start/{issuer}`, which leads to an offer page: personal offers are claimed once, so each click makes a new one. */
export function startRoutes(services: Services): Router {
  const router = new Router()
  router.get('/', async (ctx) => {
    const { config } = services
    const context = await pageContext(services, ctx)
    const offers = await Promise.all(
      issuerNames.map(async (name) => {
        const issuer = await issuerOf(services, name)
        const { name: issuerName, logo } = pageIssuer(issuer, context.language)
        const [id = ''] = issuer.configurations.keys()
        return {
          issuer: name,
          issuerName,
          logo,
          credential: { id, name: credentialName(issuer, id, context.language) },
          delivery: deliveries[name],
          href: `/start/${name}`,
          pin: name === 'registry' ? demoPin : undefined,
          metadata: `/.well-known/openid-credential-issuer/${tenant}/${name}`,
        }
      }),
    )
    const ports = { node: config.port, demo: config.demoPort }
    const isPublic = !/^http:\/\/(localhost|127\.)/.test(config.publicUrl)
    const first = await issuerOf(services, 'staff')
    const { stylesheet } = await pageContext(services, ctx, first)
    sendPage(ctx, startPage({ ...context, stylesheet }, { offers, ports, isPublic }), 'page')
  })
  router.get('/start/:issuer', async (ctx) => {
    const name = issuerNames.find((known) => known === ctx.params.issuer)
    if (!name) throw new ProtocolError('not_found', 'There is no such offer.', { help: 'offer-unknown' })
    ctx.set('Cache-Control', 'no-store')
    ctx.status = 303
    ctx.redirect(await freshOfferPage(services, name))
  })
  return router
}
