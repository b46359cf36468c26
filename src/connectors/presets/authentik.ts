import { type Preset, standardClaims } from './preset.ts'

export const authentik: Preset = {
  name: 'authentik',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{host}/application/o/{slug}/',
    watch: 'With the slash at the end. With the issuer mode "global" it is `https://{host}/` instead.',
  },
  settings: {
    issuer: 'https://authentik.acme.example/application/o/claimgate/',
    client_id: 'claimgate',
    client_secret: '${env:AUTHENTIK_CLIENT_SECRET}',
  },
  steps: [
    {
      unchecked:
        'Admin interface, **Applications > Providers > Create > OAuth2/OpenID Provider**, or **Applications > Create with provider**.',
    },
    '**Redirect URIs/Origins**: Strict, `{redirect_uri}`. Do not leave it empty: the first URI that comes would be taken for good.',
    '**Signing Key**: choose one. Without it ID tokens are signed with the client secret, and are refused here.',
    'Copy **Client ID** and **Client Secret**.',
    { unchecked: '**Subject mode**: hashed user id or UUID; **Include claims in id_token** ticked.' },
  ],
  email:
    'Not vouched for: `email_verified` is false since 2025.10 and was always true before, unless a scope mapping of your own says otherwise.',
  groups: 'The scope `profile` brings `groups` (names).',
  employeeId: 'A property mapping of your own.',
  claims: {
    ...standardClaims('id_token'),
    given_name: { from: ['id_token.given_name', 'id_token.name'] },
    groups: { from: 'id_token.groups', type: 'list(string)' },
  },
  tests: [
    {
      given: { id_token: { name: 'Ada Byron', groups: ['staff'] } },
      expect: { given_name: 'Ada Byron', groups: ['staff'] },
    },
  ],
  traps: [
    'In a redirect URI of the type Regex the dot stands for any character.',
    'With an Encryption Key every ID token is encrypted; leave it empty.',
    'A client that asks for no scope gets all of them.',
  ],
  sources: [{ title: 'authentik docs: OAuth 2.0 provider', date: '2026' }],
}
