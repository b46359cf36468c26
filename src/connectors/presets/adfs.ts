import type { Preset } from './preset.ts'

export const adfs: Preset = {
  name: 'AD FS',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{host}/adfs',
    watch: 'AD FS 2019 or later; 2016 lacks PKCE.',
  },
  settings: {
    issuer: 'https://adfs.acme.example/adfs',
    client_id: '7c9a0b1e-6f0e-4b3c-9a3e-0d1c2b3a4f5e',
    client_secret: '${env:ADFS_CLIENT_SECRET}',
    scope: 'openid profile email allatclaims',
  },
  steps: [
    {
      unchecked:
        '**AD FS Management > Application Groups > Add Application Group… > Server application accessing a web API**.',
    },
    'Copy **Client Identifier** for `client_id`; **Redirect URI** `{redirect_uri}`, **Add**.',
    '**Configure Application Credentials > Generate a shared secret**: copy it for `client_secret`.',
    '**Configure Web API > Identifier**: the client identifier again.',
    '**Permitted scopes**: tick `openid`, `email`, `profile` and `allatclaims`.',
    '**Issuance Transform Rules** of the Web API: one for each claim, such as `upn`, `email`, `given_name`, `family_name`, `employee_number`.',
  ],
  email: 'There is no `email_verified`: the address is what your rule takes from Active Directory.',
  groups: 'A rule that sends group membership as `group` (names).',
  employeeId: 'A rule from the attribute `employeeID`.',
  claims: {
    given_name: { from: 'id_token.given_name' },
    family_name: { from: 'id_token.family_name' },
    email: { from: ['id_token.email', 'id_token.upn'] },
    employee_id: { from: 'id_token.employee_number' },
    groups: { from: 'id_token.group', type: 'list(string)' },
  },
  tests: [
    {
      given: { id_token: { given_name: 'Ada', upn: 'ada@acme.example', group: ['Staff', 'IT'] } },
      expect: { given_name: 'Ada', email: 'ada@acme.example', groups: ['Staff', 'IT'] },
    },
  ],
  traps: [
    {
      unchecked:
        'Of a person with one group, `group` is a text and not a list: such a person fails a rule that wants a list.',
    },
    'UserInfo answers `sub` and nothing else; claims come in the ID token, and only with the scope `allatclaims`.',
    'Microsoft’s page says that `allatclaims` also wants `response_mode=form_post`, which Claimgate does not take.',
    { unchecked: 'In the code flow the claims are in the token endpoint’s ID token all the same: try it first.' },
    'Errors end on a page of AD FS with an **Activity ID**: nobody comes back.',
  ],
  sources: [{ title: 'AD FS OpenID Connect/OAuth concepts', date: '2023-05-25' }],
}
