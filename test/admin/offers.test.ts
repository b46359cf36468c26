import test from 'ava'
import { createOffer } from '../../src/issuance/create-offer.ts'
import { redeemPreAuthorizedCode } from '../../src/issuance/redeem-pre-authorized-code.ts'
import { hash } from '../../src/lib/secrets.ts'
import { OfferRequest } from '../../src/model/offer.ts'
import { preAuthorizedCodeGrant } from '../../src/protocol/token.ts'
import type { SessionState } from '../../src/store/sessions.ts'
import { type Admin, type Answer, applied, issuerOf, platformKey, startAdmins, tenantFile } from '../support/admin.ts'
import { remember } from '../support/secrets.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

type Grants = { authorization_code?: { issuer_state: string }; [preAuthorizedCodeGrant]?: Record<string, unknown> }
type CredentialOffer = { credential_issuer: string; credential_configuration_ids: string[]; grants: Grants }

const claims = { given_name: remember('Zoë-Admin', 'claim') }

/** A tenant of the test's own, and the API at its issuer `campus`. */
async function house({ services, call }: Admin, tenant: string, changes: Record<string, unknown> = {}) {
  const { key } = await applied(services, { ...tenantFile(tenant), ...changes })
  const at = `/tenants/${tenant}/issuers/campus/offers`
  const issuer = await issuerOf(services, tenant, 'campus')
  const ask = (method: string, path = '', body?: unknown) => call(method, at + path, { key, body })
  const post = async (body: unknown) => {
    const answer = await ask('POST', '', body)
    const offer = answer.body.credential_offer as CredentialOffer | undefined
    const code = offer?.grants[preAuthorizedCodeGrant]?.['pre-authorized_code']
    for (const secret of [answer.body.tx_code, code, offer?.grants.authorization_code?.issuer_state])
      if (typeof secret === 'string') remember(secret, 'offer')
    const page = answer.body.offer_page_url as string | undefined
    if (page) remember(page.split('/').at(-1)!, 'handle')
    return { ...answer, id: String(answer.body.id), code: String(code), offer }
  }
  const stateOf = async (id: string) => (await ask('GET', `/${id}`)).body.state
  const redeem = (code: string, tx_code?: string) =>
    redeemPreAuthorizedCode(
      services,
      issuer,
      { grant_type: preAuthorizedCodeGrant, 'pre-authorized_code': code, ...(tx_code !== undefined && { tx_code }) },
      { clientId: undefined, authentication: 'none', keyThumbprint: undefined, attestationKey: undefined },
    )
  const tokenOf = async (code: string) => remember((await redeem(code)).access_token, 'access token')
  return { key, at, issuer, ask, post, stateOf, redeem, tokenOf }
}

const uuid = (id: string) => id.slice(4)
const members = (answer: Answer) => Object.keys(answer.body).sort()
const pointers = (answer: Answer) => (answer.body.errors as { pointer: string }[]).map(({ pointer }) => pointer).sort()

