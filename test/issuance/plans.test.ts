import test from 'ava'
import { evaluateClaims } from '../../src/issuance/evaluate-claims.ts'
import { parseTenant } from '../../src/store/live-tenant.ts'

const claims = { day: { from: 'offer.at', parse: 'iso', type: 'date' }, written: { cel: 'formatDate(now, "HH:mm")' } }

test("Claim mapping: days and hours in an issuance are those of the tenant's time zone", (t) => {
  for (const [time_zone, day, written] of [
    [undefined, '2026-06-30', '10:30'],
    ['Europe/Stockholm', '2026-07-01', '11:30'],
    ['America/New_York', '2026-06-30', '05:30'],
  ]) {
    const settings = { claims, format: 'dc+sd-jwt' }
    const tenant = parseTenant(
      {
        id: 'tenant',
        name: 'acme',
        configurationVersion: 1,
        settings: { time_zone },
        identityProviders: [],
        walletProfiles: [],
        attesters: [],
        claimSources: [],
        authorizationServers: [],
        issuers: [
          {
            id: 'issuer',
            name: 'staff',
            identifier: 'https://issuer.example/acme/staff',
            settings: { wallets: [], grants: { pre_authorized_code: {} } },
            configurations: [{ id: 'Badge', settings }],
            identityProviders: [],
            createdAt: undefined,
            retiredAt: undefined,
          },
        ],
      },
      () => ({}),
      () => '',
    )
    const configuration = tenant.issuers.get('staff')!.configurations.get('Badge')!
    const sources = { offer: { at: '2026-06-30T23:30:00Z' }, session: {} }
    t.deepEqual(evaluateClaims(configuration, sources, new Date('2026-11-24T10:30:00Z')), { claims: { day, written } })
  }
})
