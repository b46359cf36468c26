type Json = Record<string, unknown>
export type EntraPerson = { claims: Json; user?: Json; groups?: { id: string; [name: string]: unknown }[] }
export const acme = '8eaef023-2b34-4da1-9baa-8bc8c9d6a490'
export const partner = '72f988bf-86f1-41af-91ab-2d7cd011db47'
export const entraClient = {
  client_id: '2d4d11a2-f814-46a7-890a-274a72a7309e',
  client_secret: 'entra~secret~of~the~tests',
}
export const login = 'https://login.microsoftonline.com'

/** Alice and bob of ACME, with the object ids and claims of "ID token claims reference" and "Optional claims reference". */
export const people: Record<string, EntraPerson> = {
  alice: {
    claims: {
      ...{ oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474', sub: 'AAAAalice', tid: acme, name: 'Alice Jönsson', acct: 0 },
      ...{ given_name: 'Alice', family_name: 'Jönsson', email: 'alice@acme.example' },
      preferred_username: 'alice@acme.example',
    },
    user: { accountEnabled: true, employeeId: 'E-1001', department: 'Engineering', givenName: 'Alice' },
    groups: [{ id: 'f3a1c5d2-0000-4000-8000-000000000001', displayName: 'Staff', onPremisesSamAccountName: 'staff' }],
  },
  bob: {
    claims: {
      ...{ oid: '1f8a2c4e-5b6d-4c7e-8f90-a1b2c3d4e5f6', sub: 'AAAAbob', tid: acme, name: 'Bob Okafor', acct: 1 },
      ...{ given_name: 'Bob', family_name: 'Okafor', email: 'bob@acme.example' },
    },
  },
}
