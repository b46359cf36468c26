import { type Preset, standardClaims } from './preset.ts'

export const onelogin: Preset = {
  name: 'OneLogin',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{subdomain}.onelogin.com/oidc/2',
    watch: 'With `/2`: the path without it is an older service with another issuer.',
  },
  settings: {
    issuer: 'https://acme.onelogin.com/oidc/2',
    client_id: '9f3a6c1e-example',
    client_secret: '${env:ONELOGIN_CLIENT_SECRET}',
    scope: 'openid profile email groups',
  },
  steps: [
    'Administration, **Applications > Applications > Add App > OpenId Connect (OIDC) > Save**.',
    '**Configuration > Redirect URI’s**: `{redirect_uri}`.',
    '**SSO**: copy **Client ID**, the secret (**Show client secret**) and **Issuer URL**; **Token Endpoint > Authentication Method** Basic or POST.',
  ],
  email: { unchecked: 'There is no `email_verified`.' },
  groups: 'The scope `groups` brings `groups`.',
  employeeId: 'A custom field, under `custom_fields`.',
  claims: {
    ...standardClaims('id_token'),
    groups: { from: ['id_token.groups', 'userinfo.groups'], type: 'list(string)' },
  },
  tests: [
    { given: { id_token: { given_name: 'Ada', groups: ['Staff'] } }, expect: { given_name: 'Ada', groups: ['Staff'] } },
  ],
  traps: [
    { unchecked: '`groups` is one text with semicolons instead of a list if the parameter **Groups** says so.' },
    'The person needs access to the application in OneLogin before the first sign-in.',
  ],
  sources: [{ title: 'OneLogin developers: Provider Configuration' }],
}
