const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

/** Markup that may stand in a page as it is. Only `html` and `raw` make it. */
export class Markup {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

/** What may stand between the markup: absent and false parts write nothing, lists write their parts. */
export type Part = Markup | string | number | false | null | undefined | readonly Part[]

function write(part: Part): string {
  if (part === undefined || part === null || part === false) return ''
  if (part instanceof Markup) return part.toString()
  return typeof part === 'object' ? part.map(write).join('') : escaped(String(part))
}

/** Markup from a template; every part is escaped, for text and for quoted attributes, unless it is markup itself. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Markup =>
  new Markup(strings.reduce((text, string, index) => text + write(parts[index - 1]) + string))

/** Takes text as markup. For what the program itself wrote, never for a value from outside. */
export const raw = (markup: string): Markup => new Markup(markup)

const refused = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:', 'intent:']

/** The address for an `href`, or `#` if a browser would run it or read a local file instead of going there. */
export function link(address: string): string {
  const url = URL.parse(address, 'https://relative.invalid')
  return url === null || refused.includes(url.protocol) ? '#' : address
}
