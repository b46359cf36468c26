import { type Environment, readClientConfig } from '../config.ts'
import { type Client, makeClient } from './client.ts'

/** What a command may reach of the world. */
export type Terminal = {
  environment: Environment
  fetch: typeof globalThis.fetch
  now: () => Date
  /** What was asked for, a line or more. */
  print(text: string): void
  /** What a person should know besides. */
  note(text: string): void
}

export const connect = ({ environment, fetch }: Terminal): Client =>
  makeClient({ ...readClientConfig(environment), fetch })
