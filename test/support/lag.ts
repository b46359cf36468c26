import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'

/** Makes a member of a Galera cluster fall behind the others, again and again: it answers, but from the past. Answers what stops it. */
export async function lag(memberUrl: string, millis = 120): Promise<() => Promise<void>> {
  const connection = await createConnection(memberUrl)
  let stopped = false
  const falling = (async () => {
    while (!stopped) {
      await connection.query('flush tables with read lock')
      await pause(millis)
      await connection.query('unlock tables')
      await pause(millis / 3)
    }
    await connection.end()
  })()
  return () => {
    stopped = true
    return falling
  }
}
