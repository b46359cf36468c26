import { configurationOf } from './format-request.ts'

/** A driving licence with an element of each type, and one in a namespace of its own. */
export const namespace = 'org.iso.18013.5.1'
const from = (element: string, type = 'string') => [`${namespace}/${element}`, { from: `offer.${element}`, type }]
export const licence = configurationOf({
  format: 'mso_mdoc',
  doctype: 'org.iso.18013.5.1.mDL',
  claims: Object.fromEntries([
    from('family_name'),
    from('given_name'),
    from('birth_date', 'full-date'),
    from('issue_date', 'tdate'),
    from('portrait', 'bytes'),
    from('age_over_18', 'boolean'),
    from('height', 'integer'),
    from('driving_privileges', 'list(object)'),
    from('nationalities', 'list(string)'),
    ['org.example.1/member', { from: 'offer.member' }],
  ]),
})
export const licenceClaims = {
  [namespace]: {
    family_name: 'Jönsson',
    given_name: 'Alice',
    birth_date: '1964-08-12',
    issue_date: '2026-11-24T00:00:00Z',
    portrait: 'data:image/jpeg;base64,/9j/4AAQ',
    age_over_18: true,
    height: 171,
    driving_privileges: [{ vehicle_category_code: 'A', issue_date: '2018-08-09', expiry_date: '2028-08-09' }],
    nationalities: ['SE', 'FI'],
  },
  'org.example.1': { member: '4711' },
}
