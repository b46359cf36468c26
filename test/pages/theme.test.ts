import test from 'ava'
import * as fc from 'fast-check'
import { staticFiles } from '../../src/http/pages/static.ts'
import { stylesheet, themeBlock } from '../../src/http/pages/theme.ts'

// Written anew here, from WCAG 2.2, so that a mistake in the product's own arithmetic shows.
const linear = (channel: number) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
function luminance(colour: string): number {
  const rgb = Number.parseInt(colour.slice(1), 16)
  const [r, g, b] = [rgb >> 16, (rgb >> 8) & 255, rgb & 255].map((channel) => linear(channel / 255))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}
const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)
const grounds = { light: ['#f3f4f1', '#ffffff'], dark: ['#0f1213', '#181c1d'] }

function properties(css: string): Record<'light' | 'dark', Record<string, string>> {
  const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, rules]) =>
    Object.fromEntries([...rules!.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!])),
  )
  return { light: light!, dark: dark! }
}

test('WCAG 2.2 §1.4.3, §1.4.11: any accent gives readable buttons, visible borders and readable links, light and dark', async (t) => {
  const random = fc.property(colour, (accent) => {
    const modes = properties(themeBlock({ accent }))
    for (const mode of ['light', 'dark'] as const) {
      const now = modes[mode]
      if (contrast(now['on-accent']!, now.accent!) < 4.5) return false
      if (grounds[mode].some((ground) => contrast(now['accent-line']!, ground) < 3)) return false
      if (grounds[mode].some((ground) => contrast(now['accent-ink']!, ground) < 4.5)) return false
    }
    return modes.light.accent === accent
  })
  await fc.assert(random, { numRuns: 3000 })
  t.pass()
})

test('the accent of the reference design becomes the colours of the reference design', (t) => {
  const { light, dark } = properties(themeBlock({ accent: '#0d6157' }))
  t.deepEqual(light, { accent: '#0d6157', 'on-accent': '#ffffff', 'accent-line': '#0d6157', 'accent-ink': '#0d6157' })
  t.deepEqual(dark, { accent: '#2a746b', 'on-accent': '#ffffff', 'accent-line': '#2a746b', 'accent-ink': '#86b0ab' })
  const yellow = properties(themeBlock({ accent: '#ffd500' }))
  t.is(yellow.light['on-accent'], '#000000')
  t.not(yellow.light['accent-line'], '#ffd500')
})

test('WCAG 2.2 §1.4.3: the words on a credential are readable whatever its colours say', async (t) => {
  const random = fc.property(colour, fc.option(colour, { nil: undefined }), (background, text) => {
    const css = themeBlock({ accent: '#1d5c4d', credentials: { Badge: { background, text } } })
    const [, fill, on] = /\[data-credential="Badge"\] \{ --credential: (#.{6}); --on-credential: (#.{6}); \}/.exec(css)!
    const kept = text === undefined || contrast(background, text) < 4.5 || on === text
    return fill === background && kept && contrast(fill!, on!) >= 4.5
  })
  await fc.assert(random, { numRuns: 1000 })
  t.pass()
})

test('nothing but a colour and a name reaches the stylesheet', (t) => {
  const hostile = {
    'x"] { } body { display: none } [y="': { background: '#000000' },
    Badge: { background: 'url(//x)' },
  }
  const css = themeBlock({ accent: 'red; } body { display: none', credentials: hostile })
  t.false(/display|url|data-credential/.test(css))
})

test('the stylesheet is smaller than 15 kB, loads nothing, and its name changes with its content', (t) => {
  const [one, other] = [stylesheet({ accent: '#0d6157' }), stylesheet({ accent: '#0d6158' })]
  t.true(Buffer.byteLength(one.css) < 15_000)
  t.notRegex(one.css, /url\(|@import|@font-face/)
  t.regex(one.name, /^pages\.[0-9a-f]{12}\.css$/)
  t.not(one.name, other.name)
  t.is(one.name, stylesheet({ accent: '#0d6157' }).name)
})

test('images and script have names with their hash and a type', (t) => {
  const files = staticFiles()
  t.true(files.size >= 7)
  for (const [name, { type, body }] of files) {
    t.regex(name, /\.[0-9a-f]{12}\.(?:svg|js)$/)
    t.is(type, name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'image/svg+xml')
    t.true(body.length > 0)
  }
})
