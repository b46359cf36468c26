import { type Preset, standardClaims } from './preset.ts'

export const auth0: Preset = {
  name: 'Auth0',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{tenant}.{region}.auth0.com/',
    watch: 'With the slash at the end. A custom domain is another issuer.',
  },
  settings: {
    issuer: 'https://acme.eu.auth0.com/',
    client_id: 'Xk3example',
    client_secret: '${env:AUTH0_CLIENT_SECRET}',
  },
  steps: [
    '**Applications > Applications > Create Application > Regular Web Applications**.',
    '**Settings**: copy **Domain** (the issuer is `https://{Domain}/`), **Client ID** and **Client Secret**.',
    '**Allowed Callback URLs**: `{redirect_uri}`; save the changes at the foot of the page.',
  ],
  email: '`email_verified` counts for database connections; other connections say what their provider says.',
  groups: 'No claim of its own: an Action adds one, with a URL as its name.',
  employeeId: 'An Action: `api.idToken.setCustomClaim("https://acme.example/employee_id", …)`.',
  claims: { ...standardClaims('id_token'), employee_id: { from: 'id_token["https://acme.example/employee_id"]' } },
  tests: [
    {
      given: { id_token: { given_name: 'Ada', 'https://acme.example/employee_id': '42' } },
      expect: { given_name: 'Ada', employee_id: '42' },
    },
  ],
  traps: [
    'The subject is `{connection}|{id}`: who comes by another connection is another person, unless the accounts are linked.',
    { unchecked: 'A claim of an Action whose name is no URL does not arrive.' },
    {
      unchecked:
        'An application that belongs to organizations answers `invalid_request` unless the parameter `organization` is sent.',
    },
    'A callback URL that is not listed ends on a page of Auth0 ("Callback URL mismatch"): nobody comes back.',
  ],
  sources: [{ title: 'Auth0: Register Regular Web Applications' }, { title: 'Auth0: Configure PAR' }],
}
