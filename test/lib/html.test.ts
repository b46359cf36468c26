import test from 'ava'
import * as fc from 'fast-check'
import { html, link, raw } from '../../src/lib/html.ts'

test('text is escaped for text and for quoted attributes, markup is not, and absent parts write nothing', (t) => {
  const attack = `<img src=x onerror="alert('&')">`
  t.is(
    String(html`<p title="${attack}">${1}${'&amp;'}</p>`),
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;">1&amp;amp;</p>',
  )
  t.is(String(html`${html`<b>${'<'}</b>`}${raw('<i>')}${[html`<u>`, ['<', 0]]}`), '<b>&lt;</b><i><u>&lt;0')
  t.is(String(html`[${undefined}${null}${false}${''}${[]}]`), '[]')
})

test('an object that looks like markup is not taken for markup', (t) => {
  const parsed = JSON.parse('{"text": "<script>", "toString": "x"}')
  t.false(String(html`${parsed === null ? '' : [parsed.text]}`).includes('<script>'))
})

test('no text opens a tag or ends an attribute', async (t) => {
  const harmless = fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"']/.test(String(html`${text}`)))
  await fc.assert(harmless, { numRuns: 1000 })
  t.pass()
})

test('an address that a browser would run or read locally leads nowhere, a wallet and a web address lead there', (t) => {
  const refused = [
    'javascript:alert(1)',
    ' JAVA\tSCRIPT:alert(1)',
    '\u0001javascript:x',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc',
    'blob:x',
    'about:blank',
    'intent://x#Intent;end',
    'https://[',
  ]
  for (const address of refused) t.is(link(address), '#', address)
  const kept = [
    'openid-credential-offer://?credential_offer=%7B%7D',
    'example-wallet://callback?code=1',
    'com.example:/cb',
    'https://acme.example/',
    '/demo',
    '?lang=de',
    '',
    'mailto:a@b.example',
  ]
  for (const address of kept) t.is(link(address), address)
})
