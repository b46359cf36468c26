import { durationSeconds } from '../lib/time.ts'
import { effective, type IssuerSettings } from '../model/issuer.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

const daySeconds = 86_400
const mostDays = 365

/** What an issuer says of the time after the first token that no wallet could have any good of. Pointers begin at the issuer. */
export function grantLifeMistakes(issuer: IssuerSettings): Mistake[] {
  const { dpop, wallet_attestation, refresh_tokens, deferred, batch_size, credential_configurations } =
    effective(issuer)
  const mistakes: Mistake[] = []
  const ages = { refresh_tokens: refresh_tokens?.expires_in, deferred: deferred.expires_in }
  for (const [name, age = 'PT1S'] of Object.entries(ages)) {
    if (durationSeconds(age)! > mostDays * daySeconds)
      mistakes.push({ pointer: `/${name}/expires_in`, detail: `This is at most a year (P${mostDays}D).` })
  }
  const nobody = 'Only wallets that are bound to a key can come back: switch on dpop or wallet_attestation.'
  const isBound = dpop !== 'off' || wallet_attestation !== 'off'
  if (refresh_tokens && !isBound) mistakes.push({ pointer: '/refresh_tokens', detail: nobody })
  for (const [id, { approval, batch_size: copies }] of Object.entries(credential_configurations)) {
    const at = (member: string) => pointerTo(['credential_configurations', id, member])
    if (approval === 'manual' && !isBound) mistakes.push({ pointer: at('approval'), detail: nobody })
    if (copies !== undefined && copies > batch_size)
      mistakes.push({ pointer: at('batch_size'), detail: `The issuer takes ${batch_size} keys at most.` })
  }
  return mistakes
}
