import { createHash } from 'node:crypto'
import test from 'ava'
import { withheldPaths } from '../../src/claims/plan.ts'
import { formats } from '../../src/formats/index.ts'
import { integrityOf, typeDocument, typeMetadata } from '../../src/issuance/type-metadata.ts'
import { decodeSdJwt } from '../../src/wallet/sd-jwt.ts'
import { configurationOf, requestFor } from '../support/format-request.ts'

const badge = (rest: object = {}) =>
  configurationOf({
    format: 'dc+sd-jwt',
    claims: {
      given_name: { from: 'offer.given_name', mandatory: true },
      employee_id: { from: 'offer.employee_id', disclosed: 'always' },
      roles: { from: 'offer.roles', type: 'list(string)', disclosed: 'elements', mandatory: true },
      'address.country': { const: 'SE' },
    },
    ...rest,
  })
const claims = { given_name: 'Alice', employee_id: 'E-1', roles: ['a', 'b'], address: { country: 'SE' } }
const issue = (configuration: ReturnType<typeof badge>) =>
  formats.get('dc+sd-jwt')!.issue(
    requestFor(configuration, {
      claims,
      withheld: withheldPaths(configuration),
      integrity: integrityOf(configuration),
    }),
  )

test('SDJWT-7: a type says of every claim whether it is withheld, of lists for the list and its elements', async (t) => {
  t.deepEqual(typeMetadata(badge()).claims, [
    { path: ['given_name'], sd: 'always', mandatory: true },
    { path: ['employee_id'], sd: 'never' },
    { path: ['roles'], sd: 'never', mandatory: true },
    { path: ['roles', null], sd: 'always' },
    { path: ['address', 'country'], sd: 'always' },
  ])
  const credential = await issue(badge())
  t.deepEqual(decodeSdJwt(credential).withheld.toSorted(), ['...', '...', 'country', 'given_name'])
  const { claims: shown } = decodeSdJwt(`${credential.split('~')[0]}~`)
  t.like(shown, { employee_id: 'E-1', roles: [], address: {} })
})

test('SDJWT-7, SD-JWT VC §7: vct#integrity is the hash of the type as it is served, where it is wanted', async (t) => {
  const configuration = badge({ type_integrity: true })
  const served = createHash('sha256')
    .update(Buffer.from(typeDocument(configuration)))
    .digest('base64')
  t.is(decodeSdJwt(await issue(configuration)).claims['vct#integrity'], `sha256-${served}`)
  t.false(Object.hasOwn(decodeSdJwt(await issue(badge())).claims, 'vct#integrity'))
})

test('SDJWT-2: what the issuer says of the credential is never a disclosure', async (t) => {
  const credential = await issue(badge({ type_integrity: true, decoys: 3 }))
  const { claims: shown } = decodeSdJwt(`${credential.split('~')[0]}~`)
  for (const name of ['iss', 'vct', 'vct#integrity', 'exp', 'cnf']) t.true(Object.hasOwn(shown, name), name)
})
