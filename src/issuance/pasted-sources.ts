import { InvalidJws } from '../lib/jwk.ts'
import { decodeJws } from '../lib/jws.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { PreviewRequest } from '../model/preview.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { mayServe } from './choose-provider.ts'
import { sessionOf } from './gather-sources.ts'

/** What is wrong with one member of what a preview was asked for. */
export const wrongAt = (pointer: string, detail: string) =>
  new ProtocolError('unprocessable', 'There is nothing to make this preview of.', { mistakes: [{ pointer, detail }] })

/** The claims of a JWT, or the claims themselves. Nothing is verified. */
function claimsOf(said: string | Record<string, unknown> | undefined, pointer: string) {
  if (typeof said !== 'string') return said
  try {
    return decodeJws(said.trim(), said.length).payload
  } catch (error) {
    if (!(error instanceof InvalidJws)) throw error
    throw wrongAt(pointer, `${error.message} Paste a signed JWT as the provider gave it, or its claims as an object.`)
  }
}

/** Whose rules are taken: the provider or external server that is named, or else the only one there is. */
export function providerOf(issuer: LiveIssuer, configuration: LiveConfiguration, named: string | undefined) {
  const known = [...issuer.identityProviders, ...issuer.authorizationServers].map(({ id }) => id)
  const id = named ?? (known.length === 1 ? known[0] : undefined)
  if (named !== undefined && !known.includes(named))
    throw wrongAt(
      '/identity_provider',
      `The issuer does not let ${named} sign people in; there is ${known.join(', ')}.`,
    )
  if (id !== undefined && !mayServe(issuer, configuration.id, id))
    throw wrongAt('/identity_provider', `This credential is not issued after a sign-in at ${id}.`)
  return id
}

/** What somebody pasted, as the sources of rules. Nobody is asked anything. */
export function pastedSources(issuer: LiveIssuer, configuration: LiveConfiguration, request: PreviewRequest): Sources {
  const { userinfo, user, offer, source, identity_provider: named } = request
  const id_token = claimsOf(request.id_token, '/id_token')
  const hasSignIn = (id_token ?? userinfo ?? user) !== undefined
  const provider = named !== undefined || hasSignIn ? providerOf(issuer, configuration, named) : undefined
  const sources = {
    id_token,
    userinfo: claimsOf(userinfo, '/userinfo'),
    user: typeof user === 'string' ? undefined : user,
    offer,
    source,
  }
  const given = Object.fromEntries(Object.entries(sources).filter(([, value]) => value !== undefined))
  return { ...given, session: provider === undefined ? {} : sessionOf(provider, id_token ?? {}) }
}
