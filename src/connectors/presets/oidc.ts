import type { Preset } from './preset.ts'

export const oidc: Preset = {
  name: 'Any OpenID Provider',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{host}/{path}',
    watch: 'To the letter as `{issuer}/.well-known/openid-configuration` gives it, with or without a slash at the end.',
  },
  settings: {
    issuer: 'https://login.acme.example',
    client_id: 'claimgate',
    client_secret: '${env:IDP_CLIENT_SECRET}',
  },
  steps: [
    'Register a confidential web client for the authorization code flow; PKCE with S256 is always used.',
    'Its one redirect URI, to the letter: `{redirect_uri}`.',
    'Copy the client’s id and secret. How the secret is sent follows from the provider’s metadata; `client_auth` says otherwise.',
    'Open `{issuer}/.well-known/openid-configuration`: `issuer` must equal the setting, `response_types_supported` must have `code`, and `id_token_signing_alg_values_supported` an algorithm that is no `HS…`.',
  ],
  email: 'Vouched for where `email_verified` is true and you trust the provider to check.',
  groups: 'As the provider has them; many want a scope of their own.',
  employeeId: 'As the provider has it.',
  claims: {
    given_name: { from: ['id_token.given_name', 'userinfo.given_name'] },
    family_name: { from: ['id_token.family_name', 'userinfo.family_name'] },
    email: { from: ['id_token.email', 'userinfo.email'] },
  },
  tests: [
    {
      given: { id_token: { given_name: 'Ada' }, userinfo: { family_name: 'Byron' } },
      expect: { given_name: 'Ada', family_name: 'Byron' },
    },
  ],
  traps: ['Some providers put names and e-mail into UserInfo only, some into the ID token only: rules may name both.'],
  sources: [{ title: 'OpenID Connect Core 1.0 §5.1' }, { title: 'OpenID Connect Discovery 1.0 §3, §4.3' }],
}
