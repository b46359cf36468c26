/** The status lists of attesters, at an address that nobody has: a `fetch` for a node under test. */
export function attesterLists() {
  const lists = new Map<string, () => Response>()
  /** What was asked for, each time. */
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new Request(input, init).url
    if (!url.startsWith('https://attester.example/')) return globalThis.fetch(input, init)
    asked.push(url)
    return lists.get(url)?.() ?? new Response(null, { status: 404 })
  }
  const uriOf = (name: string) => `https://attester.example/${name}`
  const serve = (name: string, jwt: string) => lists.set(uriOf(name), () => new Response(jwt))
  return { lists, asked, fetch, uriOf, serve }
}
