/** What an ID token says of itself and of the sign-in, and not of the person (OIDC Core §2 and §3.1.3.6, RFC 7519 §4.1; `typ` is Keycloak's). */
export const ofTheToken: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'auth_time', 'nonce', 'acr', 'amr', 'azp', 'sid', 'typ'],
  ...['at_hash', 'c_hash'],
])