// One after the other: they move the clock.
for (const admin of admins) {
  const { name: database, services, call, wait } = admin
  const { tables, clock, random } = services

  /** A session at an offer, as the sign-in makes it. */
  async function session(owner: { tenantId: string; issuerId: string }, offerId: string, state: SessionState) {
    const id = `01970000-0000-7000-8000-${random(6).toString('hex')}`
    const made = { id, offerId, viewHash: undefined, clientId: 'pocket', walletProfile: 'pocket', dialect: '1.0' }
    const rest = { identityProvider: 'idp', configurationVersion: 0, state, personIndex: undefined }
    await tables.sessions.insert(owner, { ...made, ...rest, createdAt: clock(), expiresAt: clock() })
    return id
  }

  test.serial(
    `VCI-29, VCI-30, VCI-32: a personal offer is answered with its link, its page, its object and its end; the rest are ids and states [${database}]`,
    async (t) => {
      const { post, ask, at, issuer } = await house(admin, 'personal')
      const answer = await post({ claims, tx_code: true, expires_in: 'P7D', metadata: { case: '42' } })
      t.is(answer.status, 201)
      t.is(answer.headers.get('location'), `/api/v1${at}/${answer.id}`)
      t.is(answer.headers.get('cache-control'), 'no-store')
      t.deepEqual(members(answer), [
        'credential_offer',
        'credential_offer_url',
        'expires_at',
        'id',
        'offer_page_url',
        'state',
        'tx_code',
      ])
      t.regex(answer.id, /^off_[0-9a-f-]{36}$/)
      t.is(answer.body.state, 'waiting')
      t.regex(String(answer.body.tx_code), /^\d{6}$/)
      t.deepEqual(answer.offer, {
        credential_issuer: issuer.identifier,
        credential_configuration_ids: ['Card'],
        grants: {
          [preAuthorizedCodeGrant]: {
            'pre-authorized_code': answer.code,
            tx_code: { input_mode: 'numeric', length: 6 },
          },
        },
      })
      const page = new URL(String(answer.body.offer_page_url))
      const [, handle] = /^\/personal\/campus\/offer\/([A-Za-z0-9_-]{43})$/.exec(page.pathname) ?? []
      const reference = `${issuer.identifier}/offers/${handle}`
      t.is(
        answer.body.credential_offer_url,
        `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(reference)}`,
      )
      const shown = await ask('GET', `/${answer.id}`)
      const { id, created_at, expires_at } = shown.body
      t.is(expires_at, answer.body.expires_at)
      t.deepEqual(shown.body, {
        id,
        state: 'waiting',
        credential_configuration_ids: ['Card'],
        grants: ['pre_authorized_code'],
        metadata: { case: '42' },
        created_at,
        expires_at,
      })
      for (const secret of [handle!, answer.code, claims.given_name]) {
        t.false(shown.text.includes(secret))
        t.false((await ask('GET')).text.includes(secret))
      }
    },
  )

  test.serial(
    `VCI-29, VCI-36: an offer goes by value, without the person's data, and to a scheme of one's own if that is asked for [${database}]`,
    async (t) => {
      const { post } = await house(admin, 'by-value')
      const answer = await post({ claims, delivery: { by: 'value', scheme: 'haip-vci://' } })
      const link = new URL(String(answer.body.credential_offer_url))
      t.is(link.protocol, 'haip-vci:')
      t.deepEqual(JSON.parse(link.searchParams.get('credential_offer')!), answer.offer)
      t.false(decodeURIComponent(link.href).includes(claims.given_name))
      t.deepEqual(pointers(await post({ delivery: { scheme: 'javascript:alert(1)//' } })), ['/delivery/scheme'])
    },
  )

  test.serial(`VCI-30, VCI-31: an offer may have several credentials and both grants [${database}]`, async (t) => {
    const { post } = await house(admin, 'several')
    const answer = await post({
      credential_configuration_ids: ['Pass', 'Card'],
      grants: ['authorization_code', 'pre_authorized_code'],
      claims: { ...claims, number: 7 },
    })
    t.deepEqual(answer.offer?.credential_configuration_ids, ['Pass', 'Card'])
    t.deepEqual(Object.keys(answer.offer!.grants), ['authorization_code', preAuthorizedCodeGrant])
    t.regex(answer.offer!.grants.authorization_code!.issuer_state, /^[A-Za-z0-9_-]{43}$/)
  })

  test.serial(
    `without claims an offer is shared, and its uses are told where they are counted [${database}]`,
    async (t) => {
      const { post, ask } = await house(admin, 'shared')
      const open = await post({})
      t.deepEqual(Object.keys(open.offer!.grants), ['authorization_code'])
      t.false('uses' in (await ask('GET', `/${open.id}`)).body)
      const counted = await post({ max_uses: 3, identity_provider: 'idp' })
      t.like((await ask('GET', `/${counted.id}`)).body, {
        state: 'waiting',
        uses: 0,
        max_uses: 3,
        identity_provider: 'idp',
      })
      const shared = (await tables.sharedOffers.find(await issuerOf(services, 'shared', 'campus'), uuid(open.id)))!
      t.true(shared.expiresAt.getTime() > clock().getTime() + 364 * 86_400_000)
    },
  )

  test.serial(
    `VCI-34: a PIN may be chosen by whoever makes the offer, keeps its zeros, and is stored as a MAC [${database}]`,
    async (t) => {
      const { post, issuer } = await house(admin, 'chosen-pin')
      const answer = await post({ claims, tx_code: { value: '00420', description: 'From the letter' } })
      t.is(answer.body.tx_code, '00420')
      t.deepEqual(answer.offer!.grants[preAuthorizedCodeGrant]!.tx_code, {
        input_mode: 'numeric',
        length: 5,
        description: 'From the letter',
      })
      const stored = (await tables.offers.find(issuer, uuid(answer.id)))!
      t.regex(stored.txCodeMac!, /^v1\.1\.[A-Za-z0-9_-]{43}$/)
      for (const tx_code of [{ value: '12a4' }, { value: '12345', length: 6 }])
        t.deepEqual(pointers(await post({ claims, tx_code })), ['/tx_code/value'])
      t.is((await post({ claims, tx_code: { input_mode: 'text', value: 'a1b2c3' } })).body.tx_code, 'a1b2c3')
      t.regex(
        String((await post({ claims, tx_code: { input_mode: 'text', length: 8 } })).body.tx_code),
        /^[A-Z2-9]{8}$/,
      )
    },
  )

  test.serial(`every mistake of an offer is named at once, with a pointer to it [${database}]`, async (t) => {
    const { post, ask } = await house(admin, 'mistakes')
    const wrong = {
      credential_configuration_ids: ['Card', 'Nothing', 'Card'],
      grants: ['authorization_code'],
      tx_code: true,
      identity_provider: 'other',
      expires_in: 'P3000D',
    }
    const answer = await post(wrong)
    t.is(answer.status, 422)
    t.is(answer.headers.get('content-type'), 'application/problem+json')
    t.like(answer.body, { type: 'about:blank', title: 'Unprocessable Entity', status: 422 })
    t.deepEqual(pointers(answer), [
      '/credential_configuration_ids',
      '/credential_configuration_ids/1',
      '/expires_in',
      '/identity_provider',
      '/tx_code',
    ])
    t.deepEqual(pointers(await post({ grants: ['password'], claim: {}, expires_in: 5 })), [
      '/claim',
      '/expires_in',
      '/grants/0',
    ])
    t.deepEqual(pointers(await post({ claims, max_uses: 2 })), ['/max_uses'])
    t.deepEqual((await ask('GET')).body, { offers: [] })
  })

  test.serial(
    `an offer that its claims could not fill is refused when it is made, and no value is repeated [${database}]`,
    async (t) => {
      const { post } = await house(admin, 'unfilled')
      const answer = await post({ credential_configuration_ids: ['Card', 'Pass'], claims: { number: 'seven-up' } })
      t.is(answer.status, 422)
      t.regex(answer.text, /Card needs given_name/)
      t.regex(answer.text, /Pass cannot use what is given for number: wanted is/)
      t.false(answer.text.includes('seven-up'))
    },
  )

  test.serial(
    `a pre-authorized code lives an hour at most, and seven days behind a PIN of six characters [${database}]`,
    async (t) => {
      const { post } = await house(admin, 'lifetimes')
      const seconds = async (wish: object) => {
        const { status, body } = await post({ claims, ...wish })
        return status === 201
          ? Math.round((Date.parse(String(body.expires_at)) - clock().getTime()) / 60_000) * 60
          : status
      }
      t.is(await seconds({}), 3600)
      t.is(await seconds({ expires_in: 600 }), 600)
      t.is(await seconds({ expires_in: 3601 }), 422)
      t.is(await seconds({ expires_in: 'PT2H', tx_code: { length: 5 } }), 422)
      t.is(await seconds({ expires_in: 'P7D', tx_code: true }), 7 * 86_400)
      t.is(await seconds({ expires_in: 'P8D', tx_code: true }), 422)
    },
  )

  test.serial(
    `an offer tells what became of it: opened, signing in, declined, issued, used, burnt, expired [${database}]`,
    async (t) => {
      const { post, stateOf, issuer, ask, tokenOf, redeem } = await house(admin, 'states')
      const { id, code } = await post({ claims, grants: ['authorization_code', 'pre_authorized_code'] })
      await tables.offers.open(issuer, uuid(id), clock())
      t.is(await stateOf(id), 'opened')
      const first = await session(issuer, uuid(id), 'signing_in')
      t.is(await stateOf(id), 'signing_in')
      t.is((await ask('GET', `/${id}`)).body.session, `ses_${first}`)
      await tables.sessions.update(issuer, first, { state: 'declined' })
      t.is(await stateOf(id), 'declined')

      const found = await tables.tokens.findWithGrant(issuer, hash(await tokenOf(code)))
      t.is(await stateOf(id), 'opened')
      wait({ minutes: 61 })
      t.is(await stateOf(id), 'used')
      await tables.grants.countCopies(issuer, found!.grant.id, 1, 10)
      t.is(await stateOf(id), 'issued')

      const pinned = await post({ claims, tx_code: { value: '4711' } })
      for (let tries = 0; tries < 5; tries++) await t.throwsAsync(redeem(pinned.code, '1234'), { message: /tx_code/ })
      t.is(await stateOf(pinned.id), 'burnt')
      const late = await post({ claims })
      wait({ minutes: 61 })
      t.is(await stateOf(late.id), 'expired')
    },
  )

  test.serial(
    `withdrawing an offer wipes it, ends the tokens that came of it, and is told once [${database}]`,
    async (t) => {
      const { post, ask, stateOf, issuer, redeem, tokenOf } = await house(admin, 'withdrawing')
      const unused = await post({ claims, login_hint: 'zoe', grants: ['authorization_code', 'pre_authorized_code'] })
      for (const _ of ['once', 'twice']) t.is((await ask('DELETE', `/${unused.id}`)).status, 204)
      t.is(await stateOf(unused.id), 'withdrawn')
      const stored = (await tables.offers.find(issuer, uuid(unused.id)))!
      for (const column of [
        'handleSealed',
        'codeSealed',
        'issuerStateSealed',
        'claimsSealed',
        'loginHintSealed',
      ] as const)
        t.is(stored[column], undefined, column)
      await t.throwsAsync(redeem(unused.code), { code: 'invalid_grant' })

      const [used, bystander] = [await post({ claims }), await post({ claims })]
      const [token, other] = [await tokenOf(used.code), await tokenOf(bystander.code)]
      await ask('DELETE', `/${used.id}`)
      t.truthy((await tables.tokens.findWithGrant(issuer, hash(token)))!.grant.endedAt)
      t.is((await tables.tokens.findWithGrant(issuer, hash(other)))!.grant.endedAt, undefined)

      const shared = await post({})
      await ask('DELETE', `/${shared.id}`)
      t.is(await stateOf(shared.id), 'withdrawn')
      t.is((await tables.sharedOffers.find(issuer, uuid(shared.id)))!.issuerStateSealed, undefined)
      const told = await services.database.ask((db) =>
        db('events').where({ issuer_id: issuer.issuerId, type: 'offer.withdrawn' }).pluck('offer_id'),
      )
      t.deepEqual(told.sort(), [unused, used, shared].map(({ id }) => uuid(id)).sort())
    },
  )

  test.serial(`a list has both kinds of offers, the newest first, a page at a time [${database}]`, async (t) => {
    const { post, ask } = await house(admin, 'listed')
    const made: string[] = []
    for (const body of [{}, { claims }, {}, { claims }, { claims }]) {
      made.unshift((await post(body)).id)
      wait({ minutes: 0.001 }) // ids sort by the millisecond
    }
    const seen: unknown[] = []
    for (let query = '?limit=2'; query; ) {
      const { body } = await ask('GET', query)
      seen.push(...(body.offers as { id: string }[]).map(({ id }) => id))
      query = body.next_cursor ? `?limit=2&cursor=${body.next_cursor}` : ''
    }
    t.deepEqual(seen, made)
    t.false('next_cursor' in (await ask('GET', '?limit=5')).body)
    for (const query of ['?limit=0', '?limit=101', '?limit=x', '?cursor=off_1', '?page=2', '?limit=1&limit=2'])
      t.is((await ask('GET', query)).status, 400, query)
  })

  test.serial(
    `a session is told as ids and states: what happened, and which credentials came of it [${database}]`,
    async (t) => {
      const { post, ask, issuer, tokenOf, key } = await house(admin, 'traced')
      const { id, code } = await post({ claims })
      const token = await tokenOf(code)
      const { grant } = (await tables.tokens.findWithGrant(issuer, hash(token)))!
      const credentialId = grant.terms.datasets[0]!.credentialId
      const credential = { id: credentialId, grantId: grant.id, sessionId: grant.sessionId, configurationId: 'Card' }
      await tables.credentials.insert(issuer, {
        ...credential,
        personIndex: undefined,
        createdAt: clock(),
        expiresAt: clock(),
      })
      await tables.credentials.insertCopies(
        issuer,
        credentialId,
        [{ id: `01970000-0000-7000-8000-${random(6).toString('hex')}` }],
        clock(),
      )
      const { session: sessionId } = (await ask('GET', `/${id}`)).body
      const at = '/tenants/traced/issuers/campus/sessions'
      const answer = await call('GET', `${at}/${sessionId}`, { key })
      t.is(answer.status, 200)
      t.like(answer.body, { id: sessionId, state: 'granted', offer: id, dialect: '1.0', configuration_version: 0 })
      t.like(answer.body.credentials, [
        { id: `crd_${credentialId}`, credential_configuration_id: 'Card', status: 'valid', copies: 1 },
      ])
      t.like(answer.body.events, [{ type: 'grant.redeemed', details: {} }])
      for (const secret of [token, code, claims.given_name]) t.false(answer.text.includes(secret))
      for (const unknown of [id, `ses_${uuid(id)}`, 'x', '%00'])
        t.is((await call('GET', `${at}/${unknown}`, { key })).status, 404)
    },
  )

  test.serial(
    `RFC 6750 §3: without a key that holds in this tenant the API answers 401 and how to come back [${database}]`,
    async (t) => {
      const keys = { short: { expires_in: 'PT1H' } }
      const [mine, other] = [await house(admin, 'mine', { api_clients: keys }), await house(admin, 'other')]
      const status = async (path: string, key?: string, headers: Record<string, string> = {}) => {
        const answer = await call('GET', path, { ...(key !== undefined && { key }), headers })
        return [answer.status, answer.headers.get('www-authenticate')]
      }
      const unknown = [401, 'Bearer realm="claimgate", error="invalid_token"']
      t.deepEqual(await status(mine.at), [401, 'Bearer realm="claimgate"'])
      t.deepEqual(await status(mine.at, undefined, { authorization: 'Basic eDp5' }), [401, 'Bearer realm="claimgate"'])
      t.deepEqual(await status(mine.at, 'cg_guessed'), unknown)
      t.deepEqual(await status(mine.at, other.key), unknown)
      t.deepEqual(await status('/tenants/nobody/issuers/campus/offers', mine.key), unknown)
      t.deepEqual(await status(mine.at, mine.key), [200, null])
      t.deepEqual(await status(mine.at, platformKey), [200, null])
      t.is(
        (await services.database.ask((db) => db('api_clients').whereNotNull('last_used_at').where({ id: 'short' })))
          .length,
        1,
      )
      wait({ minutes: 61 })
      t.deepEqual(await status(mine.at, mine.key), unknown)
    },
  )

  test.serial(`nothing of one tenant is reached with the name or the key of another [${database}]`, async (t) => {
    const [mine, other] = [await house(admin, 'here'), await house(admin, 'there')]
    const { id } = await other.post({ claims })
    const made = await createOffer(services, other.issuer, OfferRequest.parse({}))
    for (const theirs of [id, `off_${made.id}`]) {
      for (const method of ['GET', 'DELETE']) {
        t.is((await mine.ask(method, `/${theirs}`)).status, 404)
        t.is((await call(method, `${other.at}/${theirs}`, { key: mine.key })).status, 401)
        t.is((await call(method, `/tenants/there/issuers/staff/offers/${theirs}`, { key: other.key })).status, 404)
      }
      t.is(await other.stateOf(theirs), 'waiting')
    }
    const ofOther = await session(other.issuer, uuid(id), 'requested')
    const path = `/tenants/here/issuers/campus/sessions/ses_${ofOther}`
    t.is((await call('GET', path, { key: mine.key })).status, 404)
    t.is((await call('POST', other.at, { key: mine.key, body: { claims } })).status, 401)
    t.deepEqual((await mine.ask('GET')).body, { offers: [] })
  })

  test.serial(
    `RFC 9457: what cannot be read, is too large or is not there is a problem, never a failure [${database}]`,
    async (t) => {
      const { key, at, ask, post } = await house(admin, 'hostile')
      const send = async (body: string, headers: Record<string, string> = {}) =>
        (await call('POST', at, { key, body, headers })).status
      t.is(await send('{"claims":'), 400)
      t.is(await send('"text"'), 400)
      t.is(await send('{"claims":{"__proto__":{"x":1}}}'), 400)
      t.is(await send(`{"claims":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`), 400)
      t.is(await send(`{"claims":{"a":"${'x'.repeat(70_000)}"}}`), 413)
      t.is(await send('claims=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415)
      t.is(await send('{}', { 'content-encoding': 'br2' }), 415)
      t.is((await ask('POST')).status, 415)
      t.is((await ask('PUT', '', {})).status, 405)
      t.is((await ask('PUT', '', {})).headers.get('allow'), 'POST, HEAD, GET')
      for (const path of ['/x', '/off_1', `/off_${'0'.repeat(9000)}`, '/%00', '/%E0%A4%A'])
        t.is((await ask('GET', path)).status, 404, path)
      for (const path of [
        '',
        '/',
        '/tenants',
        '/tenants/hostile/issuers',
        '/tenants/hostile/issuers/none/offers',
        '/tenants/hostile%20/issuers/campus/offers',
      ]) {
        const answer = await call('GET', path, { key: platformKey, headers: { origin: 'https://evil.example' } })
        t.is(answer.status, 404, path)
        t.is(answer.headers.get('content-type'), 'application/problem+json')
        t.is(answer.headers.get('access-control-allow-origin'), null)
        t.is(answer.headers.get('cache-control'), 'no-store')
      }
      t.is((await post({ claims })).status, 201)
    },
  )

  test.serial(`a retired issuer makes no more offers and still tells of those it made [${database}]`, async (t) => {
    const { post, ask, stateOf, key } = await house(admin, 'retiring')
    const { id } = await post({ claims })
    const { staff } = tenantFile('retiring').issuers
    await applied(services, { ...tenantFile('retiring'), issuers: { staff } })
    admin.forget()
    t.is((await post({ claims })).status, 400)
    t.is(await stateOf(id), 'waiting')
    t.is((await ask('DELETE', `/${id}`)).status, 204)
    t.is((await call('POST', '/tenants/retiring/issuers/staff/offers', { key, body: {} })).status, 201)
  })
}
