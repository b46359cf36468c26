import { adfs } from './adfs.ts'
import { auth0 } from './auth0.ts'
import { authentik } from './authentik.ts'
import { entraId } from './entra-id.ts'
import { google } from './google.ts'
import { keycloak } from './keycloak.ts'
import { oidc } from './oidc.ts'
import { okta } from './okta.ts'
import { onelogin } from './onelogin.ts'
import { pingone } from './pingone.ts'
import type { Preset } from './preset.ts'
import { zitadel } from './zitadel.ts'

/** Every product that we know the words of, by the name that the command line takes. */
export const presets: Record<string, Preset> = {
  keycloak,
  'entra-id': entraId,
  okta,
  auth0,
  google,
  authentik,
  zitadel,
  adfs,
  pingone,
  onelogin,
  oidc,
}
