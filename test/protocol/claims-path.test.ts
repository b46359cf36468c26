import test from 'ava'
import fc from 'fast-check'
import { type ClaimsPath, contradictory, selectClaims } from '../../src/protocol/claims-path.ts'

const person = {
  name: 'Arthur Dent',
  address: { street_address: '42 Market Street', locality: 'Milliways', postal_code: '12345' },
  degrees: [
    { type: 'Bachelor of Science', university: 'University of Betelgeuse' },
    { type: 'Master of Science', university: 'University of Betelgeuse' },
  ],
  nationalities: ['British', 'Betelgeusian'],
}
const select = (path: ClaimsPath, format = 'dc+sd-jwt', claims: unknown = person) => selectClaims(claims, path, format)

test('VCI-109: a pointer selects a claim, a member, an element, or a member of every element', (t) => {
  t.deepEqual(select(['name']), ['Arthur Dent'])
  t.deepEqual(select(['address']), [person.address])
  t.deepEqual(select(['address', 'street_address']), ['42 Market Street'])
  t.deepEqual(select(['degrees', null, 'type']), ['Bachelor of Science', 'Master of Science'])
  t.deepEqual(select(['nationalities', 1]), ['Betelgeusian'])
})

test('VCI-109: what is not there drops out, and nothing left is an error', (t) => {
  t.deepEqual(select(['a', null, 'b'], 'dc+sd-jwt', { a: [{ b: 1 }, {}, { b: 3 }] }), [1, 3])
  t.is(select(['surname']), undefined)
  t.is(select(['nationalities', 2]), undefined)
  t.is(select(['constructor']), undefined)
})

test('VCI-109: a step that does not fit what it meets is an error', (t) => {
  t.is(select(['name', 'first']), undefined)
  t.is(select(['address', null]), undefined)
  t.is(select(['degrees', 'type']), undefined)
  t.is(select([0]), undefined)
})

test('VCI-110: in an mdoc a pointer begins with namespace and element', (t) => {
  const claims = { 'org.iso.18013.5.1': { given_name: 'Arthur', driving_privileges: [{ vehicle_category_code: 'A' }] } }
  const inMdoc = (path: ClaimsPath) => select(path, 'mso_mdoc', claims)
  t.deepEqual(inMdoc(['org.iso.18013.5.1', 'given_name']), ['Arthur'])
  t.deepEqual(inMdoc(['org.iso.18013.5.1', 'driving_privileges', null, 'vehicle_category_code']), ['A'])
  for (const path of [
    ['org.iso.18013.5.1'],
    ['org.iso.18013.5.1', null],
    ['org.iso.18013.5.1', 'portrait'],
    ['b', 'c'],
  ])
    t.is(inMdoc(path), undefined, JSON.stringify(path))
})

test('VCI-109, VCI-113: in a W3C credential a pointer begins outside of its subject', (t) => {
  t.deepEqual(select(['credentialSubject', 'address', 'locality'], 'jwt_vc_json'), ['Milliways'])
  t.is(select(['name'], 'jwt_vc_json'), undefined)
})

test('VCI-108: the same claim twice, all elements beside one, and an object that is an array contradict each other', (t) => {
  const both = (...paths: ClaimsPath[]) => contradictory(paths.map((path) => ({ path })))
  t.true(both(['a'], ['b'], ['a']))
  t.true(both(['a', null], ['a', 0]))
  t.true(both(['a', 'b'], ['a', 0]))
  t.true(both(['a', null, 'b'], ['a', 'c']))
  t.false(both(['a'], ['a', 'b'], ['a', 'c'], ['d', 0], ['d', 1]))
})

test('VCI-109: whatever the claims and the pointer are, selecting answers', (t) => {
  const step = fc.oneof(fc.string(), fc.nat(), fc.constant(null))
  fc.assert(
    fc.property(
      fc.json(),
      fc.array(step, { minLength: 1 }),
      fc.constantFrom('dc+sd-jwt', 'mso_mdoc'),
      (json, path, format) => {
        const selected = selectClaims(JSON.parse(json), path, format)
        return selected === undefined || selected.length > 0
      },
    ),
  )
  t.pass()
})
