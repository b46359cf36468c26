import type { Preset } from './preset.ts'

export const entraId: Preset = {
  name: 'Microsoft Entra ID',
  kind: 'entra-id',
  address: {
    setting: 'directory',
    pattern: '{Directory (tenant) ID}',
    watch:
      'A GUID, never a domain. For several directories `directory: organizations` with the GUIDs in `directories`; `common` and personal accounts are refused.',
  },
  settings: {
    directory: '8eaef023-2b34-4da1-9baa-8bc8c9d6a490',
    client_id: '2d4d11a2-f814-46a7-890a-274a72a7309e',
    client_secret: '${env:ENTRA_CLIENT_SECRET}',
  },
  steps: [
    '**Entra ID > App registrations > New registration**: **Name** Claimgate, **Supported account types** **Accounts in this organizational directory only**; leave **Redirect URI** empty; **Register**.',
    '**Overview**: copy **Application (client) ID** for `client_id` and **Directory (tenant) ID** for `directory`.',
    '**Manage > Authentication**. Older portals: **Platform configurations > Add a platform > Web**, **Redirect URI** `{redirect_uri}`, **Configure**. Newer ones: **Redirect URI configuration > Add Redirect URI > Web**, the same URI. **ID tokens (used for implicit and hybrid flows)** stays off.',
    '**Certificates & secrets > Client secrets > New client secret > Add**: copy **Value** (not **Secret ID**) for `client_secret`; it is shown once. Better: **Certificates > Upload certificate** and `client_certificate` with `client_key`.',
    '**Token configuration > Add optional claim > ID**: `given_name`, `family_name`, `email`, and `acct` if guests are to be refused.',
    '**Token configuration > Add groups claim > Groups assigned to the application**, if rules read groups.',
    '**Enterprise applications > Claimgate > Users and groups > Add user/group**: who may sign in.',
  ],
  email:
    'Not vouched for: the address is whatever the directory’s mail attribute says, and there is no `email_verified`.',
  groups:
    '`groups` holds object ids, and is missing beyond 200 groups: assign groups to the application, use app roles (`roles`), or let Microsoft Graph answer (`graph`).',
  employeeId: 'No claim of the ID token: `user.employeeId` through Microsoft Graph (`graph`).',
  claims: {
    given_name: { from: ['id_token.given_name', 'user.givenName'] },
    family_name: { from: ['id_token.family_name', 'user.surname'] },
    email: { from: ['user.mail', 'id_token.email'] },
    employee_id: { from: 'user.employeeId' },
    roles: { from: 'id_token.roles', type: 'list(string)' },
  },
  tests: [
    {
      given: { id_token: { given_name: 'Ada', roles: ['Staff'] }, user: { surname: 'Byron', employeeId: '42' } },
      expect: { given_name: 'Ada', family_name: 'Byron', employee_id: '42', roles: ['Staff'] },
    },
  ],
  traps: [
    'For a wrong redirect URI, an unknown application and a person who is not assigned, Microsoft shows a page of its own and nobody comes back.',
    'A client secret lasts 24 months at most.',
    '**Groups assigned to the application** leaves nested groups out.',
    'A guest has another object id in each directory.',
  ],
  sources: [
    { title: 'Quickstart: Register an app', date: '2024-06-10' },
    { title: 'How to add a redirect URI', date: '2025-01-29' },
    { title: 'Add credentials', date: '2025-01-29' },
    { title: 'Configure optional claims', date: '2025-01-27' },
    { title: 'Configure group claims', date: '2025-04-09' },
  ],
}
