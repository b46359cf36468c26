import test, { type ExecutionContext } from 'ava'
import { has, type ServiceName } from './addresses.ts'

type Implementation = (t: ExecutionContext) => unknown
type Register = (title: string, implementation: Implementation) => void

const registerWith = (
  names: ServiceName[],
  register: (title: string, run: (t: ExecutionContext) => Promise<void>) => void,
): Register => {
  const missing = names.filter((name) => !has(name))
  if (missing.length > 0) return (title) => test.skip(`${title} [no ${missing.join(', ')}]`, (t) => t.pass())
  return (title, implementation) => register(title, async (t) => void (await implementation(t)))
}

/** `test` where these services are, else a `test.skip` that names the missing ones: `needs('Keycloak')('VCI-1: …', async (t) => …)`. */
export const needs = (...names: ServiceName[]): Register => registerWith(names, test)

/** As `needs`, one after the other. */
export const needsSerially = (...names: ServiceName[]): Register => registerWith(names, test.serial)
