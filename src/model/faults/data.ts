import type { FaultHelp } from './index.ts'

/** Faults of directories, data sources and rules, and at renewal. */
export const dataFaults = {
  'admin-api-denied': {
    cause: 'The service account may not read what the rules need of the directory.',
    fix: 'Give it the role or permission that the facts name.',
  },
  'admin-api-auth': {
    cause: 'The directory does not accept the credential of the service account.',
    fix: 'Compare its client id and secret, and switch on service accounts for the client.',
  },
  'admin-api-refused': {
    cause: 'What the directory answered is no answer to the question; often a proxy hides the directory.',
    fix: 'Open the way to the directory for this node (in Keycloak /admin below its address, or set backchannel_url); words of Graph are in the facts.',
  },
  'admin-api-unavailable': {
    cause: 'The directory did not answer, or takes no more requests for the moment.',
    fix: 'Look at the load of the directory; rules that read id_token or userinfo do without it.',
  },
  'admin-api-user-missing': {
    cause: 'The directory has no account with this subject.',
    fix: 'If the account exists, take the pairwise subject mapper from the client: the subject has to be the account’s id.',
  },
  'admin-api-silent-empty': {
    cause: 'The directory shows no roles at all, because the service account may not see any.',
    fix: 'Assign view-realm, and view-clients for client roles, of the client realm-management to the service account.',
  },
  'groups-overage': {
    cause: 'The person is in more groups than a token can name, so that the list in it is not whole.',
    fix: 'Emit only groups assigned to the application (Okta: a narrower Groups claim filter), use app roles, or let groups be read through Microsoft Graph.',
  },
  'source-failed': {
    cause: 'A claim source of the tenant gave no answer that can be used.',
    fix: 'Look at the service behind the claim source that the facts name: its status, its time, JSON as content type.',
  },
  'source-gone-at-issue': {
    cause: 'A claim source that the credential waits for is still not ready.',
    fix: 'Repair the service behind it; the wallet comes back and gets the credential then.',
  },
  'claim-missing': {
    cause: 'A mandatory claim is empty in every source that its rule reads.',
    fix: 'Fill the attribute of the account, or have the provider send it; the preview shows what each source holds.',
  },
  'claim-invalid': {
    cause: 'A value cannot become the claim that it is declared as.',
    fix: 'Correct the value at its source, or the type or the steps of the rule.',
  },
  'mapping-broken': {
    cause: 'A rule failed while it ran.',
    fix: 'Try the rule in the preview with the data of this person; the facts name the claim and the place in the expression.',
  },
  'refresh-account-ended': {
    cause: 'The account was switched off or deleted since the credential was issued.',
    fix: 'Nothing is to be done if the person left; what became of the credential is decided by the policy of the issuer.',
  },
  'refresh-session-ended': {
    cause: 'The provider has ended the session by which claims are renewed: a sign-out, a new password, a long pause.',
    fix: 'The person signs in again; allow offline_access to the client so that renewal outlives the session.',
  },
  'refresh-other-account': {
    cause: 'What the provider answered to a renewal is not about the person and the sign-in of before.',
    fix: 'The person signs in again; if it recurs, ask the people of the provider whether subjects of accounts have changed.',
  },
  'refresh-unavailable': {
    cause: 'The claims could not be renewed because the provider did not answer.',
    fix: 'Look whether the provider runs; the wallet tries again.',
  },
  'consent-declined': {
    cause: 'The person declined on the consent page.',
    fix: 'Nothing is to be done; the offer stays open, should the person think better of it.',
  },
} as const satisfies Record<string, FaultHelp>
