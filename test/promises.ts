// No promise is left without `await` or `void`: Biome's noFloatingPromises. It runs on a copy without node_modules, because with all
// types of the dependencies in reach Biome 2.5 needs a minute for what takes two seconds here and finds the same.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const copy = mkdtempSync(join(tmpdir(), 'claimgate-promises-'))
for (const folder of ['src', 'test', 'bench'].filter((name) => existsSync(join(root, name)))) {
  cpSync(join(root, folder), join(copy, folder), { recursive: true })
}
const rules = { preset: 'none', nursery: { noFloatingPromises: 'error' } }
writeFileSync(join(copy, 'biome.json'), JSON.stringify({ linter: { rules } }))

const biome = join(root, 'node_modules/.bin/biome')
const { status } = spawnSync(biome, ['lint', '--max-diagnostics=none'], { cwd: copy, stdio: 'inherit' })
rmSync(copy, { recursive: true })
process.exitCode = status ?? 1
