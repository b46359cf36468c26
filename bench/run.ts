// `npm run bench`: what an issuance costs, and how much of that is more than the raw sum of its parts. See README.md.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { databases } from '../test/support/databases.ts'
import { startNodeProcesses } from '../test/support/node-processes.ts'
import { benchMapping } from './mapping.ts'
import type { Raw } from './raw-server.ts'
import { type Measured, machine, ratio, report } from './report.ts'
import { recordStatements } from './statements.ts'
import { benchStatusList } from './status-list.ts'
import type { Done, Work } from './wallets.ts'

const { values } = parseArgs({
  options: {
    issuances: { type: 'string', default: '3000' },
    'sign-ins': { type: 'string', default: '200' },
    variants: { type: 'string', default: '300' },
    concurrency: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '6' },
    /** A folder for a profile of the node (`node --cpu-prof`). */
    profile: { type: 'string' },
    /** Only the claim rules. */
    mapping: { type: 'boolean' },
    /** Only the status list. */
    'status-list': { type: 'boolean' },
  },
})
if (values.mapping) {
  console.log(machine())
  benchMapping()
  process.exit()
}
if (values['status-list']) {
  await benchStatusList()
  process.exit()
}
const [rounds, concurrency] = [Number(values.rounds), Number(values.concurrency)]
const perRound = Math.ceil(Number(values.issuances) / rounds)
/** The first round is for the machine to warm up. */
const count = perRound * (rounds + 1)

/** A server under test: each issuance takes one of its codes. */
type Server = { pid: number; work: Omit<Work, 'concurrency'>; stop: () => Promise<void> }

/** Processor time of a process and all its threads so far, in milliseconds: Linux counts it in ticks of 10 ms. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function bench(name: string): ChildProcess {
  const child = fork(new URL(name, import.meta.url), { serialization: 'advanced' })
  return child.once('exit', (code) => {
    if (code) process.exit(code)
  })
}

async function ask<T>(child: ChildProcess, message: object): Promise<T> {
  child.send(message)
  const [answer] = await once(child, 'message')
  return answer as T
}

async function startClaimgate(): Promise<Server & { credential: string }> {
  const { NODE_OPTIONS = '' } = process.env
  const profiled = { NODE_OPTIONS: `${NODE_OPTIONS} --cpu-prof --cpu-prof-dir=${values.profile}` }
  const running = await startNodeProcesses(1, { environment: values.profile ? profiled : {} })
  const { nodes, offer, wallet, identifierOf, stop } = running
  const codes: string[] = []
  while (codes.length < count) codes.push((await offer({ configuration: 'StudentCard' })).code)
  const one = wallet('campus')
  const { body } = await one.credential(await one.redeem((await offer()).code))
  const work: Server['work'] = { journey, port: nodes[0]!.port, identifier: identifierOf('campus'), codes }
  return { pid: nodes[0]!.child.pid!, work, stop, credential: body.credentials[0]!.credential }
}

async function startRawServer(credential: string): Promise<Server> {
  const databaseUrl = await databases[0]!.url()
  const recorded = await recordStatements(databaseUrl)
  const server = bench('./raw-server.ts')
  const port = await ask<number>(server, {
    file: databaseUrl.slice('sqlite:'.length),
    recorded,
    count,
    credential,
  } satisfies Raw)
  const codes = Array.from({ length: count }, (_, at) => String(at))
  const work: Server['work'] = { journey, port, identifier: 'https://raw.example/test/campus', codes }
  return { pid: server.pid!, work, stop: async () => void server.kill() }
}

const journey = 'byPreAuthorizedCode'
const wallets = bench('./wallets.ts')

/** So many issuances by a server, added to what was measured before. */
async function measure({ pid, work }: Server, codes: string[], before?: Measured): Promise<Measured> {
  const start = processorMs(pid)
  const done = await ask<Done>(wallets, { ...work, codes, concurrency } satisfies Work)
  const spent = processorMs(pid) - start
  const names = Object.keys(done.steps)
  return {
    steps: Object.fromEntries(names.map((name) => [name, [...(before?.steps[name] ?? []), ...done.steps[name]!]])),
    seconds: done.seconds + (before?.seconds ?? 0),
    issuances: codes.length + (before?.issuances ?? 0),
    concurrency,
    processorMs: spent + (before?.processorMs ?? 0),
  }
}

async function measureSignIns({ work, ...claimgate }: Server): Promise<Measured> {
  const signingIn: Server = { ...claimgate, work: { ...work, journey: 'bySignIn' } }
  const some = (count: number) => Array.from({ length: count }, () => '')
  await measure(signingIn, some(concurrency))
  return measure(signingIn, some(Number(values['sign-ins'])))
}

/** By the same wallet, one thing after the other: what each costs the node beside the plain way of that wallet. */
const variants: [name: string, variant: NonNullable<Work['variant']>][] = [
  ['plain', {}],
  ['with DPoP', { dpop: true }],
  ['request and response encrypted', { encrypted: true }],
  ['a batch of ten', { batch: 10 }],
  ['mdoc', { configurationId: 'StudentCardMdoc' }],
  ['W3C JWT', { configurationId: 'StudentCardJwt' }],
]

async function measureVariants(many: number): Promise<void> {
  const tenantFile = new URL('./tenant.yaml', import.meta.url).pathname
  const { nodes, offer, identifierOf, stop } = await startNodeProcesses(1, { tenantFile })
  const [{ port, child }] = nodes as [(typeof nodes)[number]]
  const configuration = ['StudentCard', 'StudentCardMdoc', 'StudentCardJwt']
  const draw = async (count: number) => {
    const codes: string[] = []
    while (codes.length < count) codes.push((await offer({ configuration })).code)
    return codes
  }
  for (const [at, [name, variant]] of variants.entries()) {
    const work: Server['work'] = { journey: 'byVariant', port, identifier: identifierOf('campus'), codes: [], variant }
    const server = { pid: child.pid!, work, stop }
    await measure(server, await draw(at === 0 ? many : concurrency * 2)) // the first warms up node and wallets for all
    report(`Claimgate, pre-authorized code, ${name}`, await measure(server, await draw(many)))
  }
  await stop()
}

console.log(machine())
const claimgate = await startClaimgate()
const raw = await startRawServer(claimgate.credential)
let [node, sum]: [Measured | undefined, Measured | undefined] = [undefined, undefined]
// Turn by turn, so that whatever else the machine does meets both.
for (let round = 0; round <= rounds; round++) {
  const part = [round * perRound, (round + 1) * perRound] as const
  node = await measure(claimgate, claimgate.work.codes.slice(...part), round > 1 ? node : undefined)
  sum = await measure(raw, raw.work.codes.slice(...part), round > 1 ? sum : undefined)
}
report('Claimgate, pre-authorized code', node!)
report('Raw sum: three POSTs, the same statements, one proof verified, one credential signed', sum!)
console.log(ratio(node!, sum!))
if (Number(values['sign-ins']) > 0) {
  report('Claimgate, authorization code with a sign-in (the provider is not counted)', await measureSignIns(claimgate))
}
if (Number(values.variants) > 0) await measureVariants(Number(values.variants))
wallets.kill()
await Promise.all([claimgate.stop(), raw.stop()])
