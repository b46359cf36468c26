import { hash } from 'node:crypto'
import { coseAlgorithms, coseSign1, encodeCbor } from '../lib/cose.ts'
import { pathOf } from '../model/claim-mapping.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { elementValue, embedded, tdate } from './cbor.ts'
import { coseKey } from './cose-key.ts'
import type { CredentialFormat, IssueRequest } from './format.ts'
import { inHelpings } from './helpings.ts'

type Element = { namespace: string; name: string; value: unknown }

const randomBytes = 32

/** The data elements, each of the type that its rule declares. What is there beside them was made by no rule. */
function elementsOf({ configuration, claims }: IssueRequest): Element[] {
  return Object.entries(configuration.claims).flatMap(([key, rule]) => {
    const [namespace = '', name = ''] = pathOf(key, rule, configuration)
    const members = claims[namespace]
    const value =
      typeof members === 'object' && members !== null && Object.hasOwn(members, name)
        ? (members as Record<string, unknown>)[name]
        : undefined
    return value === undefined ? [] : [{ namespace, name, value: elementValue(name, value, rule.type) }]
  })
}

/** The numbers 0 to `count` - 1 in an order that says nothing. */
const shuffled = (count: number, random: IssueRequest['random']): number[] =>
  Array.from({ length: count }, (_, id) => ({ id, at: random(6).readUIntBE(0, 6) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ id }) => id)

/** Each element as `IssuerSignedItem`, and the digest of its tagged bytes, by namespace. */
function itemsOf(elements: Element[], random: IssueRequest['random']) {
  const items = new Map<string, unknown[]>()
  const digests = new Map<string, Map<number, Buffer>>()
  for (const namespace of new Set(elements.map((element) => element.namespace))) {
    const own = elements.filter((element) => element.namespace === namespace)
    const ids = shuffled(own.length, random)
    const made = own.map(({ name, value }, at) => {
      const [digestID, salt] = [ids[at] as number, random(randomBytes)]
      const item = embedded(
        encodeCbor(
          new Map<string, unknown>([
            ['digestID', digestID],
            ['random', salt],
            ['elementIdentifier', name],
            ['elementValue', value],
          ]),
        ),
      )
      return { digestID, item, digest: hash('sha256', encodeCbor(item), 'buffer') }
    })
    const sorted = made.toSorted((a, b) => a.digestID - b.digestID)
    items.set(
      namespace,
      sorted.map(({ item }) => item),
    )
    digests.set(namespace, new Map(sorted.map(({ digestID, digest }) => [digestID, digest])))
  }
  return { items, digests }
}

/**
 * Dates are of the hour, or of the minute where a document lives for less than two days, so that the copies of a batch share no precise
 * moment (OpenID4VCI §15.4.1).
 */
function validityOf({ issuedAt, expiresAt }: IssueRequest): Map<string, unknown> {
  const lifetime = expiresAt.getTime() - issuedAt.getTime()
  const grain = lifetime < 172_800_000 ? 60_000 : 3_600_000
  const round = (moment: Date) => tdate(new Date(Math.floor(moment.getTime() / grain) * grain))
  const signed = round(issuedAt)
  return new Map([
    ['signed', signed],
    ['validFrom', signed],
    ['validUntil', round(expiresAt)],
  ])
}

/** mdoc, ISO/IEC 18013-5 §9.1.2 and OpenID4VCI Appendix A.2: `IssuerSigned`, in which the Mobile Security Object is signed. */
export const mdoc: CredentialFormat = {
  id: 'mso_mdoc',
  bindingMethods: ['cose_key'],
  statusList: 'token',
  reservedClaims: [],
  algorithms: (algorithm) => coseAlgorithms[algorithm],
  metadata: ({ doctype }) => ({ doctype }),

  async issue(request) {
    const { configuration, holderKey, status, signer } = request
    const random = inHelpings(request.random)
    if (!holderKey) throw new ProtocolError('credential_request_denied', 'An mdoc is bound to a key of the wallet.')
    const { items, digests } = itemsOf(elementsOf(request), random)
    const mso = new Map<string, unknown>([
      ['version', '1.0'],
      ['digestAlgorithm', 'SHA-256'],
      ['valueDigests', digests],
      ['deviceKeyInfo', new Map([['deviceKey', coseKey(holderKey.jwk)]])],
      ['docType', configuration.doctype],
      ['validityInfo', validityOf(request)],
    ])
    if (status) {
      mso.set(
        'status',
        new Map([
          [
            'status_list',
            new Map<string, unknown>([
              ['idx', status.index],
              ['uri', status.uri],
            ]),
          ],
        ]),
      )
    }
    const issuerAuth = await coseSign1(signer, encodeCbor(embedded(encodeCbor(mso))))
    const issuerSigned = new Map<string, unknown>([
      ['nameSpaces', items],
      ['issuerAuth', issuerAuth],
    ])
    return encodeCbor(issuerSigned).toString('base64url')
  },
}
