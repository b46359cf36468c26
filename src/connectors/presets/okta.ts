import { type Preset, standardClaims } from './preset.ts'

export const okta: Preset = {
  name: 'Okta',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{org}.okta.com',
    watch:
      'The org server. A custom authorization server is `https://{org}.okta.com/oauth2/{id}` (often `default`) and in production needs the product API Access Management.',
  },
  settings: {
    issuer: 'https://acme.okta.com',
    client_id: '0oa1example',
    client_secret: '${env:OKTA_CLIENT_SECRET}',
    scope: 'openid profile email groups',
    groups_limit: 100,
  },
  steps: [
    '**Applications > Applications > Create App Integration > OIDC - OpenID Connect > Web Application > Next**.',
    '**App integration name** Claimgate; **Grant type** Authorization Code; **Sign-in redirect URIs** `{redirect_uri}`.',
    '**Assignments**: **Allow everyone in your organization to access** or **Limit access to selected groups**; **Save**.',
    '**General > Client Credentials**: copy **Client ID** for `client_id` and the secret for `client_secret`.',
    {
      unchecked:
        '**Sign On > OpenID Connect ID Token > Issuer**: choose **Okta URL** or **Custom URL**, not **Dynamic**, so that it always equals `issuer`.',
    },
    { unchecked: '**Sign On > OpenID Connect ID Token > Groups claim filter**: `groups`, **Matches regex** `.*`.' },
  ],
  email: 'Vouched for by `email_verified`.',
  groups:
    'The claim `groups` (names). With 100 groups or more it is cut or the sign-in fails: filter the groups. By `groups_limit` a list of 100 counts as cut, and no credential is issued by it.',
  employeeId:
    'The profile attribute `employeeNumber`, mapped as a claim on a custom authorization server (`user.employeeNumber`).',
  claims: {
    ...standardClaims('userinfo'),
    groups: { from: ['id_token.groups', 'userinfo.groups'], type: 'list(string)' },
  },
  tests: [
    {
      given: { id_token: {}, userinfo: { given_name: 'Ada', groups: ['Staff'] } },
      expect: { given_name: 'Ada', groups: ['Staff'] },
    },
  ],
  traps: [
    {
      unchecked:
        'The org server puts names and e-mail into UserInfo only, as an access token comes along: rules read `userinfo`.',
    },
    { unchecked: 'On a custom authorization server `sub` is the login, which can change; map the user id to it.' },
    '**Require Demonstrating Proof of Possession (DPoP) header in token requests** stays off unless DPoP is set up for this provider.',
    'The ID token’s `iss` changes with the issuer mode and with a custom domain.',
  ],
  sources: [
    { title: 'Okta help: Create OpenID Connect app integrations' },
    { title: 'Okta developer: Customize tokens' },
    { title: 'HashiCorp Vault: Use Okta for OIDC authentication' },
  ],
}
