import { helpFor } from '../model/faults/index.ts'
import { faultOf, ProtocolError } from '../protocol/errors.ts'

/** An error whose cause is named, so that it can be said what mends it. */
type Fault = ProtocolError & { cause: { fault: string } }
export const isFault = (error: unknown): error is Fault => faultOf(error) !== undefined

/** Why it happened and what mends it. */
export function adviceOn(fault: string): string {
  const help = helpFor(fault)
  return help ? `${help.cause} ${help.fix}` : fault
}

/** A fault of the provider for the administrator who may mend it; an outage passes. */
export function explained(error: Fault): ProtocolError {
  if (error.code === 'temporarily_unavailable') return error
  const mistakes = [{ pointer: '/user', detail: adviceOn(error.cause.fault) }]
  return new ProtocolError('unprocessable', error.message, { mistakes, cause: error.cause })
}
