import { clientFaults } from './client.ts'
import { dataFaults } from './data.ts'
import { externalFaults } from './external.ts'
import { providerFaults } from './provider.ts'
import { signInFaults } from './sign-in.ts'

/** For the operator: why it happened, and what mends it. Neither holds a value; the facts of a single case stand beside it. */
export type FaultHelp = { cause: string; fix: string }

/** Everything that may go wrong at the provider, with its data and at renewal, by the id that logs and traces name. */
export const faultHelp = { ...providerFaults, ...clientFaults, ...signInFaults, ...dataFaults, ...externalFaults }

/** The same of what a log or trace names; nothing for what is no fault that we know. */
export const helpFor = (fault: unknown): FaultHelp | undefined =>
  typeof fault === 'string' && Object.hasOwn(faultHelp, fault) ? faultHelp[fault as keyof typeof faultHelp] : undefined
