import { namesIn } from '../claims/source-names.ts'
import type { SignIn } from '../connectors/connector.ts'
import type { Services } from '../services.ts'
import type { Tables } from '../store/index.ts'

const most = 300
const dayMs = 86_400_000

/** What this node knows to be noted: by tenant and provider, each name with its day. */
const noted = new WeakMap<Tables, Map<string, Map<string, number>>>()

/** A member may be called by what is a person's: such a name is none to remember. */
const isName = (path: string): boolean => path.length <= 100 && !/@|\d{5,}/.test(path)

/**
 * Remembers what the claims that a provider sends are called, for whoever writes rules; never what they are. A name costs a statement once a
 * day and node. No sign-in fails for it.
 */
export async function noteClaimNames(
  { tables, clock, log }: Pick<Services, 'tables' | 'clock' | 'log'>,
  tenantId: string,
  identityProvider: string,
  { id_token, userinfo }: Pick<SignIn, 'id_token' | 'userinfo'>,
): Promise<void> {
  const day = Math.floor(clock().getTime() / dayMs) * dayMs
  const names = [...namesIn('id_token', id_token), ...namesIn('userinfo', userinfo)].filter(isName)
  const all = noted.get(tables) ?? new Map<string, Map<string, number>>()
  noted.set(tables, all)
  const key = `${tenantId} ${identityProvider}`
  try {
    const known =
      all.get(key) ??
      new Map((await tables.claimNames.list(tenantId, identityProvider)).map((one) => [one.path, one.seenAt.getTime()]))
    all.set(key, known)
    const room = most - known.size
    const [old, fresh] = [names.filter((name) => known.has(name)), names.filter((name) => !known.has(name))]
    const due = [...old.filter((name) => known.get(name) !== day), ...fresh.slice(0, Math.max(room, 0))]
    if (due.length === 0) return
    await tables.claimNames.note(tenantId, identityProvider, due, new Date(day))
    for (const name of due) known.set(name, day)
  } catch (error) {
    log.warn({ err: error, identityProvider }, 'The names of claims could not be noted')
  }
}
