import test from 'ava'
import { applied, issuerOf, startAdmins, tenantFile } from '../support/admin.ts'
import { remember } from '../support/secrets.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

const idp = tenantFile('x').identity_providers.idp
const email = remember('Ada.Byron@acme.example', 'claim')
const sub = remember('subject-of-ada-4711', 'claim')

for (const { name: database, services, call } of admins) {
  /** A tenant with providers of several kinds, two of which the issuer `campus` knows. */
  const setUp = async (tenant: string) => {
    const file = tenantFile(tenant)
    const realm = { kind: 'keycloak', url: 'https://login.example', realm: 'acme', client_id: 'c', client_secret: 's' }
    const { key } = await applied(services, {
      ...file,
      identity_providers: {
        idp,
        unsure: { ...realm, email_verified: 'never' },
        elsewhere: { ...idp, issuer: 'https://elsewhere.example' },
      },
      issuers: {
        ...file.issuers,
        campus: {
          ...file.issuers.campus,
          grants: { authorization_code: { identity_providers: ['idp', 'unsure'] }, pre_authorized_code: {} },
        },
      },
    })
    const at = `/tenants/${tenant}/issuers/campus/offers`
    return {
      at,
      key,
      issuer: await issuerOf(services, tenant, 'campus'),
      post: (body: unknown) => call('POST', at, { key, body }),
    }
  }

  test.serial(
    `an offer names its person by account or e-mail address, keeps of them an index, and fixes the provider [${database}]`,
    async (t) => {
      const { post, at, key, issuer } = await setUp('named')
      const sealer = await services.vault.of(issuer.tenantId)
      const account = (of: string) => sealer.index(JSON.stringify([of, sub]))
      const cases: [object, string, string][] = [
        [{ identity_provider: 'idp', sub }, 'idp', account('https://idp.example')],
        [{ issuer: 'https://idp.example', sub }, 'idp', account('https://idp.example')],
        [{ issuer: 'https://login.example/realms/acme', sub }, 'unsure', account('https://login.example/realms/acme')],
        [
          { identity_provider: 'idp', email },
          'idp',
          sealer.index(JSON.stringify(['email', 'idp', email.toLowerCase()])),
        ],
      ]
      for (const [subject, identityProvider, index] of cases) {
        const made = await post({ subject, claims: { given_name: 'Ada' } })
        t.is(made.status, 201, made.text)
        const shown = await call('GET', `${at}/${made.body.id}`, { key })
        t.like(shown.body, { identity_provider: identityProvider, grants: ['authorization_code'], state: 'waiting' })
        const row = await services.database
          .db('offers')
          .where({ id: String(made.body.id).slice(4) })
          .first()
        t.is(row.subject_index, index)
        for (const text of [made.text, shown.text, JSON.stringify(row)])
          for (const value of [email, email.toLowerCase(), sub]) t.false(text.includes(value))
        const hint = row.login_hint_sealed as Buffer | null
        const place = { table: 'offers', column: 'login_hint_sealed', row: row.id as string }
        t.is(hint && sealer.open(place, Buffer.from(hint)).toString(), 'email' in subject ? email : null)
      }
    },
  )

  test.serial(
    `with a pre-authorized code the page asks who is there: nothing else is answered, and the offer may live for a week [${database}]`,
    async (t) => {
      const { post } = await setUp('guarded')
      const grants = ['pre_authorized_code', 'authorization_code']
      const asked = { subject: { identity_provider: 'idp', sub }, claims: { given_name: 'Ada' }, expires_in: 'P7D' }
      for (const some of [grants.slice(0, 1), grants]) {
        const { status, body } = await post({ ...asked, grants: some, tx_code: { length: 4 } })
        t.is(status, 201)
        t.deepEqual(Object.keys(body).sort(), ['expires_at', 'id', 'offer_page_url', 'state'])
      }
      const { status, body } = await post({ ...asked, grants: ['pre_authorized_code'], subject: undefined })
      t.is(status, 422, 'without a person, a PIN or a sign-in it is short')
      t.is((body.errors as { pointer: string }[])[0]?.pointer, '/expires_in')
    },
  )

  test.serial(
    `RFC 9457: a person whom no sign-in at this issuer could tell is refused with a pointer [${database}]`,
    async (t) => {
      const { post } = await setUp('refused')
      const [byAccount, byEmail] = [
        { identity_provider: 'idp', sub },
        { identity_provider: 'idp', email },
      ]
      const cases: [object, string[]][] = [
        [{ subject: {} }, ['/subject', '/subject']],
        [{ subject: { sub } }, ['/subject']],
        [{ subject: { identity_provider: 'idp' } }, ['/subject']],
        [{ subject: { ...byAccount, email } }, ['/subject']],
        [{ subject: { ...byAccount, issuer: 'https://idp.example' } }, ['/subject']],
        [{ subject: { issuer: 'https://idp.example', email } }, ['/subject/issuer']],
        [{ subject: { issuer: 'https://nobody.example', sub } }, ['/subject/issuer']],
        [{ subject: { issuer: 'https://elsewhere.example', sub } }, ['/subject/issuer']],
        [{ subject: { identity_provider: 'nobody', sub } }, ['/subject/identity_provider']],
        [{ subject: { identity_provider: 'elsewhere', sub } }, ['/subject/identity_provider']],
        [{ subject: { identity_provider: 'unsure', email } }, ['/subject/email']],
        [{ subject: { identity_provider: 'idp', email: 'ada' } }, ['/subject/email']],
        [{ subject: { identity_provider: 'idp', oid: '9a1c0e0e-3b0e-4d0f-9d0a-0b9c5a8d1e11' } }, ['/subject/oid']],
        [{ subject: { identity_provider: 'idp', oid: 'x' } }, ['/subject/oid']],
        [{ subject: { ...byAccount, name: 'Ada' } }, ['/subject/name']],
        [{ subject: byAccount, max_uses: 2 }, ['/max_uses']],
        [{ subject: byEmail, identity_provider: 'unsure' }, ['/identity_provider']],
      ]
      for (const [body, pointers] of cases) {
        const answer = await post(body)
        t.is(answer.status, 422, JSON.stringify(body))
        const errors = answer.body.errors as { pointer: string }[]
        t.deepEqual(
          errors.map(({ pointer }) => pointer),
          pointers,
          JSON.stringify(body),
        )
        for (const value of [email, sub]) t.false(answer.text.includes(value))
      }
    },
  )
}
