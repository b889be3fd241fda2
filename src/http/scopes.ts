/** What an API key may be good for, and which of it each route takes. A route whose scope cannot be told stops the start. */
import type { Role } from '../database/generated/enums.ts'

/** Every scope, with the least role that can use it. To write includes to read the same, and nothing else. */
export const scopes = {
  'articles:read': 'contributor',
  'articles:write': 'contributor',
  'articles:publish': 'contributor',
  'tags:read': 'contributor',
  'tags:write': 'editor',
  'authors:read': 'contributor',
  'authors:write': 'editor',
  'share-links:read': 'author',
  'share-links:write': 'author',
  'previews:read': 'author',
  'previews:write': 'author',
  'lists:read': 'author',
  'lists:write': 'editor',
  'site:read': 'contributor',
  'site:write': 'editor',
  'redirects:read': 'author',
  'redirects:write': 'editor',
  'users:read': 'admin',
  'users:write': 'admin',
  'webhooks:read': 'admin',
  'webhooks:write': 'admin',
  'audit:read': 'admin',
  'content:preview': 'editor'
} as const satisfies Record<string, Role>

export type Scope = keyof typeof scopes
export const scopeNames = Object.keys(scopes) as Scope[]

/** What a route takes of a key: one of these scopes, or nothing (`any`). `session`: it takes no key at all. */
export type Needs = readonly Scope[] | 'any' | 'session'

/** Where a part of an address is not a resource: what stands there takes a person who signed in. */
const sessionOnly = new Set(['sessions', 'api-keys', 'password', 'password-links', 'me'])
const resources = new Set(scopeNames.map((scope) => scope.split(':')[0] ?? ''))

/**
 * By the last part of the address that names a resource, and the method: `/v1/articles/:id/previews` is of previews,
 * `/v1/articles/:id/diff` of articles. Where that does not fit, the route says so with `config.scope`.
 */
export function needsOf(method: string, url: string, given: Scope | Needs | undefined): Needs {
  if (given === 'any' || given === 'session') return given
  if (given !== undefined) return [given].flat() as Scope[]
  const [, version, ...parts] = url.split('/')
  const isNamed = (part: string) => resources.has(part) || sessionOnly.has(part)
  const resource = (parts[0] === 'content' ? parts[0] : parts.findLast(isNamed)) ?? ''
  if (sessionOnly.has(resource)) return 'session'
  const action = resource === 'content' ? 'preview' : ['GET', 'HEAD'].includes(method) ? 'read' : 'write'
  const scope = `${resource}:${action}`
  if (version !== 'v1' || !isScope(scope))
    throw new Error(`${method} ${url} does not say which scope a key needs for it: give it config.scope.`)
  return [scope]
}

const isScope = (text: string): text is Scope => Object.hasOwn(scopes, text)

/** Whether a key with these scopes is let in where `needs` is asked for. */
export function suffices(given: ReadonlySet<string>, needs: Needs): boolean {
  if (typeof needs === 'string') return needs === 'any'
  return needs.some((scope) => given.has(scope) || given.has(scope.replace(/:read$/, ':write')))
}
