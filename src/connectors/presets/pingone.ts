import { type Preset, standardClaims } from './preset.ts'

export const pingone: Preset = {
  name: 'PingOne',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://auth.pingone.{region}/{environment id}/as',
    watch: 'The region is `eu`, `com`, `asia` or `ca`.',
  },
  settings: {
    issuer: 'https://auth.pingone.eu/3b1f6c1e-5b1a-4f0e-8c58-2d1f3a4b5c6d/as',
    client_id: '0f3a6c1e-1111-4f0e-8c58-2d1f3a4b5c6d',
    client_secret: '${env:PINGONE_CLIENT_SECRET}',
  },
  steps: [
    '**Applications > + > OIDC Web App > Save**.',
    '**Configuration** (pencil): **Response Type** Code, **Grant Type** Authorization Code, **Redirect URIs** `{redirect_uri}`, **Token Endpoint Authentication Method** as you like.',
    '**Resource Access**: add `profile` and `email`.',
    '**Attribute Mappings**: one for each claim, such as `employee_number`.',
    'Slide the toggle to enable the application: it is off at first.',
    '**Configuration > URLs**: copy **Client ID** and **Client Secret**; the issuer is the **OIDC Discovery Endpoint** without `/.well-known/openid-configuration`.',
  ],
  email: 'As your attribute mappings say.',
  groups: 'An attribute mapping.',
  employeeId: 'An attribute mapping.',
  claims: {
    ...standardClaims('id_token'),
    employee_id: { from: 'id_token.employee_number' },
    groups: { from: 'id_token.groups', type: 'list(string)' },
  },
  tests: [
    {
      given: { id_token: { given_name: 'Ada', employee_number: '42' } },
      expect: { given_name: 'Ada', employee_id: '42' },
    },
  ],
  traps: [
    'An application that was not enabled fails at the first sign-in.',
    'Mapped attributes are in the ID token whatever the scopes, and together may have 16 KB.',
    'PingOne for Enterprise is another, older product: there the ID token has `sub` and rules read `userinfo`.',
  ],
  sources: [
    { title: 'Ping Identity docs: PingOne as OIDC provider', date: '2025' },
    { title: 'Ping Identity docs: Application attribute mapping' },
  ],
}
