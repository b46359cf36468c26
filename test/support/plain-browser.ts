type Field = Record<string, string>

export type Page = { status: number; url: string; headers: Headers; text: string }

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const plain = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!)

/** The attributes of a tag; those without a value are empty. */
function attributes(tag: string): Record<string, string> {
  const found = tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)
  return Object.fromEntries([...found].slice(1).map(([, name, value]) => [name!, plain(value ?? '')]))
}

const tags = (text: string, name: string): Record<string, string>[] =>
  [...text.matchAll(new RegExp(`<${name}(\\s[^>]*)?>`, 'g'))].map(([tag]) => attributes(tag))

/** The tag with this id, as its attributes. */
export const elementOf = ({ text }: Page, id: string): Record<string, string> | undefined =>
  tags(text, '\\w+').find((element) => element.id === id)

/** A browser without script: keeps cookies, follows redirects, submits forms by the id of their button. */
export function plainBrowser(fetch: typeof globalThis.fetch = globalThis.fetch) {
  const jar = new Map<string, Map<string, { value: string; path: string }>>()

  const keep = (url: URL, headers: Headers) => {
    const cookies = jar.get(url.host) ?? new Map<string, { value: string; path: string }>()
    jar.set(url.host, cookies)
    for (const cookie of headers.getSetCookie()) {
      const [pair = '', ...rest] = cookie.split(/;\s*/)
      const settings = new Map(
        rest.map((part) => part.split('=') as [string, string?]).map(([k, v]) => [k.toLowerCase(), v]),
      )
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const over = settings.get('max-age') === '0' || Date.parse(settings.get('expires') ?? '') <= Date.now()
      const path = settings.get('path') ?? '/'
      over ? cookies.delete(name + path) : cookies.set(name + path, { value: `${name}=${value}`, path })
    }
  }
  const cookiesFor = ({ host, pathname }: URL): string =>
    [...(jar.get(host)?.values() ?? [])]
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ value }) => value)
      .join('; ')

  /** Goes there and follows redirects, until a place that is no page: below `stopAt`, or of a wallet's scheme. */
  async function go(address: string | URL, init: RequestInit = {}, stopAt?: string): Promise<Page> {
    const url = new URL(address)
    const isPage = url.protocol.startsWith('http') && (stopAt === undefined || !url.href.startsWith(stopAt))
    if (!isPage) return { status: 0, url: url.href, headers: new Headers(), text: '' }
    const cookie = cookiesFor(url)
    const headers = { ...(init.headers as Field), ...(cookie && { cookie }) }
    const response = await fetch(url.href, { ...init, headers, redirect: 'manual' })
    keep(url, response.headers)
    const text = await response.text()
    const location = response.headers.get('location')
    const page = { status: response.status, url: url.href, headers: response.headers, text }
    if (!location || response.status < 300 || response.status > 399) return page
    return go(new URL(location, url), {}, stopAt)
  }

  /** Presses the button or link with this id; fields are given by name, others keep what the page filled in. */
  async function press(page: Page, id: string, fields: Field = {}, stopAt?: string): Promise<Page> {
    const link = tags(page.text, 'a').find((element) => element.id === id)
    if (link) return go(new URL(link.href ?? '', page.url), {}, stopAt)
    const form = [...page.text.matchAll(/<form[\s>][\s\S]*?<\/form>/g)].find(([text]) =>
      text.includes(`id="${id}"`),
    )?.[0]
    if (!form) throw new Error(`No form on ${new URL(page.url).pathname} has a button ${id} (status ${page.status}).`)
    const { method = 'get', action = page.url } = tags(form, 'form')[0] ?? {}
    const body = new URLSearchParams()
    for (const { name, value = '' } of tags(form, 'input')) if (name) body.set(name, value)
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    const button = tags(form, 'button').find((element) => element.id === id)
    if (button?.name) body.set(button.name, button.value ?? '')
    const target = new URL(action || page.url, page.url)
    if (method.toLowerCase() === 'post') return go(target, { method: 'POST', body }, stopAt)
    target.search = body.toString()
    return go(target, {}, stopAt)
  }

  return { go, press }
}
