import type { FaultHelp } from './index.ts'

/** Faults at the token endpoint of the identity provider: how this client shows itself, what its code is worth. */
export const clientFaults = {
  'idp-secret-wrong': {
    cause: 'The provider does not accept the client secret.',
    fix: 'Write the current secret into the tenant file and apply it; in Entra ID it is the Value, not the Secret ID.',
  },
  'idp-secret-expired': {
    cause: 'The client secret has run out.',
    fix: 'Make a new secret at the provider, write it into the tenant file and apply it.',
  },
  'idp-client-unknown': {
    cause: 'The provider knows no such client, or it is switched off.',
    fix: 'Compare client_id, and see that the client is enabled.',
  },
  'idp-assertion-refused': {
    cause: 'The provider does not accept the signature or the certificate by which this client authenticates.',
    fix: 'Give the provider the JWKS address or the certificate of this client, see that it can fetch it, and compare the clocks.',
  },
  'idp-auth-method': {
    cause: 'The provider does not allow this way of client authentication.',
    fix: 'Let client_auth and the client at the provider name the same method; the facts hold those that the provider offers, or its words.',
  },
  'idp-code-refused': {
    cause: 'The provider took the authorization code for spent, expired or not of this sign-in.',
    fix: 'Nothing is to be done for a single one; if it is frequent, look at the lifetime of codes and at proxies that send a request twice.',
  },
  'idp-user-disabled': {
    cause: 'The account is switched off at the provider.',
    fix: 'Enable the account if the person may have the credential.',
  },
  'idp-dpop-refused': {
    cause: 'The provider wants DPoP or does not accept the proof.',
    fix: 'Set dpop to what the client is registered for, and compare the clocks.',
  },
  'idp-token-type': {
    cause: 'The token answer has no access token, or one of a type that nobody knows.',
    fix: 'Look at what the provider or a proxy in front of it answers at the token endpoint.',
  },
  'idp-no-id-token': {
    cause: 'The provider sent no ID token.',
    fix: 'Allow the scope openid to the client.',
  },
} as const satisfies Record<string, FaultHelp>
