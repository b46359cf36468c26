import { durationSeconds } from '../lib/time.ts'
import { type ClaimRule, pathOf } from '../model/claim-mapping.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

/** Members that only one format has, with what tells that they were written. */
const ownMembers: [name: keyof CredentialConfiguration, format: string, isWritten: (value: unknown) => boolean][] = [
  ['vct', 'dc+sd-jwt', (value) => value !== undefined],
  ['decoys', 'dc+sd-jwt', (value) => value !== 0],
  ['type_integrity', 'dc+sd-jwt', (value) => value !== false],
  ['doctype', 'mso_mdoc', (value) => value !== undefined],
  ['namespace', 'mso_mdoc', (value) => value !== undefined],
  ['types', 'jwt_vc_json', (value) => value !== undefined],
]

const mobileLicence = 'org.iso.18013.5.1.mDL'
/** ISO/IEC 18013-5 table 5: what every driving licence has, and of which type. */
const licenceElements: Record<string, readonly ClaimRule['type'][]> = {
  family_name: ['string'],
  given_name: ['string'],
  birth_date: ['full-date'],
  issue_date: ['full-date', 'tdate'],
  expiry_date: ['full-date', 'tdate'],
  issuing_country: ['string'],
  issuing_authority: ['string'],
  document_number: ['string'],
  portrait: ['bytes'],
  driving_privileges: ['list(object)'],
  un_distinguishing_sign: ['string'],
}

/** The certificate of its signer lives 457 days at most (ISO/IEC 18013-5 Annex B.1.4), and is renewed when 400 are left. */
const mostDays = 400

/** What a credential configuration says that its format cannot be. Pointers begin at the configuration. */
export function formatMistakes(configuration: CredentialConfiguration): Mistake[] {
  const { format } = configuration
  const mistakes: Mistake[] = ownMembers.flatMap(([name, own, isWritten]) =>
    format !== own && isWritten(configuration[name])
      ? [{ pointer: `/${name}`, detail: `Only the format ${own} has ${name}.` }]
      : [],
  )
  if (configuration.type_integrity && configuration.vct !== undefined) {
    const detail = 'The hash is of the type metadata that this service has at its own vct: leave vct out.'
    mistakes.push({ pointer: '/type_integrity', detail })
  }
  mistakes.push(...formatClaimMistakes(configuration))
  if (format !== 'mso_mdoc') return mistakes
  if (configuration.doctype === undefined)
    mistakes.push({ pointer: '/doctype', detail: `An mdoc needs a doctype, such as ${mobileLicence}.` })
  if (!configuration.key_binding)
    mistakes.push({ pointer: '/key_binding', detail: 'An mdoc is always bound to a key of the wallet.' })
  if ((durationSeconds(configuration.valid_for) ?? 0) > mostDays * 86_400) {
    const detail = `An mdoc is valid no longer than the certificate of its signer: P${mostDays}D at most.`
    mistakes.push({ pointer: '/valid_for', detail })
  }
  return mistakes
}

/** The same of its claims alone. */
export function formatClaimMistakes(configuration: CredentialConfiguration): Mistake[] {
  const { format, doctype, claims } = configuration
  const mistakes = Object.entries(claims).flatMap(([key, rule]) => {
    const detail = ruleMistake(key, rule, configuration)
    return detail ? [{ pointer: pointerTo(['claims', key]), detail }] : []
  })
  const isLicence = format === 'mso_mdoc' && doctype === mobileLicence
  return [...mistakes, ...(isLicence ? licenceMistakes(configuration) : [])]
}

function ruleMistake(key: string, rule: ClaimRule, configuration: CredentialConfiguration): string | undefined {
  const { format } = configuration
  const isList = rule.type.startsWith('list(')
  if (rule.disclosed === 'elements' && (format !== 'dc+sd-jwt' || !isList))
    return 'Only a list in a dc+sd-jwt has elements that are disclosed one by one.'
  if (format !== 'mso_mdoc')
    return ['full-date', 'tdate', 'bytes'].includes(rule.type) ? `The type ${rule.type} is one of mso_mdoc.` : undefined
  const path = pathOf(key, rule, configuration)
  if (path[1] === 'portrait' && rule.image?.types.includes('png'))
    return 'A portrait of an mdoc is a JPEG or JPEG 2000: say image: { types: [jpeg, jpeg2000] } (ISO/IEC 18013-5).'
  return path.length === 2 && path.every((step) => step !== '')
    ? undefined
    : 'In an mdoc a claim is named {namespace}/{element}: org.iso.18013.5.1/given_name.'
}

function licenceMistakes(configuration: CredentialConfiguration): Mistake[] {
  const rules = Object.entries(configuration.claims).map(([key, rule]) => ({
    key,
    rule,
    name: pathOf(key, rule, configuration).join('/'),
  }))
  return Object.entries(licenceElements).flatMap(([element, types]) => {
    const name = `org.iso.18013.5.1/${element}`
    const found = rules.find((one) => one.name === name)
    if (!found) return [{ pointer: '/claims', detail: `A driving licence has to have ${name} (ISO/IEC 18013-5).` }]
    const { key, rule } = found
    const pointer = (...below: string[]) => pointerTo(['claims', key, ...below])
    if (!types.includes(rule.type))
      return [{ pointer: pointer('type'), detail: `In a driving licence ${element} is ${types.join(' or ')}.` }]
    const hasConstant = rule.default !== undefined || (rule.const !== undefined && rule.by_provider === undefined)
    const isAlwaysThere = rule.when === undefined && (rule.mandatory || hasConstant)
    return isAlwaysThere
      ? []
      : [
          {
            pointer: pointer(),
            detail: `Every driving licence has ${element}: say mandatory: true, without when (ISO/IEC 18013-5).`,
          },
        ]
  })
}
