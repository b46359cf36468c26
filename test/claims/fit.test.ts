import test from 'ava'
import { fit, unfit } from '../../src/claims/fit.ts'
import type { ClaimType } from '../../src/model/claim-mapping.ts'

const long = Buffer.alloc(30_000, 7)
const fits: Partial<Record<ClaimType, unknown[]>> = {
  'full-date': ['1964-08-12', '2024-02-29'],
  tdate: ['2026-11-24T12:00:00Z'],
  bytes: [
    '/9j/4AAQ',
    '_9j_4AAQ',
    'data:image/jpeg;base64,/9j/4AAQ',
    long.toString('base64'),
    long.toString('base64url'),
    `data:image/jpeg;base64,${long.toString('base64')}`,
  ],
  'list(integer)': [[1, 2]],
  'list(number)': [[1.5, 2]],
  'list(object)': [[{ vehicle_category_code: 'A' }]],
}
const misfits: Partial<Record<ClaimType, unknown[]>> = {
  'full-date': ['2026-02-30', '12.8.1964', '1964-08-12T00:00:00Z', 19640812],
  tdate: ['2026-11-24', '2026-11-24T12:00:00.123Z', '2026-11-24T12:00:00+01:00', '2026-13-24T12:00:00Z'],
  bytes: ['', 'a portrait', 'data:image/svg+xml,<svg/>', 'A'.repeat(262_145), 7],
  'list(integer)': [[1.5], ['x']],
  'list(number)': [['x'], [Number.NaN]],
  'list(object)': [['x'], [[]]],
}

test('MDOC-6: a claim of an mdoc is taken in the form of its declared type, a portrait also without a data URI', (t) => {
  for (const [type, values] of Object.entries(fits))
    for (const value of values)
      t.deepEqual(fit(value, type as ClaimType), value, `${type} ${String(value).slice(0, 40)}`)
})

test('MDOC-6: what is of another form is not issued', (t) => {
  for (const [type, values] of Object.entries(misfits))
    for (const value of values) t.is(fit(value, type as ClaimType), unfit, `${type} ${String(value).slice(0, 40)}`)
})
