import { pathText } from '../claims/source-names.ts'
import type { Told, Yield } from '../connectors/keycloak-mappers.ts'
import { namesOf, type ProfileAttribute, type Realm } from '../connectors/keycloak-realm.ts'
import type { ClaimType } from '../model/claim-mapping.ts'
import { Locale } from '../model/names.ts'

/** A name that somebody else chose, as it can stand in a sentence on one line. */
export const quoted = (name: string): string =>
  `"${name.slice(0, 80).replaceAll(/[\p{C}\p{Zl}\p{Zp}"]/gu, '�')}${name.length > 80 ? '…' : ''}"`

/** Whether a text would be looked up as a reference when the tenant file is read, and give away what it names. */
export const isReference = (text: string): boolean => /\$\{[A-Za-z]+:/.test(text)

/** The way to a member in an expression, where it may be missing. */
const optionalPath = (root: string, steps: readonly string[]): string =>
  root + steps.map((step) => (/^[A-Za-z_]\w*$/.test(step) ? `.?${step}` : `[?${JSON.stringify(step)}]`)).join('')

/** Roles without those that Keycloak gives everybody for its own purposes. */
export const rolesOf = (roles: string, prefix = ''): string => {
  const own = ['offline_access', 'uma_authorization'].map((name) => JSON.stringify(prefix + name))
  return `${roles}.filter(role, !role.startsWith(${JSON.stringify(`${prefix}default-roles-`)}) && !(role in [${own.join(', ')}]))`
}

const isSimple = (name: string) => /^[\p{L}\p{N}_ .:/@-]{0,60}$/u.test(name)

/** Where a claim of the tokens is read. */
export function sourceOf({ path, roots, told, type }: Yield): { from: unknown } | { cel: string } {
  if (told.kind === 'realm roles' && type === 'list(string)' && [told.prefix, ...path].every(isSimple)) {
    const [first = '', ...others] = roots.map((root) => optionalPath(root, path))
    return { cel: rolesOf(`${first}${others.map((other) => `.or(${other})`).join('')}.orValue([])`, told.prefix) }
  }
  const paths = roots.map((root) => pathText(root, path))
  return { from: paths.length === 1 ? paths[0] : paths }
}

/** An example for the comment of a list of groups by full path: those below the first group that has others below it. */
export function teams({ groups }: Realm, from: unknown): string[] {
  const parents = groups.filter(({ subGroupCount, subGroups }) => subGroupCount > 0 || subGroups.length > 0)
  const [name] = parents
    .map((group) => group.name)
    .filter((one) => /^[\p{L}\p{N}_ -]{1,60}$/u.test(one))
    .toSorted()
  if (name === undefined) return []
  const rule = `{ from: ${JSON.stringify(from)}, match: "^/${name}/(.+)$", type: list(string) }`
  return ['Only those below one group, without the path to them:', `  teams: ${rule}`]
}

/** What the validators of the user profile promise of an attribute's values. */
const promised: Record<string, [one: ClaimType, many: ClaimType]> = {
  integer: ['integer', 'list(integer)'],
  double: ['number', 'list(number)'],
  'iso-date': ['date', 'list(string)'],
}

/** The type of an attribute that comes from the Admin API, where each is a list of texts. */
export function typeOfAttribute({ validations, multivalued }: ProfileAttribute): ClaimType {
  const validator = Object.keys(promised).find((name) => Object.hasOwn(validations, name))
  const [one, many] = promised[validator ?? ''] ?? ['string', 'list(string)']
  return multivalued ? many : one
}

/** `employee_number`, `employeeNumber` and `employee-number` as a person would write them. */
const humanised = (name: string): string => {
  const words = name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase()
}

type Named = { name: string; displayName?: string | undefined }

const isName = (name: string) => name.length > 0 && name.length <= 100 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)

/** How wallets show a claim: by the names of the user profile, else by that of the claim. */
export function displayOf(realm: Realm, named: Named): Record<string, unknown> {
  const names = [...namesOf(realm, named)].filter(
    ([locale, name]) => (locale === '' || Locale.safeParse(locale).success) && isName(name) && !isReference(name),
  )
  const display = names.map(([locale, name]) => (locale === '' ? { name } : { name, locale }))
  const otherwise = humanised(named.name)
  if (display.length > 0) return { display }
  return isName(otherwise) ? { display: [{ name: otherwise }] } : {}
}

const nameOfKind: Partial<Record<Told['kind'], string>> = {
  groups: 'groups',
  'realm roles': 'roles',
}

/** What the user profile, or else the kind of claim, calls what a mapper tells. */
export function namedBy({ told, path }: Yield, attribute: ProfileAttribute | undefined): Named {
  if (attribute && told.kind === 'attributes' && told.names.length === 1) return attribute
  if (told.kind === 'property') return { name: told.name }
  return { name: nameOfKind[told.kind] ?? path.at(-1) ?? '' }
}
