import type { FaultHelp } from './index.ts'

/** Faults on the way to the identity provider and at its authorization endpoint. */
export const providerFaults = {
  'idp-unreachable': {
    cause:
      'The identity provider does not answer: no connection could be made, or a proxy in front of it says it is down.',
    fix: 'Look whether the provider runs and whether this node may reach the host that the facts name, with its port if it has one of its own.',
  },
  'idp-name-unknown': {
    cause: 'The host name of the identity provider is not known to DNS.',
    fix: 'Correct the address of the provider in the tenant file, or the DNS of this node.',
  },
  'idp-tls-untrusted': {
    cause:
      'The certificate of the identity provider is expired, made out to another host, or of an authority this node does not trust.',
    fix: 'Renew the certificate; for an authority of your own, start the node with NODE_EXTRA_CA_CERTS.',
  },
  'idp-address-refused': {
    cause: 'The identity provider is at a private address, and this node opens none.',
    fix: 'Add the range to CLAIMGATE_ALLOW_ADDRESSES if the provider is meant to be there.',
  },
  'idp-slow': {
    cause: 'The identity provider took longer to answer than this node waits.',
    fix: 'Look at the load of the provider and of what lies behind it, at the endpoint that the facts name.',
  },
  'idp-discovery-status': {
    cause: 'There is no discovery document at the configured address.',
    fix: 'Compare realm and path with what the provider shows as its issuer; older Keycloaks have /auth in front.',
  },
  'idp-discovery-not-json': {
    cause: 'The discovery document is no JSON; often a page of a proxy stands in its place.',
    fix: 'Open the address followed by /.well-known/openid-configuration from this node and see what comes.',
  },
  'idp-issuer-mismatch': {
    cause: 'The provider calls itself by another issuer than the one configured.',
    fix: 'Write the issuer exactly as the provider publishes it: the scheme, the host and the slash at the end count.',
  },
  'idp-metadata-insufficient': {
    cause:
      'The provider lacks something that a sign-in by authorization code needs: an endpoint, the code flow, or a signature by a public key.',
    fix: 'Switch on at the provider what the facts name; sign ID tokens with RS256, PS256, ES256 or EdDSA and never with the secret.',
  },
  'idp-throttled': {
    cause: 'The provider takes no more requests for the moment.',
    fix: 'Raise the limit for this client at the provider, or spread the sign-ins.',
  },
  'idp-no-return': {
    cause:
      'Nobody came back from the provider. Either the person gave up, or the provider showed an error page of its own.',
    fix: 'Compare the redirect URI and the client id in the facts with those registered; see that the client is enabled, that it demands no signed requests that are not sent, and that the person is assigned to it.',
  },
  'idp-request-refused': {
    cause: 'The provider found a parameter of the authorization request missing, twice or not allowed.',
    fix: 'Read its words in the facts, and look at the parameters of the issuer and at the PKCE method of the client (S256).',
  },
  'idp-par-required': {
    cause: 'The provider takes only pushed authorization requests from this client.',
    fix: 'Set par: required at the identity provider, or take the requirement from the client.',
  },
  'idp-par-refused': {
    cause: 'The provider refused the pushed authorization request.',
    fix: 'Read its words in the facts: usually a scope or the redirect URI is not registered with the client.',
  },
  'idp-par-auth': {
    cause: 'The provider did not accept how this client authenticates when it pushes its request.',
    fix: 'Compare the secret or the key of the client with what the provider has.',
  },
  'idp-request-object-required': {
    cause: 'The provider wants signed request objects, or takes none.',
    fix: 'Set request_object to what the client is registered for.',
  },
  'idp-scope-unknown': {
    cause: 'The provider does not know a scope that was asked for, or does not allow it to this client.',
    fix: 'Assign the scope to the client at the provider, or take it from the scope setting of the issuer.',
  },
  'idp-flow-off': {
    cause: 'The authorization code flow is switched off for this client.',
    fix: 'Switch it on at the provider; in Keycloak it is called Standard flow.',
  },
  'idp-realm-off': {
    cause: 'The realm is switched off, although it still publishes its metadata.',
    fix: 'Switch on Enabled in the settings of the realm.',
  },
  'idp-declined': {
    cause: 'The person cancelled the sign-in or declined at the provider.',
    fix: 'Nothing is to be done; the person may start again.',
  },
  'idp-consent-required': {
    cause: 'The provider wants an administrator to approve this client first.',
    fix: 'Give admin consent for the client at the provider.',
  },
  'idp-login-required': {
    cause: 'The provider was not allowed to show a sign-in page and knew no session of the person.',
    fix: 'Take prompt=none from the rules of the sign-in, also where a product adds it by itself.',
  },
  'idp-session-restarted': {
    cause: 'The sign-in page of the provider was sent twice or had ended: a second tab, the back button, a long pause.',
    fix: 'Nothing is to be done; if it is frequent, raise the login time-out at the provider.',
  },
  'idp-temporarily-unavailable': {
    cause: 'The provider says that it is in trouble.',
    fix: 'Look into the log of the provider for the time of this session.',
  },
  'idp-not-assigned': {
    cause: 'The person is not assigned to this client at the provider.',
    fix: 'Assign the person or a group to the application, or switch off that assignment is required.',
  },
  'idp-policy-blocked': {
    cause: 'A policy of the organisation blocked the sign-in: device, place, or a second factor that was not given.',
    fix: 'Find the sign-in in the log of the provider by its correlation id; it names the policy.',
  },
  'idp-wrong-directory': {
    cause: 'The account is of a directory that may not sign in here.',
    fix: 'Add the directory to directories if its people may come.',
  },
  'idp-broker-failed': {
    cause: 'The provider hands the sign-in on to another one, and that failed.',
    fix: 'Test the sign-in at the inner provider, and look at its entry in the outer one.',
  },
  'idp-error-other': {
    cause: 'The provider answered with an error that has no place in the specifications.',
    fix: 'Look its words up in the documentation of the provider; they are in the facts.',
  },
} as const satisfies Record<string, FaultHelp>
