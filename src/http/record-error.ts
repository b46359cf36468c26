import type { Context } from 'koa'
import { recordRefusal } from '../issuance/record-refusal.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'

/** The path that a request names, for logs: handles and names of people never stand in a route's pattern. */
export const routeOf = (ctx: Context): string => String(ctx._matchedRoute ?? ctx.state.route ?? 'unmatched')

export const asProtocolError = (error: unknown): ProtocolError =>
  error instanceof ProtocolError
    ? error
    : new ProtocolError('server_error', 'Something went wrong on our side.', { cause: error })

/** One line for the operator: code and cause. What is no ProtocolError is a bug, and an error. */
export function record(ctx: Context, { log }: Pick<Services, 'log'>, error: ProtocolError): void {
  const { code, help, message, cause } = error
  const fields = {
    reference: ctx.state.reference,
    route: routeOf(ctx),
    error: code,
    help,
    reason: message,
    ...(cause !== undefined && (cause instanceof Error ? { err: cause } : { cause })),
  }
  if (code === 'server_error') log.error(fields, 'Request failed')
  else if (cause !== undefined) log.warn(fields, 'Request refused')
  else log.info(fields, 'Request refused')
}

export type Recording = Pick<Services, 'log' | 'clock' | 'random' | 'tables' | 'inTransaction'>

/** A refusal of a wallet's request in a session that is known, for the trace of that session. */
export async function traceWallet(ctx: Context, services: Recording, error: ProtocolError): Promise<void> {
  const sessionId = error.session ?? (ctx.state.session as string | undefined)
  if (sessionId === undefined) return
  const endpoint = routeOf(ctx).split('/').at(-1) ?? ''
  const reference = ctx.state.reference as string | undefined
  await recordRefusal(services, ctx.state.issuer as LiveIssuer, error, { sessionId, endpoint, reference })
}
