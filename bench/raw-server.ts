// The raw sum: three POSTs on bare node:http, the recorded statements on raw node:sqlite, one proof verified, one credential signed.
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type Jwk, publicKeyOf, withRawSignatures } from '../src/lib/jwk.ts'
import { another, type Recorded, type Statement } from './statements.ts'

/** `credential` is a real one: what is signed here is as long. */
export type Raw = { file: string; recorded: Recorded; count: number; credential: string }

type Prepared = { statement: StatementSync; bindings: SQLInputValue[]; reads: boolean }

const answerOf = (credential: string) => {
  const privateKey = withRawSignatures(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const [jws = '', ...disclosures] = credential.split('~')
  const [header, payload] = jws.split('.')
  return () => {
    const input = `${header}.${payload}`
    const signature = sign('sha256', Buffer.from(input), privateKey)
    return [`${input}.${signature.toString('base64url')}`, ...disclosures].join('~')
  }
}

function isProof(jwt: string): boolean {
  const [header = '', payload, signature = ''] = jwt.split('.')
  const { jwk } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { jwk: Jwk }
  const bytes = Buffer.from(`${header}.${payload}`)
  return verify('sha256', bytes, publicKeyOf(jwk), Buffer.from(signature, 'base64url'))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Answers the port. The wallets' codes and tokens are numbers here: those of the issuances that were prepared. */
async function serve({ file, recorded, count, credential }: Raw): Promise<number> {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true })
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
  const known = new Map<string, StatementSync>()
  const prepare = ({ sql, bindings }: Statement): Prepared => {
    const statement = known.get(sql) ?? database.prepare(sql)
    known.set(sql, statement)
    return { statement, bindings: bindings as SQLInputValue[], reads: statement.columns().length > 0 }
  }
  const run = (prepared: Prepared[]) => {
    for (const { statement, bindings, reads } of prepared)
      reads ? statement.all(...bindings) : statement.run(...bindings)
  }
  const every = Array.from({ length: count }, (_, at) => at)
  const of = (statements: Statement[]) => every.map((at) => another(statements, at, recorded.constants).map(prepare))
  for (const offer of of(recorded.offer)) run(offer)
  const [token, issue] = [of(recorded.token), of(recorded.credential)]
  const signed = answerOf(credential)

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const reply = (answer: unknown) => {
      const text = JSON.stringify(answer)
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
        .end(text)
    }
    if (request.url?.endsWith('/nonce')) return reply({ c_nonce: 'n'.repeat(77) })
    if (request.url?.endsWith('/token')) {
      const at = new URLSearchParams(body).get('pre-authorized_code') ?? ''
      run(token[Number(at)]!)
      return reply({ access_token: at.padStart(43, '0'), token_type: 'Bearer', expires_in: 300 })
    }
    const { proofs } = JSON.parse(body) as { proofs: { jwt: string[] } }
    if (!isProof(proofs.jwt[0]!)) throw new Error('A proof of the bench does not verify.')
    run(issue[Number(request.headers.authorization?.slice('Bearer '.length))]!)
    reply({ credentials: [{ credential: signed() }] })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

process.on('message', async (raw: Raw) => {
  process.send?.(await serve(raw))
})
