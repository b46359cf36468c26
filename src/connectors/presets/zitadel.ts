import { type Preset, standardClaims } from './preset.ts'

export const zitadel: Preset = {
  name: 'Zitadel',
  kind: 'oidc',
  address: {
    setting: 'issuer',
    pattern: 'https://{instance}.{region}.zitadel.cloud',
    watch: 'Or the host of your own installation.',
  },
  settings: {
    issuer: 'https://acme-1a2b3c.us1.zitadel.cloud',
    client_id: '278000000000000000',
    client_secret: '${env:ZITADEL_CLIENT_SECRET}',
    scope: 'openid profile email urn:zitadel:iam:org:projects:roles urn:zitadel:iam:user:metadata',
  },
  steps: [
    'Management Console, **Projects > {project} > Applications > New > Web**.',
    '**Authentication Method**: **CODE** (secret by Basic) or **POST**.',
    '**Redirect URIs**: `{redirect_uri}`.',
    '**Create**: copy **ClientId** and **ClientSecret**, which is shown once.',
    '**Token Settings > User Info inside ID Token**, or let rules read `userinfo`.',
  ],
  email: 'Vouched for by `email_verified`.',
  groups:
    'Roles: an object whose keys are the roles, by the scope `urn:zitadel:iam:org:projects:roles` or the project’s **Assert Roles on Authentication**.',
  employeeId: 'User metadata, by the scope `urn:zitadel:iam:user:metadata`; the values are base64.',
  claims: {
    ...standardClaims('userinfo'),
    roles: {
      cel: 'userinfo[?"urn:zitadel:iam:org:project:roles"].orValue({}).map(role, role)',
      type: 'list(string)',
    },
  },
  tests: [
    {
      given: {
        id_token: {},
        userinfo: { given_name: 'Ada', 'urn:zitadel:iam:org:project:roles': { staff: { '27': 'acme.zitadel.cloud' } } },
      },
      expect: { given_name: 'Ada', roles: ['staff'] },
    },
    { given: { id_token: {}, userinfo: { given_name: 'Bo' } }, expect: { roles: null } },
  ],
  traps: [
    'Names and e-mail are not in the ID token of the code flow unless **User Info inside ID Token** is on.',
    'The audience of the ID token is a list: every client of the project, and the project itself.',
    'To let in one organisation only, ask for the scope `urn:zitadel:iam:org:id:{id}` and check `urn:zitadel:iam:user:resourceowner:id`.',
  ],
  sources: [{ title: 'Zitadel docs: Applications' }, { title: 'Zitadel docs: Claims', date: '2025' }],
}
