import test from 'ava'
import { formatMistakes } from '../../src/administration/validate-formats.ts'
import { CredentialConfiguration } from '../../src/model/credential-configuration.ts'

const mistakesIn = (written: object): string[] =>
  formatMistakes(CredentialConfiguration.parse({ claims: {}, ...written })).map(
    ({ pointer, detail }) => `${pointer} ${detail}`,
  )
const mdoc = { format: 'mso_mdoc', doctype: 'org.example.1.card' }
const mistakeOf = (rule: object, format: object = mdoc, key = 'org.example.1/member') =>
  mistakesIn({ ...format, claims: { [key]: { from: 'offer.member', ...rule } } })

test('VCI-111, VCI-112, VCI-113: a member of another format is told', (t) => {
  const wrong = [
    ['/vct', { ...mdoc, vct: 'https://acme.example/badge' }],
    ['/decoys', { ...mdoc, decoys: 3 }],
    ['/type_integrity', { format: 'jwt_vc_json', type_integrity: true }],
    ['/doctype', { format: 'dc+sd-jwt', doctype: 'org.example.1.card' }],
    ['/types', { format: 'dc+sd-jwt', types: ['Badge'] }],
    ['/namespace', { format: 'jwt_vc_json', namespace: 'org.example.1' }],
  ] as const
  for (const [pointer, written] of wrong)
    t.regex(mistakesIn(written).join('\n'), new RegExp(`^${pointer} Only`), pointer)
  t.deepEqual(mistakesIn({ format: 'dc+sd-jwt', vct: 'https://acme.example/badge', decoys: 3 }), [])
  t.deepEqual(mistakesIn({ format: 'dc+sd-jwt', type_integrity: true }), [])
  t.deepEqual(mistakesIn({ format: 'jwt_vc_json', types: ['Badge'] }), [])
  t.deepEqual(mistakesIn(mdoc), [])
})

test('VCI-112: an mdoc has a doctype, and a key that it is bound to', (t) => {
  t.regex(mistakesIn({ format: 'mso_mdoc' }).join(), /^\/doctype An mdoc needs a doctype/)
  t.regex(mistakesIn({ ...mdoc, key_binding: false }).join(), /^\/key_binding/)
})

test('MDOC-5: an mdoc ends before the certificate of its signer does', (t) => {
  t.regex(mistakesIn({ ...mdoc, valid_for: 'P401D' }).join(), /^\/valid_for .* P400D at most/)
  t.deepEqual(mistakesIn({ ...mdoc, valid_for: 'P400D' }), [])
  t.deepEqual(mistakesIn({ format: 'dc+sd-jwt', valid_for: 'P3650D' }), [])
})

test('VCI-110: in an mdoc a claim is named by namespace and element', (t) => {
  t.deepEqual(mistakeOf({}), [])
  for (const key of ['member', 'org.example.1/', '/member', 'org.example.1/member/name'])
    t.is(mistakeOf({}, mdoc, key).length, 1, key)
  t.deepEqual(mistakeOf({ path: ['org.example.1', 'a/b'] }, mdoc, 'anything'), [])
  const named = { ...mdoc, namespace: 'org.example.1' }
  for (const key of ['member', 'address.country', 'org.example.2/member'])
    t.deepEqual(mistakeOf({}, named, key), [], key)
})

test('MDOC-6: the portrait of an mdoc is no PNG', (t) => {
  const portrait = (image: object) => mistakeOf({ type: 'bytes', image }, mdoc, 'org.example.1/portrait')
  t.regex(portrait({}).join(), /JPEG or JPEG 2000/)
  t.deepEqual(portrait({ types: ['jpeg', 'jpeg2000'] }), [])
  t.deepEqual(mistakeOf({ type: 'bytes', image: {} }), [])
})

test('MDOC-6, SDJWT-5: types of CBOR are for an mdoc, elements one by one for lists in an SD-JWT', (t) => {
  for (const type of ['full-date', 'tdate', 'bytes']) {
    t.deepEqual(mistakeOf({ type }), [])
    for (const format of ['dc+sd-jwt', 'jwt_vc_json']) t.is(mistakeOf({ type }, { format }, 'member').length, 1, type)
  }
  const elements = { disclosed: 'elements', type: 'list(string)' }
  t.deepEqual(mistakeOf(elements, { format: 'dc+sd-jwt' }, 'roles'), [])
  t.is(mistakeOf({ ...elements, type: 'string' }, { format: 'dc+sd-jwt' }, 'roles').length, 1)
  t.is(mistakeOf(elements, { format: 'jwt_vc_json' }, 'roles').length, 1)
  t.is(mistakeOf(elements).length, 1)
})

const from = (element: string, type = 'string', rule: object = { mandatory: true }) => ({
  [`org.iso.18013.5.1/${element}`]: { from: `offer.${element}`, type, ...rule },
})
const licence = (claims: object = {}) => ({
  format: 'mso_mdoc',
  doctype: 'org.iso.18013.5.1.mDL',
  claims: {
    ...from('family_name'),
    ...from('given_name'),
    ...from('birth_date', 'full-date'),
    ...from('issue_date', 'tdate'),
    ...from('expiry_date', 'full-date'),
    ...from('document_number'),
    ...from('portrait', 'bytes'),
    ...from('driving_privileges', 'list(object)'),
    'org.iso.18013.5.1/issuing_country': { const: 'SE' },
    'org.iso.18013.5.1/issuing_authority': { const: 'ACME' },
    'org.iso.18013.5.1/un_distinguishing_sign': { const: 'S' },
    ...claims,
  },
})

test('MDOC-7: a driving licence has all that it has to have, always, and of the right type', (t) => {
  t.deepEqual(mistakesIn(licence()), [])
  t.is(mistakesIn({ ...licence(), claims: {} }).length, 11)
  const at = '/claims/org.iso.18013.5.1~1'
  t.regex(mistakesIn(licence(from('birth_date', 'tdate'))).join(), new RegExp(`^${at}birth_date/type .* full-date`))
  t.regex(mistakesIn(licence(from('portrait'))).join(), new RegExp(`^${at}portrait/type .* bytes`))
  t.regex(mistakesIn(licence(from('portrait', 'bytes', {}))).join(), new RegExp(`^${at}portrait Every driving licence`))
  const perhaps = from('portrait', 'bytes', { mandatory: true, when: 'has(offer.portrait)' })
  t.regex(mistakesIn(licence(perhaps)).join(), new RegExp(`^${at}portrait Every driving licence .* without when`))
  t.deepEqual(mistakesIn(licence(from('issuing_authority', 'string', { default: 'ACME' }))), [])
  const here = { const: 'SE', by_provider: { here: { from: 'id_token.country' } } }
  const country = { 'org.iso.18013.5.1/issuing_country': here }
  t.regex(mistakesIn(licence(country)).join(), new RegExp(`^${at}issuing_country Every driving licence`))
})

test('SDJWT-7: the hash of a type that another publishes cannot be put into credentials', (t) => {
  const written = { format: 'dc+sd-jwt', vct: 'https://acme.example/badge', type_integrity: true }
  t.regex(mistakesIn(written).join(), /^\/type_integrity /)
})

test('VCI-116: a format goes by its identifier of OpenID4VCI 1.0, not by that of a draft or by a media type', (t) => {
  for (const format of ['vc+sd-jwt', 'application/dc+sd-jwt', 'jwt_vc', 'mdoc'])
    t.false(CredentialConfiguration.safeParse({ format, claims: {} }).success, format)
})
