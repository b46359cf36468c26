import { apiClients } from './api-clients.ts'
import type { Ask } from './ask.ts'
import { authorizationRequests } from './authorization-requests.ts'
import { claimNames } from './claim-names.ts'
import { configurationObjects } from './configuration-objects.ts'
import { credentialStatuses } from './credential-statuses.ts'
import { credentials } from './credentials.ts'
import { deferredCredentials } from './deferred-credentials.ts'
import { earlierCopies } from './earlier-copies.ts'
import { encryptionKeys } from './encryption-keys.ts'
import { events } from './events.ts'
import { grants } from './grants.ts'
import { notifications } from './notifications.ts'
import { offers } from './offers.ts'
import { providerKeys } from './provider-keys.ts'
import { renewals } from './renewals.ts'
import { sessions } from './sessions.ts'
import { sharedOffers } from './shared-offers.ts'
import { signIns } from './sign-ins.ts'
import { signingKeys } from './signing-keys.ts'
import { statusLists } from './status-lists.ts'
import { tenants } from './tenants.ts'
import { tokens } from './tokens.ts'
import { nonceUses, usedOnce } from './used-once.ts'

/** Every table, over one way to reach the database: with retries outside a transaction, as it is inside one. */
export const tablesOver = (ask: Ask) => ({
  tenants: tenants(ask),
  configurationObjects: configurationObjects(ask),
  apiClients: apiClients(ask),
  claimNames: claimNames(ask),
  signingKeys: signingKeys(ask),
  encryptionKeys: encryptionKeys(ask),
  providerKeys: providerKeys(ask),
  offers: offers(ask),
  sharedOffers: sharedOffers(ask),
  sessions: sessions(ask),
  authorizationRequests: authorizationRequests(ask),
  signIns: signIns(ask),
  grants: grants(ask),
  renewals: renewals(ask),
  tokens: tokens(ask),
  credentials: credentials(ask),
  credentialStatuses: credentialStatuses(ask),
  statusLists: statusLists(ask),
  deferredCredentials: deferredCredentials(ask),
  earlierCopies: earlierCopies(ask),
  notifications: notifications(ask),
  nonceUses: nonceUses(ask),
  usedOnce: usedOnce(ask),
  events: events(ask),
})
export type Tables = ReturnType<typeof tablesOver>
