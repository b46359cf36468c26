import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { checkClient, clientSettings } from './client-settings.ts'

/** The directory that all personal accounts are in ("ID token claims reference"). */
export const personalAccounts = '9188040d-6c67-4c5b-b112-36a304b66dad'

/** Where each of Microsoft's clouds signs people in, and where its Graph is ("National clouds", "National cloud deployments"). */
export const clouds = {
  global: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
  'us-government': { login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  'us-government-dod': { login: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  china: { login: 'https://login.partner.microsoftonline.cn', graph: 'https://microsoftgraph.chinacloudapi.cn' },
} as const

const Directory = z.guid('This must be the GUID that the portal calls Directory (tenant) ID.').toLowerCase()
const { client_id, client_secret, client_key, client_certificate, scope } = clientSettings

export const EntraSettings = z
  .strictObject({
    /** Whose people sign in: one directory, or `organizations` for those in `directories`. Never `common`. */
    directory: z.union([z.literal('organizations'), Directory], {
      error:
        'This must be the GUID that the portal calls Directory (tenant) ID, or organizations with a list of directories.',
    }),
    directories: z.array(Directory).min(1).max(100).optional(),
    cloud: z.enum(['global', 'us-government', 'us-government-dod', 'china']).default('global'),
    /** A secret, or a certificate that was uploaded in the portal with its RSA key. */
    ...{ client_id, client_secret, client_key, client_certificate, scope },
    /** A domain or a directory's GUID: people skip the page that asks for their account. */
    domain_hint: z.string().min(1).max(255).optional(),
    /** `refuse`: who is only a guest of the directory is not let in; wants the optional claim `acct`. */
    guests: z.enum(['accept', 'refuse']).default('accept'),
    /** Whether Microsoft Graph is asked about people, as the application itself. `groups` is what stands for a group. */
    graph: z
      .strictObject({ groups: z.enum(['id', 'displayName', 'onPremisesSamAccountName']).default('id') })
      .optional(),
  })
  .superRefine(checkClient)
  .superRefine(({ client_secret: secret, client_key: key, client_certificate: certificate }, context) => {
    const wrong = (member: string, message: string) => context.addIssue({ code: 'custom', path: [member], message })
    if (secret === undefined && key === undefined && certificate === undefined)
      wrong('client_secret', 'The application needs a client_secret, or a client_certificate with its client_key.')
    if (secret !== undefined && certificate !== undefined)
      wrong('client_certificate', 'The application has a secret or a certificate, not both.')
    if (key !== undefined && certificate === undefined)
      wrong('client_key', 'This needs the client_certificate that was uploaded in the portal.')
    if (certificate !== undefined && new X509Certificate(certificate).publicKey.asymmetricKeyType !== 'rsa')
      wrong('client_key', 'Entra ID takes RSA keys only.')
  })
  .superRefine(({ directory, directories }, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['directories'], message })
    if (directory === 'organizations' && !directories)
      wrong('With directory: organizations this lists whose people are let in.')
    if (directory !== 'organizations' && directories) wrong('This goes with directory: organizations only.')
  })
export type EntraSettings = z.infer<typeof EntraSettings>
