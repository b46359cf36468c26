import type { FaultHelp } from './index.ts'

/** Faults in the answer of a sign-in: the callback, the ID token, UserInfo, the person. */
export const signInFaults = {
  'idp-disabled': {
    cause: 'The identity provider was switched off in the tenant file while the person signed in there.',
    fix: 'Nothing is to be done; the person signs in at another provider, or once disabled is taken away again.',
  },
  'idp-none-serves': {
    cause: 'No identity provider that is switched on may serve what was asked for.',
    fix: 'See that identity_providers of the configurations in the facts and of the issuer name one that is not disabled.',
  },
  'callback-other-browser': {
    cause: 'The person came back in another browser than the one in which the sign-in began, or cookies are blocked.',
    fix: 'Nothing is to be done; the sign-in is still open in the first browser.',
  },
  'callback-state-unknown': {
    cause: 'The answer belongs to no sign-in that is known: a stale link, or somebody made it up.',
    fix: 'If it is frequent, look where such links come from.',
  },
  'callback-replayed': {
    cause: 'The answer of the provider came a second time: a reload, the back button, or somebody who saw it.',
    fix: 'Nothing is to be done; it has no effect.',
  },
  'callback-wrong-provider': {
    cause: 'The answer came from another provider than the one the person was sent to.',
    fix: 'See that each provider has its own redirect URI registered. Otherwise treat it as an attack: nothing was issued.',
  },
  'callback-iss-missing': {
    cause: 'The provider says that it names itself in its answers, and did not.',
    fix: 'In Keycloak switch off “Exclude Issuer From Authentication Response” in the advanced settings of the client.',
  },
  'callback-malformed': {
    cause: 'The answer of the provider has no code, has something twice, or is of another response mode.',
    fix: 'Allow response mode query to the client, and look at proxies that change addresses.',
  },
  'callback-expired': {
    cause: 'The person took longer than 15 minutes to sign in.',
    fix: 'Nothing is to be done; a new try has 15 minutes of its own.',
  },
  'id-token-signature': {
    cause: 'The signature of the ID token is not by a key of the provider.',
    fix: 'Treat it as an attack until you know better: compare the keys that this node gets with those of the provider.',
  },
  'id-token-key-missing': {
    cause:
      'The ID token is signed with a key that the provider does not publish, also not after its keys were fetched again.',
    fix: 'Keep a rotated key published (in Keycloak passive, not disabled) until the last token signed with it has ended.',
  },
  'idp-keys-unavailable': {
    cause: 'The keys of the provider could not be read.',
    fix: 'Open its jwks_uri from this node; it has to hold keys for signatures.',
  },
  'id-token-alg': {
    cause: 'The ID token is not signed, or not with a public key of the provider.',
    fix: 'Choose a signing key for the client at the provider (in authentik: Signing Key); secrets do not count as keys.',
  },
  'id-token-iss': {
    cause: 'The ID token was made by another issuer than the configured one.',
    fix: 'Compare both issuers in the facts; a host name in front and one behind a proxy are two, and so are v1 and v2 of Entra ID.',
  },
  'id-token-directory': {
    cause: 'The ID token is of a directory that is not allowed here.',
    fix: 'Add the directory to directories if its people may come; the facts name it.',
  },
  'id-token-guest': {
    cause: 'The account is a guest in the directory, and guests may not sign in here; or the token does not tell.',
    fix: 'Let guests in with guests: allow, or have Entra ID send the optional claim acct.',
  },
  'id-token-aud': {
    cause: 'The ID token was made for another client.',
    fix: 'Treat it as an attack until you know better; otherwise take from the client the mapper that adds other audiences.',
  },
  'id-token-nonce': {
    cause: 'The ID token belongs to another sign-in.',
    fix: 'Treat it as an attack until you know better; see that the provider hands nonce through.',
  },
  'id-token-expired': {
    cause: 'By the clock of this node the ID token has expired or is of the future.',
    fix: 'Compare the clocks of this node and of the provider; the facts say which member is off and by how much.',
  },
  'id-token-at-hash': {
    cause: 'The access token is not the one that the ID token was made with.',
    fix: 'Treat it as an attack until you know better; look at proxies between this node and the provider.',
  },
  'id-token-encrypted': {
    cause: 'The ID token is encrypted in a way that this client cannot open, or plain although it was to be encrypted.',
    fix: 'Give the provider the encryption key of this client’s JWKS address, or switch encryption off at the client.',
  },
  'id-token-impersonated': {
    cause: 'An administrator is signed in as this person.',
    fix: 'End the impersonation and let the person sign in; credentials are not issued to a stand-in.',
  },
  'sign-in-too-old': {
    cause: 'The person signed in longer ago than the issuer allows, or the provider does not tell when.',
    fix: 'If auth_time is missing, have the provider send it (Keycloak: scope basic; Entra ID: optional claim auth_time).',
  },
  'sign-in-too-weak': {
    cause: 'The sign-in reached none of the levels or methods that the issuer asks for.',
    fix: 'Set up step-up for the client at the provider, and see that it sends acr or amr; the facts say what was asked and what came.',
  },
  'userinfo-refused': {
    cause: 'The UserInfo endpoint does not accept the access token that was made a moment ago.',
    fix: 'Allow the scope openid, and see that no other resource is asked for beside it.',
  },
  'userinfo-signature': {
    cause: 'The signed UserInfo answer is not by a key of the provider, or not for this client.',
    fix: 'Treat it as an attack until you know better; otherwise compare the algorithm that the client is registered for.',
  },
  'userinfo-subject': {
    cause: 'UserInfo is of another person than the ID token.',
    fix: 'Treat it as an attack until you know better; otherwise give both the same subject at the provider.',
  },
  'userinfo-failed': {
    cause: 'The UserInfo endpoint gave no answer that can be used.',
    fix: 'Call it with a test account and look at status and content type; rules that read id_token do without it.',
  },
  'person-mismatch': {
    cause: 'Another person than the one that the offer is for signed in.',
    fix: 'If it was the right person, compare the subject of the offer with the account; the offer is still open.',
  },
  'email-unverified': {
    cause: 'The provider does not vouch for the e-mail address of the account.',
    fix: 'Have the person confirm the address at the provider, or bind the offer by sub.',
  },
} as const satisfies Record<string, FaultHelp>
