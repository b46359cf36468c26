import type { TenantKeys } from '../keys/tenant-keys.ts'
import type { LiveIssuer, LiveTenant } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { uriOf } from '../status/allocate.ts'
import type { ListForm, PublishedList } from '../status/publish.ts'
import type { StatusList } from '../store/status-lists.ts'

type Needs = Pick<Services, 'keyRing' | 'statusLists' | 'tables'>

/** The key of the credentials in the list, under a certificate of the same root; when no configuration names it any more, the default one. */
function signerOf(keys: TenantKeys, tenant: LiveTenant, { keyName: name, algorithm }: StatusList) {
  const configurations = [...tenant.issuers.values()].flatMap((issuer) => [...issuer.configurations.values()])
  const named = configurations.find((one) => one.signing_key === name && one.signing_algorithm === algorithm)
  return keys.signerFor({
    name: named?.signing_key ?? 'default',
    algorithm: named?.signing_algorithm ?? 'ES256',
    format: 'statuslist',
  })
}

/**
 * A status list as verifiers fetch it: a Status List Token (Token Status List §5) or one of the credentials of a Bitstring Status List
 * (§2.2 there).
 * @throws ProtocolError `not_found`, the same for another issuer's list and for a list of the other kind
 */
export async function publishStatusList(
  { keyRing, statusLists }: Needs,
  issuer: LiveIssuer,
  id: string,
  form: ListForm,
): Promise<PublishedList> {
  const list = await statusLists.find(issuer, id)
  const kind = form === 'jwt' || form === 'cwt' ? 'token' : 'bitstring'
  if (list?.kind !== kind) throw new ProtocolError('not_found', 'There is no such status list.')
  const signer = signerOf(await keyRing.of(issuer.tenant), issuer.tenant, list)
  return statusLists.publish(issuer, list, form, signer)
}

/** The addresses of all Token Status Lists of an issuer, Token Status List §9. */
export async function aggregateStatusLists({ tables }: Needs, issuer: LiveIssuer): Promise<{ status_lists: string[] }> {
  const lists = await tables.statusLists.list(issuer, 'token')
  return { status_lists: lists.map(({ id }) => uriOf(issuer, id)) }
}
