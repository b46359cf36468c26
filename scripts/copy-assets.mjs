// Copies what tsc leaves behind (style sheets, pictures, scripts for browsers) from src to dist.
import { cpSync, statSync } from 'node:fs'

const isAsset = (path) => statSync(path).isDirectory() || !path.endsWith('.ts')

cpSync('src', 'dist', { recursive: true, filter: isAsset })
