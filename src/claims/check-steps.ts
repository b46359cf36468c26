import type { ClaimType } from '../model/claim-mapping.ts'
import { Steps } from '../model/mapping-steps.ts'
import { readingMistake, writingMistake } from './dates.ts'
import type { Wants } from './expression.ts'
import { expected, fit, unfit } from './fit.ts'
import { patternMistake } from './patterns.ts'
import type { Report } from './rule.ts'
import { formsOf } from './steps.ts'
import { type NumberForm, numberForms } from './transforms.ts'

/** What a step makes of a value, and the types of claims that can be made of that. */
const outcomes: Record<string, { what: string; types: readonly ClaimType[] }> = {
  texts: {
    what: 'texts',
    types: [
      ...(['string', 'integer', 'number', 'date', 'full-date', 'tdate', 'bytes'] as const),
      ...(['list(string)', 'list(integer)', 'list(number)'] as const),
    ],
  },
  numbers: { what: 'numbers', types: ['integer', 'number', 'list(integer)', 'list(number)'] },
  booleans: { what: 'truth values', types: ['boolean'] },
  dates: { what: 'dates', types: ['date', 'full-date', 'tdate', 'integer', 'number', 'string', 'list(string)'] },
  images: { what: 'images', types: ['string', 'bytes'] },
}

/** Which kind of form `parse` names; undefined for one that is none. */
function kindOf(form: string): 'booleans' | 'numbers' | 'dates' | undefined {
  if (form === 'boolean') return 'booleans'
  if (numberForms.includes(form as NumberForm)) return 'numbers'
  return readingMistake(form) === undefined ? 'dates' : undefined
}

/** The step that says last of which kind the value is, and that kind. */
function lastOutcome(rule: Steps): [step: keyof Steps, kind: string] | undefined {
  if (rule.image) return ['image', 'images']
  if (rule.join !== undefined) return ['join', 'texts']
  if (rule.parse !== undefined) return ['parse', kindOf(formsOf(rule)[0] ?? '') ?? '']
  if (rule.table) return undefined
  if (rule.match !== undefined) return ['match', 'texts']
  return rule.split === undefined ? undefined : ['split', 'texts']
}

function checkParse(rule: Steps, type: ClaimType, report: Report): void {
  const forms = formsOf(rule)
  const wrong = forms.findIndex((form) => kindOf(form) === undefined)
  if (wrong >= 0) {
    const others = `${numberForms.join(', ')} or boolean for what is no date`
    report(Array.isArray(rule.parse) ? ['parse', wrong] : ['parse'], {
      detail: `${readingMistake(forms[wrong] ?? '')?.replace(/\.$/, '')}; ${others}.`,
    })
  } else if (forms.length > 1 && forms.some((form) => kindOf(form) !== 'dates')) {
    report(['parse'], { detail: 'Only dates are read in several forms.' })
  }
  if (rule.format === undefined) return
  const mistake = writingMistake(rule.format)
  const isText = type === 'string' || type === 'list(string)' || rule.join !== undefined
  if (mistake) report(['format'], { detail: mistake })
  else if (kindOf(forms[0] ?? '') !== 'dates')
    report(['format'], { detail: 'Only a date that parse has read is written in a format.' })
  else if (!isText)
    report(['format'], { detail: `The claim is declared as ${type}, which has a form of its own: leave format out.` })
}

/** Reports what is wrong with the steps of a rule, and which of them can never come to the claim's type. */
export function checkSteps(rule: Steps, type: ClaimType, report: Report): void {
  let mistakes = 0
  const counted: Report = (path, fault) => {
    mistakes += 1
    report(path, fault)
  }
  const noPattern = rule.match === undefined ? undefined : patternMistake(rule.match)
  if (noPattern) counted(['match'], { detail: noPattern })
  checkParse(rule, type, counted)
  if (rule.otherwise !== undefined && !rule.table)
    counted(['otherwise'], { detail: 'otherwise is for what a table does not have: there is no table.' })
  const isLast = rule.parse === undefined && rule.join === undefined && rule.image === undefined
  const entries = Object.entries(rule.table ?? {}).map(([key, value]) => [['table', key], value] as const)
  for (const [path, value] of [...entries, [['otherwise'], rule.otherwise] as const]) {
    if (value === undefined || value === null || !isLast || !rule.table) continue
    if (fit(value, type) === unfit)
      counted([...path], { detail: `The claim is declared as ${type}; this is not ${expected(type)}.` })
  }
  const [step, kind] = lastOutcome(rule) ?? []
  const outcome = mistakes === 0 ? outcomes[kind ?? ''] : undefined
  if (step && outcome && !outcome.types.includes(type))
    report([step], { detail: `This comes to ${outcome.what}; the claim is declared as ${type}.` })
}

/** The steps that a rule names. */
export const stepsIn = (rule: Steps): (keyof Steps)[] =>
  (Object.keys(Steps.shape) as (keyof Steps)[]).filter((name) => rule[name] !== undefined)

const textual = /^(string|list(<(string|dyn.*|[A-Z])>)?)$/
const scalars = /^(string|int|double|bool|list(<(string|int|double|bool|dyn.*|[A-Z])>)?)$/

/** What an expression has to come to where steps go on with it; undefined: the claim's type. */
export function inputOf(rule: Steps): Wants | undefined {
  const [first] = stepsIn(rule)
  if (first === undefined) return undefined
  if (first === 'split' || first === 'match' || first === 'image')
    return { accepts: textual, words: 'the next step wants a text or a list of texts' }
  return { accepts: scalars, words: 'the next step wants texts, numbers or truth values' }
}
