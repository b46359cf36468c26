import { preAuthorizedCodeGrant } from '../../src/protocol/token.ts'
import { remember } from './secrets.ts'
import { apiKey, person } from './tenant.ts'

export type PortalOffer = { id: string; code: string; issuerState: string; txCode: string; page: string }

type Written = {
  id: string
  credential_offer: { grants: Record<string, Record<string, string>> }
  offer_page_url: string
  tx_code?: string
}

/** What an integrator's portal does over the API of the nodes behind `fetch`, with the key of the API client `portal`. */
export function portal(publicUrl: string, fetch: typeof globalThis.fetch = globalThis.fetch) {
  const call = (method: string, path: string, body?: object) =>
    fetch(`${publicUrl}/api/v1/tenants/test/issuers/${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
  return {
    /** A personal offer for `person`, with a PIN if the issuer is `registry`. Throws unless the answer is 201. */
    async offer(issuer: string, wish: object = {}): Promise<PortalOffer> {
      const answer = await call('POST', `${issuer}/offers`, issuer === 'staff' ? wish : { claims: person, ...wish })
      const text = await answer.text()
      if (answer.status !== 201) throw new Error(`The offer was refused: ${answer.status} ${text}`)
      const { id, credential_offer, offer_page_url, tx_code = '' } = JSON.parse(text) as Written
      const { grants } = credential_offer
      const code = grants[preAuthorizedCodeGrant]?.['pre-authorized_code'] ?? ''
      const issuerState = grants.authorization_code?.issuer_state ?? ''
      for (const secret of [code, issuerState, tx_code, offer_page_url.split('/').at(-1) ?? ''])
        remember(secret, 'offer')
      return { id, code, issuerState, txCode: tx_code, page: offer_page_url }
    },
    withdraw: async (issuer: string, id: string): Promise<number> =>
      (await call('DELETE', `${issuer}/offers/${id}`)).status,
    state: async (issuer: string, id: string): Promise<unknown> =>
      ((await (await call('GET', `${issuer}/offers/${id}`)).json()) as { state: unknown }).state,
  }
}
