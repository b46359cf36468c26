import { type Preset, standardClaims } from './preset.ts'

export const keycloak: Preset = {
  name: 'Keycloak',
  kind: 'keycloak',
  address: {
    setting: 'url',
    pattern: 'https://{host}',
    watch:
      'The realm is a setting of its own. Servers that began before Keycloak 17 often still have `/auth` at the end of their address.',
  },
  settings: {
    url: 'https://login.acme.example',
    realm: 'acme',
    client_id: 'claimgate',
    client_secret: '${env:KEYCLOAK_CLIENT_SECRET}',
  },
  steps: [
    '**Clients > Create client**: **Client type** OpenID Connect, **Client ID** `claimgate`, **Next**.',
    '**Client authentication** On, **Standard flow** ticked, **PKCE Method** S256, **Next**. In older versions PKCE is set afterwards: **Advanced > Proof Key for Code Exchange Code Challenge Method**.',
    '**Valid redirect URIs**: `{redirect_uri}`. **Save**.',
    '**Credentials > Client secret**: copy it for `client_secret`.',
    '**Client scopes > claimgate-dedicated > Add mapper > By configuration > User Attribute**: one for each attribute that a credential needs, with **Add to ID token** On.',
  ],
  email:
    'Vouched for where **Email verified** is On for the person. With **Trust Email** on an identity provider behind the realm, that one decides.',
  groups:
    'A mapper of the type **Group Membership** (claim name `groups`); with **Full group path** On the values are paths such as `/staff/it`.',
  employeeId: 'A user attribute with a **User Attribute** mapper (claim name `employee_number`).',
  claims: {
    ...standardClaims('id_token'),
    employee_id: { from: 'id_token.employee_number' },
    groups: { from: 'id_token.groups', type: 'list(string)' },
  },
  tests: [
    {
      given: { id_token: { given_name: 'Ada', employee_number: '42', groups: ['/staff/it'] } },
      expect: { given_name: 'Ada', employee_id: '42', groups: ['/staff/it'] },
    },
  ],
  traps: [
    'A wrong redirect URI, a disabled client and a disabled realm end on a page of Keycloak: nobody comes back.',
    'A wrong client secret is answered with `unauthorized_client`, not with `invalid_client`.',
    'The mapper’s **Add to ID token** and **Add to userinfo** are two switches; a rule reads from one place or names both.',
  ],
  sources: [{ title: 'Server Administration Guide, Keycloak 26' }],
}
