import { type Preset, standardClaims } from './preset.ts'

export const google: Preset = {
  name: 'Google Workspace',
  kind: 'oidc',
  address: { setting: 'issuer', pattern: 'https://accounts.google.com', watch: 'The same for everybody.' },
  settings: {
    issuer: 'https://accounts.google.com',
    client_id: '1234-example.apps.googleusercontent.com',
    client_secret: '${env:GOOGLE_CLIENT_SECRET}',
  },
  steps: [
    'Google Cloud console, **Google Auth Platform > Branding**: fill in the consent screen.',
    '**Audience > Internal**: only people of your own Workspace.',
    '**Clients > Create client > Web application > Authorized redirect URIs**: `{redirect_uri}`. Older consoles: **APIs & Services > Credentials > Create credentials > OAuth client ID**.',
    'Copy the client ID and the client secret at once.',
  ],
  email: 'Vouched for by `email_verified`; compare `hd` with your domain as well.',
  groups: 'None: neither in the ID token nor in UserInfo.',
  employeeId: 'None: the integrator’s data or a claim source has to give it.',
  claims: { ...standardClaims('id_token'), organisation: { from: 'id_token.hd', mandatory: true } },
  tests: [
    {
      given: { id_token: { given_name: 'Ada', email: 'ada@acme.example', hd: 'acme.example' } },
      expect: { given_name: 'Ada', email: 'ada@acme.example', organisation: 'acme.example' },
    },
  ],
  traps: [
    'The request parameter `hd` only narrows the list of accounts. It is the claim `hd` that tells whose account it was; consumer accounts have none.',
    '`given_name` and `family_name` are never guaranteed.',
    'A redirect URI that is not listed ends on a page of Google ("Error 400: redirect_uri_mismatch"): nobody comes back.',
    { unchecked: 'The scope `offline_access` is refused, as are `max_age` and `prompt=login`.' },
  ],
  sources: [
    { title: 'Google for Developers: OpenID Connect' },
    { title: 'Google for Developers: OpenID Connect reference' },
  ],
}
