import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const folder = join(import.meta.dirname, 'static')
const types: Record<string, string> = { '.svg': 'image/svg+xml', '.js': 'text/javascript; charset=utf-8' }

/** The files that pages refer to, by the name that they have here. */
export type AssetName =
  | 'live.js'
  | `${'claimgate' | 'claimgate-dark' | 'acme' | 'acme-dark' | 'wallet' | 'provider'}.svg`
/** The address of each file. */
export type Assets = Record<AssetName, string>

/** For what has its hash in its name. */
export const immutable = 'public, max-age=31536000, immutable'

let read: { name: AssetName; hashed: string; type: string; body: Buffer }[] | undefined
const files = () => {
  read ??= readdirSync(folder)
    .filter((name) => extname(name) in types)
    .map((name) => {
      const body = readFileSync(join(folder, name))
      const extension = extname(name)
      const digest = createHash('sha256').update(body).digest('hex').slice(0, 12)
      const hashed = `${name.slice(0, -extension.length)}.${digest}${extension}`
      return { name: name as AssetName, hashed, type: types[extension]!, body }
    })
  return read
}

let styles: string | undefined
/** The stylesheet without a theme. */
export const baseStyles = (): string => {
  styles ??= readFileSync(join(folder, 'pages.css'), 'utf8')
  return styles
}

/** Images and script under names with their hash, read once; serve them with `immutable`. */
export const staticFiles = (): Map<string, { type: string; body: Buffer }> =>
  new Map(files().map(({ hashed, type, body }) => [hashed, { type, body }]))

/** Where the pages find these files, when they are served below `prefix` (`/static/`). */
export const assetsBelow = (prefix: string): Assets =>
  Object.fromEntries(files().map(({ name, hashed }) => [name, prefix + hashed])) as Assets
