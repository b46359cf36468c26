#!/usr/bin/env node
// Plain JavaScript that every Node can read: an older one then says what it lacks instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`Claimgate needs Node.js 24.12 or newer; this is ${process.version}.`)
  process.exit(1)
}
await import('../dist/cli/main.js')
