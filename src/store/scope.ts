import { AsyncLocalStorage } from 'node:async_hooks'

const scope = new AsyncLocalStorage<{ open: boolean }>()

/** Runs the work of a transaction so that a statement that forgot its `trx` is noticed. */
export async function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  const state = { open: true }
  try {
    return await scope.run(state, work)
  } finally {
    state.open = false
  }
}

/**
 * Called before a connection is taken from the pool. Throws inside a transaction: such a statement would run outside of it,
 * and on SQLite, where a process has one connection, wait for itself.
 */
export function refuseInsideTransaction(): void {
  if (scope.getStore()?.open) throw new Error('A statement inside a transaction was not given its trx')
}
