import type { FaultHelp } from './index.ts'

/** Faults of access tokens from an external authorization server, and of that server. */
export const externalFaults = {
  'external-token-audience': {
    cause: 'The access token is not for this issuer, or of a server or a client that it does not take.',
    fix: 'Add the issuer’s address to the audience at that server (in Keycloak an Audience mapper on the client scope), and the client to client_ids.',
  },
  'external-token-type': {
    cause: 'What the wallet sent is no access token.',
    fix: 'Look at the wallet: ID tokens and refresh tokens open nothing; access tokens are of type at+jwt, or as Keycloak makes them.',
  },
  'external-token-signature': {
    cause: 'The access token is not signed with a key of the server.',
    fix: 'Treat it as an attack until you know better: compare the keys that this node gets with those of the server.',
  },
  'external-token-expired': {
    cause: 'By the clock of this node the access token has expired or is of the future.',
    fix: 'Compare the clocks, and let the lifetime of access tokens be long enough for a person to answer the wallet.',
  },
  'external-token-malformed': {
    cause: 'The access token lacks a claim that has to be there.',
    fix: 'Have the server put the claim that the facts name into its access tokens (RFC 9068).',
  },
  'external-token-inactive': {
    cause: 'The server says that the access token is revoked or unknown.',
    fix: 'Nothing is to be done if it was revoked; Keycloak says so too while the introspecting client is not in the audience.',
  },
  'external-token-impersonated': {
    cause: 'Somebody acts in the name of the person.',
    fix: 'Let the person sign in; credentials are not issued to a stand-in, nor by token exchange.',
  },
  'external-server-unavailable': {
    cause: 'The external authorization server did not answer.',
    fix: 'Look whether it runs and whether this node may reach it.',
  },
  'external-server-metadata': {
    cause: 'The external authorization server does not publish what its tokens are checked with.',
    fix: 'Open its metadata from this node: issuer, jwks_uri and, where it is asked, introspection_endpoint have to be there.',
  },
  'external-introspection-refused': {
    cause: 'The external authorization server does not let this issuer ask for tokens.',
    fix: 'Compare client_id and client_secret of the server in the tenant file, and allow introspection to that client.',
  },
  'external-userinfo-refused': {
    cause: 'The external authorization server does not answer for the person with the wallet’s token.',
    fix: 'Have the wallet ask for the scope openid, or read the claims from the access token alone.',
  },
  'external-claims-missing': {
    cause: 'The access token lacks a claim that a mandatory rule reads.',
    fix: 'Switch on “Add to access token” at the mapper of the claim.',
  },
} as const satisfies Record<string, FaultHelp>
