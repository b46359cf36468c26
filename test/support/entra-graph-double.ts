import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './entra-double.ts'
import type { EntraPerson } from './entra-people.ts'
import { graphError } from './entra-recorded.ts'

type Directory = {
  people: Record<string, EntraPerson>
  permissions: ReadonlySet<string>
  graphTokens: ReadonlySet<string>
  pageSize: number
}

/** One page of a list, with the link to the next ("List a user's memberships"). */
function page(entries: unknown[], url: URL, size: number): Answer {
  const start = Number(url.searchParams.get('$skiptoken') ?? 0)
  const next = new URL(url)
  next.searchParams.set('$skiptoken', String(start + size))
  const more = start + size < entries.length ? { '@odata.nextLink': next.href } : {}
  return { status: 200, body: { value: entries.slice(start, start + size), ...more } }
}

/** Microsoft Graph 1.0, as far as the connector asks it: "Get a user" (23 Dec 2024), getMemberObjects, transitiveMemberOf. */
export function graphAnswer(directory: Directory, url: URL, body: string, headers: IncomingHttpHeaders): Answer {
  const { people, permissions, graphTokens, pageSize } = directory
  if (!graphTokens.has(headers.authorization?.replace('Bearer ', '') ?? ''))
    return graphError(401, 'InvalidAuthenticationToken')
  const [, version, users, oid, ...rest] = url.pathname.split('/')
  if (version !== 'v1.0' || users !== 'users') return graphError(400, 'BadRequest')
  const { user = {}, groups = [] } = Object.values(people).find(({ claims }) => claims.oid === oid) ?? {}
  const path = rest.join('/')
  if (!permissions.has(path === '' ? 'user' : 'groups')) return graphError(403, 'Authorization_RequestDenied')
  if (Object.keys(user).length === 0) return graphError(404, 'Request_ResourceNotFound')
  if (path === '') {
    const selected = (url.searchParams.get('$select') ?? '').split(',')
    if (selected.some((name) => /^nope/.test(name))) return graphError(400, 'BadRequest')
    const told = Object.fromEntries(selected.map((name) => [name, user[name] ?? null]))
    return {
      status: 200,
      body: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users', ...told, id: oid },
    }
  }
  if (path === 'getMemberObjects') {
    const isAsked = body === '{"securityEnabledOnly":true}' || url.searchParams.has('$skiptoken')
    return isAsked
      ? page(
          groups.map(({ id }) => id),
          url,
          pageSize,
        )
      : graphError(400, 'BadRequest')
  }
  if (path !== 'transitiveMemberOf/microsoft.graph.group' || headers.consistencylevel !== 'eventual')
    return graphError(400, 'BadRequest')
  const names = (url.searchParams.get('$select') ?? '').split(',')
  const named = groups.map((group) =>
    Object.fromEntries(names.map((name) => [name, name === 'id' || permissions.has('names') ? group[name] : null])),
  )
  return page(named, url, pageSize)
}
