import { createHash } from 'node:crypto'
import { baseStyles } from './static.ts'

/** What a tenant and its issuers choose: one accent, and the colours of each credential, all as `#rrggbb`. */
export type Theme = { accent: string; credentials?: Record<string, CredentialColours> }
export type CredentialColours = { background?: string | undefined; text?: string | undefined }

type Channels = readonly [number, number, number]
type Mode = { grounds: readonly Channels[]; towards: Channels; dark: boolean }

const channels = (colour: string): Channels =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Channels
const written = (colour: Channels): string =>
  `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`

const [black, white] = [channels('#000000'), channels('#ffffff')]
const modes = {
  light: { grounds: [channels('#f3f4f1'), white], towards: black, dark: false },
  dark: { grounds: [channels('#0f1213'), channels('#181c1d')], towards: white, dark: true },
} satisfies Record<string, Mode>

/** Relative luminance, WCAG 2.2. */
function luminance(colour: Channels): number {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as unknown as Channels
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast ratio of two colours, WCAG 2.2. */
function contrast(one: Channels, other: Channels): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

const mix = (from: Channels, to: Channels, part: number): Channels =>
  from.map((value, index) => Math.round(value + (to[index]! - value) * part)) as unknown as Channels

/** The accent, moved in steps of 2 % until it stands out from every ground. */
function reach(accent: Channels, { grounds, towards }: Mode, ratio: number): Channels {
  for (let step = 0; step < 50; step++) {
    const colour = mix(accent, towards, step / 50)
    if (grounds.every((ground) => contrast(colour, ground) >= ratio)) return colour
  }
  return towards
}

/** White, or black where white is below 4.5:1; one of the two always reaches it. */
const readableOn = (fill: Channels): Channels => (contrast(fill, white) >= 4.5 ? white : black)

/** The four custom properties that an accent becomes. In light mode the brand's colour stays exactly as it is. */
function accentProperties(accent: Channels, mode: Mode): string {
  const fill = mode.dark ? reach(accent, mode, 3) : accent
  return Object.entries({
    '--accent': fill,
    '--on-accent': readableOn(fill),
    '--accent-line': reach(accent, mode, 3),
    '--accent-ink': reach(accent, mode, mode.dark ? 7 : 4.5),
  })
    .map(([name, colour]) => `${name}: ${written(colour)};`)
    .join(' ')
}

const isColour = (colour: string | undefined): colour is string => /^#[0-9a-f]{6}$/i.test(colour ?? '')
const isName = (id: string): boolean => /^[\w.-]+$/.test(id)

function credentialRule([id, { background, text }]: [string, CredentialColours]): string {
  if (!isName(id) || !isColour(background)) return ''
  const fill = channels(background)
  const chosen = isColour(text) && contrast(fill, channels(text)) >= 4.5 ? channels(text) : readableOn(fill)
  return `[data-credential="${id}"] { --credential: ${written(fill)}; --on-credential: ${written(chosen)}; }\n`
}

/** The end of the stylesheet: the accent for light and for dark, and the colours of the credentials. */
export function themeBlock({ accent, credentials = {} }: Theme): string {
  const colour = channels(isColour(accent) ? accent : '#1d5c4d')
  return `:root { ${accentProperties(colour, modes.light)} }
@media (prefers-color-scheme: dark) {
  :root { ${accentProperties(colour, modes.dark)} }
}
${Object.entries(credentials).map(credentialRule).join('')}`
}

/** The whole stylesheet of a theme, and the name with its hash under which it may be cached for ever. */
export function stylesheet(theme: Theme): { name: string; css: string } {
  const css = `${baseStyles()}\n/* Theme */\n${themeBlock(theme)}`
  return { name: `pages.${createHash('sha256').update(css).digest('hex').slice(0, 12)}.css`, css }
}
