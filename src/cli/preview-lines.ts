import { z } from 'zod'

/** Loose: a newer node may say more. */
const Rule = z.looseObject({
  claim: z.string(),
  value: z.unknown().optional(),
  origin: z.string(),
  applies: z.boolean().optional(),
  mandatory: z.boolean(),
  disclosed: z.string(),
  is_override: z.boolean(),
  steps: z.array(z.looseObject({ name: z.string() })),
  problem: z.looseObject({ what: z.string(), mend: z.string() }).optional(),
  suggestion: z.string().optional(),
})
export const PreviewAnswer = z.looseObject({
  credential_configuration_id: z.string(),
  format: z.string(),
  identity_provider: z.string().optional(),
  verified: z.boolean(),
  issuable: z.boolean(),
  rules: z.array(Rule),
  sources: z.array(
    z.looseObject({
      failed: z.looseObject({ fault: z.string(), cause: z.string().optional(), fix: z.string().optional() }).optional(),
    }),
  ),
})
type Answer = z.infer<typeof PreviewAnswer>

const widest = 48
const seenBy: Record<string, string> = { always: 'everybody', choice: 'by choice', elements: 'each element by choice' }

function shortly(value: unknown): string {
  const text = value === undefined ? '–' : JSON.stringify(value)
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text
}

const originOf = ({ origin, steps, is_override, applies }: z.infer<typeof Rule>): string => {
  if (applies === false) return 'not for this person (when)'
  return [origin, ...steps.map(({ name }) => name)].filter(Boolean).join(' > ') + (is_override ? ' (by_provider)' : '')
}

const advice = ({ problem, suggestion }: z.infer<typeof Rule>): string[] =>
  [problem && `✘ ${problem.what}`, suggestion ?? problem?.mend].flatMap((line) => (line ? [`    ${line}`] : []))

/** A preview for people: a line a claim, and below it what is wrong and what to do. `*` stands at mandatory claims. */
export function previewLines({ rules, sources, ...answer }: Answer): string[] {
  const head = ['Claim', 'Value', 'From', 'Seen by']
  const cells = rules.map((rule) => [
    rule.claim + (rule.mandatory ? ' *' : ''),
    shortly(rule.value),
    originOf(rule),
    seenBy[rule.disclosed] ?? rule.disclosed,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const failures = sources.flatMap(({ failed }) =>
    failed ? [`✘ ${failed.fault}: ${failed.cause ?? ''} ${failed.fix ?? ''}`.trimEnd()] : [],
  )
  const { credential_configuration_id: id, format, identity_provider: provider } = answer
  return [
    `${id} (${format})${provider === undefined ? '' : `, signed in at ${provider}`}: ${answer.issuable ? 'can be issued' : 'cannot be issued'}`,
    ...(answer.verified ? [] : ['What was pasted is not verified.']),
    ...failures,
    '',
    line(head),
    ...cells.flatMap((row, index) => [line(row), ...advice(rules[index]!)]),
  ]
}
