import type { KeyStore } from './signer.ts'
import { software } from './software.ts'

/** Every kind of key store, by its name. A new one is a line here. */
export const keyStores: ReadonlyMap<string, KeyStore> = new Map([software].map((store) => [store.kind, store]))
