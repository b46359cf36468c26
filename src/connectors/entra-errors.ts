import type { Dialect } from './endpoints.ts'
import type { Facts, FaultId } from './faults.ts'

/** What Microsoft's numbers mean ("Authentication and authorization error codes"). They choose the words of a refusal, never whether there is one. */
const numbers: Partial<Record<FaultId, readonly number[]>> = {
  'idp-assertion-refused': [700027, 50012, 700030, 50013],
  'idp-auth-method': [7000218, 700025],
  'idp-broker-failed': [20012, 20033, 40008, 40009],
  'idp-client-unknown': [700016, 700011, 70001, 7000112, 1000031],
  'idp-code-refused': [54005, 700005, 501481, 50147, 70000, 70008, 700082, 70043, 50173, 50132, 50133, 50089],
  'idp-consent-required': [65001, 90094, 90095, 90008],
  'idp-declined': [65004],
  'idp-flow-off': [700054, 70005],
  'idp-login-required': [50126, 50056, 50058, 50055, 50144, 50125],
  'idp-not-assigned': [50105],
  'idp-policy-blocked': [
    ...[50053, 50072, 50074, 50076, 50078, 50079, 50158, 53000, 53001, 53002],
    ...[53003, 530032, 530034, 530035, 53004, 53011, 50131],
  ],
  'idp-request-refused': [
    ...[50011, 900971, 90002, 90019, 50059, 50128, 50194, 90130, 9002332, 90038, 900382, 900432, 900144],
    ...[50146, 501461, 50003],
  ],
  'idp-scope-unknown': [70011, 28002, 28003, 700022, 650052, 650056, 650057, 65005, 500011],
  'idp-secret-expired': [7000222],
  'idp-secret-wrong': [7000215, 70002],
  'idp-temporarily-unavailable': [90033, 90006, 90024, 90012, 50033, 50087, 90090, 80002, 40010],
  'idp-throttled': [50196, 90055],
  'idp-user-disabled': [50057],
  'idp-wrong-directory': [
    ...[50020, 50034, 51004, 16000, 16003, 50014, 90072, 500208, 500021, 500022, 500212, 500213, 50002],
  ],
}
const faultOf = new Map(Object.entries(numbers).flatMap(([id, list]) => list.map((one) => [one, id as FaultId])))

const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** What Microsoft's support asks for: the number, the trace and the correlation id. The text itself may name a person. */
function referencesIn(description: string): Facts {
  const first = (pattern: RegExp) => pattern.exec(description)?.[1]
  return {
    number: first(/^(AADSTS\d{4,9})\b/),
    trace: first(new RegExp(`Trace ID: (${guid})`, 'i')),
    correlation: first(new RegExp(`Correlation ID: (${guid})`, 'i')),
  }
}

const faultOfNumber = (description: string): FaultId | undefined =>
  faultOf.get(Number(/^AADSTS(\d{4,9})\b/.exec(description)?.[1]))

/** Entra ID's own words: one OAuth code stands for many things, which the number at the head of the text tells apart. */
export const entraDialect: Dialect = ({ description }) => ({
  fault: faultOfNumber(description),
  facts: referencesIn(description),
})

/** The same where the application asks for a token of its own: what does not pass by itself is about its credential. */
export const graphDialect: Dialect = ({ description }) => {
  const meaning = faultOfNumber(description)
  const isTransient = meaning === 'idp-temporarily-unavailable' || meaning === 'idp-throttled'
  return {
    fault: isTransient ? 'admin-api-unavailable' : 'admin-api-auth',
    facts: { ...referencesIn(description), meaning },
  }
}
