import type Router from '@koa/router'
import type { ExecutionContext } from 'ava'
import { statusOf } from '../../src/protocol/errors.ts'

/** How a route says its errors: to programs as JSON, to people as a page, to administrators as problem details. */
export type Kind = 'json' | 'page' | 'problem'
export type Route = { method: string; pattern: string; parameters: string[] }
export type Answer = { status: number; headers: Headers; text: string }

/** Every route of the routers, one entry a method; `prefix` is where they are mounted. */
export const routesOf = (routers: Router[], prefix = ''): Route[] =>
  routers
    .flatMap((router) => router.stack)
    .flatMap(({ methods, path }) => methods.map((method) => ({ method, pattern: prefix + String(path) })))
    .map((route) => ({ ...route, parameters: [...route.pattern.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '') }))

/** The path of a route with these values for its parameters. */
export const fill = ({ pattern }: Route, values: Record<string, string>): string =>
  pattern.replace(/:(\w+)/g, (_, name: string) => values[name] ?? 'x')

const deep = 100_000
const open = (text: string) => text.repeat(deep)

/** Bodies that no honest client sends, with their content type. */
export const hostileBodies: [name: string, type: string | undefined, body: string | Buffer][] = [
  ...(['application/json', 'application/x-www-form-urlencoded'] as const).flatMap((type): typeof hostileBodies => [
    ['empty', type, ''],
    ['a NUL', type, '\0'],
    ['no UTF-8', type, Buffer.from([0xff, 0xfe, 0xc0, 0x80])],
    ['deep lists', type, open('[') + open(']')],
    ['deep lists that never close', type, open('[')],
    ['deep objects', type, `${open('{"a":')}1${open('}')}`],
  ]),
  ['malformed JSON', 'application/json', '{"a":'],
  ['null', 'application/json', 'null'],
  ['a number past all bounds', 'application/json', '1e999999'],
  [
    'prototypes',
    'application/json',
    '{"__proto__":{"x":1},"constructor":{"prototype":{}},"toString":1,"claims":{"__proto__":1}}',
  ],
  ['odd letters', 'application/json', '{"credential_identifier":"\\ud800\\u0000","proofs":{"jwt":["\\udfff"]}}'],
  ['a name twice', 'application/json', '{"proofs":1,"proofs":2}'],
  ['a repeated parameter', 'application/x-www-form-urlencoded', 'client_id=a&client_id=b'],
  ['bad percent-encoding', 'application/x-www-form-urlencoded', 'state=%E0%A4%A&%=%zz&client_id=%ff%00'],
  ['brackets', 'application/x-www-form-urlencoded', 'a[b][c]=1&__proto__[x]=1&grant_type[]=x'],
  ['a long state', 'application/x-www-form-urlencoded', `state=${'s'.repeat(10_000)}`],
  ['many parameters', 'application/x-www-form-urlencoded', Array.from({ length: 5000 }, (_, n) => `p${n}=1`).join('&')],
  ['XML', 'text/xml', '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>'],
  [
    'multipart without an end',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="a"\r\n',
  ],
  ['an unknown charset', 'application/json; charset=utf-99', '{}'],
  ['a type that is none', ';;;', '{}'],
  ['compressed, it says', 'application/json', Buffer.from([0x1f, 0x8b, 0])],
  ['no type', undefined, '{}'],
]

/** Values for a part of a path. */
export const hostileSegments = [
  ...['%00', '%E0%A4%A', '%', '%2e%2e%2f%2e%2e', '%ed%a0%80', '%f0%9f%98%80', '%C3%A5', '%0d%0aset-cookie:x=1'],
  ...[
    '__proto__',
    'constructor',
    "'%22%3Cscript%3E",
    '%20',
    'test%20',
    ';x=1',
    '*',
    ':tenant',
    '-',
    'a'.repeat(10_000),
  ],
]

/** Queries, each after a `?`. */
export const hostileQueries = [
  ...[
    'x=1&x=2',
    `state=${'s'.repeat(10_000)}`,
    '%E0%A4%A=%',
    'a[b]=1&__proto__=2',
    'view=a&view=b',
    'lang=xx&lang=%00',
  ],
  ...[
    'session=ses_x&token=%00',
    'request_uri=%00&client_id=%ff',
    'client_id=a&redirect_uri=javascript:alert(1)',
    '&&==?',
  ],
  ...['limit=1e9&cursor=off_x', 'code=x&state=%F0%9F%98%80&iss=x&error=%0d%0ax', 'error_description=%3Cscript%3E'],
]

/** Header lines, as they stand in a request. */
export const hostileHeaders: Record<string, string | string[]>[] = [
  { authorization: ['Bearer a', 'Bearer b'] },
  { authorization: `Bearer ${'x'.repeat(10_000)}` },
  { authorization: 'DPoP \xff' },
  { dpop: ['a.b.c', 'd.e.f'] },
  { cookie: `=; ;;=;a=${'x'.repeat(5000)}; claimgate-=%; __Host-claimgate-x="` },
  { 'accept-language': `${'de;q=0.1,'.repeat(1000)}*;q=x` },
  { 'accept-language': '\xff-\xfe;;q=' },
  { 'if-none-match': 'W/"\xff"', 'if-modified-since': 'yesterday', range: 'bytes=5-1' },
  { host: 'a"b<script>', 'x-forwarded-for': '\xff', 'x-forwarded-proto': 'gopher', forwarded: '"' },
  { 'accept-encoding': 'x'.repeat(2000), accept: ',,;q=;' },
]

const ours = [
  'not_found',
  'gone',
  'conflict',
  'method_not_allowed',
  'too_large',
  'unsupported_media_type',
  'rate_limited',
]
const errorCodes = new Set(Object.keys(statusOf).filter((code) => !ours.includes(code)))

/** Whatever was sent, the answer is no failure of ours; a refusal is said in the way of the route, in words of the standards. */
export function isAnswered(t: ExecutionContext, kind: Kind, answer: Answer, name: string): void {
  const { status, headers, text } = answer
  const about = `${name}: ${status} ${text.slice(0, 300)}`
  t.true(status >= 200 && status < 500, about)
  if (status < 400) return
  t.is(headers.get('cache-control'), 'no-store', about)
  const type = headers.get('content-type')
  if (kind === 'json') isJsonRefusal(t, { status, headers, text }, about)
  if (kind === 'problem') {
    t.is(type, 'application/problem+json', about)
    if (text !== '') t.is(JSON.parse(text).status, status, about)
  }
  if (kind === 'page') {
    t.is(type, 'text/html; charset=utf-8', about)
    t.regex(headers.get('content-security-policy') ?? '', /default-src 'none'/, about)
    if (text !== '') t.regex(text, /id="problem"[^>]* data-error="[a-z_]+"[^>]* data-help="[a-z-]+"/, about)
  }
}

function isJsonRefusal(t: ExecutionContext, { status, headers, text }: Answer, about: string): void {
  if (status === 401 && headers.get('www-authenticate')?.includes('error=') === false) return
  t.is(headers.get('content-type'), 'application/json', about)
  if (text === '') return // the answer to HEAD
  const { error, error_description, ...more } = JSON.parse(text)
  t.true(errorCodes.has(error), about)
  t.regex(error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, about)
  t.deepEqual(more, {}, about)
}
