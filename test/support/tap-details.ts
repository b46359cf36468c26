// Loaded into AVA's process before AVA: its TAP reporter writes the details of a failure as YAML, and without this a member that is
// undefined, as some libraries' errors have them, ends the whole run instead of naming the test.
import { createRequire } from 'node:module'

type Dump = (value: unknown, options?: Record<string, unknown>) => string

const reporter = createRequire(createRequire(import.meta.url).resolve('supertap'))
const yaml = reporter('js-yaml') as { safeDump: Dump }
const { safeDump } = yaml
yaml.safeDump = (value, options) => safeDump(value, { ...options, skipInvalid: true })
