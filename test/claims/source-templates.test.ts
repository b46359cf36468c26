import test from 'ava'
import * as fc from 'fast-check'
import { compileTemplates, type SourceQuestion } from '../../src/claims/source-templates.ts'
import type { Sources } from '../../src/model/claim-mapping.ts'

function templates(url: string, body?: unknown) {
  const compiled = compileTemplates({ url, body: body as never })
  if ('mistakes' in compiled) throw new Error(JSON.stringify(compiled.mistakes))
  return compiled
}
function mistakes(url: string, body?: unknown) {
  const compiled = compileTemplates({ url, body: body as never })
  return 'mistakes' in compiled ? compiled.mistakes : []
}
const of = (claims: Record<string, unknown>): Sources => ({ id_token: claims, session: {} })
const ask = (url: string, claims: Record<string, unknown>) => templates(url).fill(of(claims))?.url.href

test('a placeholder is filled with what the person brings, percent-encoded', (t) => {
  const url = 'https://hr.example/people/{id_token.number}?mail={id_token.email}&n={id_token.n}&b={id_token.b}'
  t.is(
    ask(url, { number: "E 1'(ü)", email: 'a+b@c.example&x=1', n: 7, b: false }),
    'https://hr.example/people/E%201%27%28%C3%BC%29?mail=a%2Bb%40c.example%26x%3D1&n=7&b=false',
  )
  t.deepEqual(
    templates(url).reads.map(({ text }) => text),
    ['id_token.number', 'id_token.email', 'id_token.n', 'id_token.b'],
  )
})

test('nothing is asked for a person of whom a placeholder finds nothing that could stand there', (t) => {
  for (const number of [undefined, null, '', [], {}, ['E-1'], Number.NaN, 'x'.repeat(1001), '\ud800'])
    t.is(ask('https://hr.example/people/{id_token.number}', { number }), undefined, String(number))
})

test('a value never makes a step of the path, however it is written', (t) => {
  for (const number of ['.', '..', '../admin', 'a/b', 'a\\b', '%2e%2e', 'a%2fb', '\n', '/', '//evil.example'])
    t.is(ask('https://hr.example/people/{id_token.number}', { number }), undefined, number)
  t.is(ask('https://hr.example/people/.{id_token.number}/x', { number: '.' }), undefined)
  t.is(ask('https://hr.example/people?q={id_token.number}', { number: '../a' }), 'https://hr.example/people?q=..%2Fa')
})

test('whatever a claim holds, host, scheme, path and names of the query are the template’s', (t) => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '..',
      '@evil.example',
      '//evil.example',
      ':80@evil.example/',
      '?x=1',
      '#y',
      '%00',
      ';a=b',
      '\\\\evil',
    ),
    fc
      .array(fc.constantFrom('.', '/', '%', '2', 'e', 'f', '@', ':', '?', '#', '&', '=', '\\', ' ', 'ü', '\0'))
      .map((all) => all.join('')),
  )
  const { fill } = templates('https://hr.example:8443/a/{id_token.x}/b-{id_token.y}?one={id_token.z}&two=2')
  fc.assert(
    fc.property(hostile, hostile, hostile, (x, y, z) => {
      const url = fill(of({ x, y, z }))?.url
      if (!url) return true
      const [, a, first = '', second = '', ...more] = url.pathname.split('/')
      const isSame =
        url.origin === 'https://hr.example:8443' && url.username === '' && url.password === '' && url.hash === ''
      const values = [decodeURIComponent(first), decodeURIComponent(second), ...url.searchParams.values()]
      return (
        isSame &&
        a === 'a' &&
        more.length === 0 &&
        [...url.searchParams.keys()].join() === 'one,two' &&
        JSON.stringify(values) === JSON.stringify([x, `b-${y}`, z, '2'])
      )
    }),
    { numRuns: 2000 },
  )
  t.pass()
})

test('whatever a claim holds, the body is the template’s JSON with the value as a text in it', (t) => {
  const body = { who: '{id_token.x}', text: 'for {id_token.x}!', n: '{id_token.n}', list: [1, null, '{id_token.x}'] }
  const { fill } = templates('https://hr.example/', body)
  const parsed = (question: SourceQuestion | undefined) => JSON.parse(question?.body ?? 'null')
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.integer(), (x, n) => {
      t.deepEqual(parsed(fill(of({ x, n }))), { who: x, text: `for ${x}!`, n, list: [1, null, x] })
    }),
  )
  t.is(fill(of({ x: 'a' })), undefined)
})

test('what is wrong with a template is told with its place and what would do', (t) => {
  const wrong = [
    ['https://{id_token.host}/', /without a placeholder/, 1],
    ['https://hr.example{id_token.x}/', /without a placeholder/, 1],
    ['https://hr@evil.example/', /without a placeholder/, 1],
    ['{id_token.scheme}://hr.example/', /without a placeholder/, 1],
    ['ftp://hr.example/', /begins with https/, 1],
    ['http://hr.example/', /use https/, 1],
    ['https://hr.example/a/../b', /no steps such as/, 1],
    ['https://hr.example/#{id_token.x}', /no fragment/, 1],
    ['https://hr.example/{idtoken.x}', /begins with id_token, userinfo, user, offer or session/, 21],
    ['https://hr.example/{source.erp.id}', /reads no other claim source/, 21],
    ['https://hr.example/{session.nope}', /session has identity_provider/, 28],
    ['https://hr.example/{id_token}', /needs the name of a claim/, 28],
    ['https://hr.example/{id_token.x', /A brace is that of a placeholder/, 20],
  ] as const
  for (const [url, detail, column] of wrong) {
    const [mistake, ...more] = mistakes(url)
    t.regex(mistake?.detail ?? '', detail, url)
    t.like(mistake, { pointer: '/url', column }, url)
    t.is(more.length, 0)
  }
  t.like(mistakes('https://hr.example/', { a: [{ b: '{x.y}' }] })[0], { pointer: '/body/a/0/b', column: 2 })
  t.deepEqual(mistakes('http://localhost:9/{id_token.x}'), [])
})
