/**
 * Who may call a route. Each says so where its URL is written; one that does not stops the start. Rules about one
 * thing ("own drafts") are a `where` in the noun's file.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Role } from '../database/generated/enums.ts'
import { Forbidden, Problem } from './errors.ts'
import type { Limit } from './limits.ts'
import { type Needs, needsOf, type Scope, suffices } from './scopes.ts'

/** `public`, or the least role that may call: each role may what those before it may. */
export type Access = 'public' | Role

/** Who is asking. */
export type Caller = {
  id: string
  email: string
  name: string
  role: Role
  /** Null where no session of ours stands behind the request. */
  sessionId: string | null
  /** The API key that speaks for this person, and what it may; null: they speak themselves. */
  apiKeyId: string | null
  scopes: ReadonlySet<string> | null
  /** The author this person signs as. */
  authorId: string | null
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Of a public route that takes `at`: the least role that may ask for another moment than now. */
    accessAt?: Role
    /** What a key needs, where its address and method do not say it: see scopes.ts. */
    scope?: Scope | Needs
    /** Found at the start, of routes that are not public. */
    needs?: Needs
    /** Takes any query parameters. Without it a route takes those it names. */
    anyQuery?: boolean
    /** The body may be left out, which means `{}`. */
    bodyOptional?: boolean
    /** Takes a body of any media type, or of none, and looks at nothing of it. */
    anyBody?: boolean
    /** Of a public route: who calls says so in the body, and a token beside it, often one that expired, is nothing to go by. */
    anyToken?: boolean
    /** Asked for when a token is good no more: one that looks like one will do. So it is of what is `always` answered. */
    tellsOfTokens?: boolean
    /** Nothing of who calls is logged. */
    anonymous?: boolean
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    user: Caller
  }
  interface FastifySchema {
    operationId?: string
    /** Not in the OpenAPI document: the answers to methods an address does not take. */
    hide?: boolean
  }
}

const ranks: Record<Role, number> = { contributor: 0, author: 1, editor: 2, admin: 3 }

/** Whether a role may at least what `least` may. */
export const atLeast = (role: Role, least: Role) => ranks[role] >= ranks[least]

/** Throws Forbidden for a role that may less than `least`. */
export function refuseBelow({ role }: Caller, least: Role) {
  if (!atLeast(role, least)) throw Forbidden(`This takes the role ${least} or higher; yours is ${role}.`)
}

/** Throws insufficient_scope (RFC 6750) or session_required for a key that is not good for this. */
export function refuseKey({ scopes }: Caller, needs: Needs) {
  if (!scopes || suffices(scopes, needs)) return
  if (typeof needs === 'string')
    throw new Problem('session_required', 'API keys are not taken here: sign in with POST /v1/sessions.')
  throw new Problem(
    'insufficient_scope',
    `This takes a key with the scope ${needs.join(' or ')}; yours has ${[...scopes].join(', ')}.`,
    { headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${needs.join(' ')}"` } }
  )
}

const WRONG_TOKEN = 'The access token or key is expired, ended or not ours.'

/** What an access token or a key looks like. */
const TOKEN = /^([\w-]+\.[\w-]+\.[\w-]+|dl_\w+)$/

/** Who a token or key belongs to; null for one that is not good (any more). */
export type Identify = (token: string, address: string) => Promise<Caller | null>

/**
 * Asks before anything of the body is read. What is public needs no token, but one that is sent must be good: whoever
 * sends it believes to be known. How many wrong ones an address may send there says `wrongTokens`; elsewhere every
 * request is counted.
 */
export function registerAccess(app: FastifyInstance, identify: Identify, wrongTokens: Limit) {
  app.decorateRequest('user', null as unknown as Caller)

  app.addHook('onRoute', ({ method, url, config }) => {
    if (!config?.access)
      throw new Error(`${method} ${url} does not say who may call it: give it config.access.`)
    if (config.access !== 'public' || config.accessAt)
      config.needs = needsOf([method].flat()[0] ?? '', url, config.scope)
  })

  app.addHook('onRequest', (request, _reply, done) => {
    const { config } = request.route
    const elsewhen = config.accessAt !== undefined && Object.hasOwn(request.query as object, 'at')
    const access = elsewhen ? config.accessAt : config.access
    if (request.is404 || access === undefined) return done()
    if (access !== 'public') return void signedIn(request, access).then(() => done(), done)
    const { authorization } = request.headers
    // Other schemes are for proxies in front of us.
    if (!/^bearer( |$)/i.test(authorization ?? '') || config.anyToken || request.route.schema?.hide)
      return done()
    refuseWrongToken(request).then(() => done(), done)
  })

  /** Nobody should take what is public for what a wrong token got. */
  async function refuseWrongToken(request: FastifyRequest) {
    const [, token, more] = (request.headers.authorization ?? '').split(' ')
    const { always, tellsOfTokens } = request.route.config
    const isGood =
      token &&
      more === undefined &&
      (always || tellsOfTokens ? TOKEN.test(token) : await identify(token, request.ip))
    if (!isGood)
      throw new Problem('unauthenticated', WRONG_TOKEN, { headers: await wrongTokens.spend(request.ip) })
  }

  async function signedIn(request: FastifyRequest, access: Role) {
    const [scheme, token, more] = (request.headers.authorization ?? '').split(' ')
    if (!token)
      throw new Problem(
        'unauthenticated',
        'This needs an access token or an API key: send Authorization: Bearer <accessToken>.'
      )
    const bearer = scheme?.toLowerCase() === 'bearer' && more === undefined
    const user = bearer ? await identify(token, request.ip) : null
    if (!user) throw new Problem('unauthenticated', WRONG_TOKEN)
    refuseKey(user, request.route.config.needs ?? 'session')
    refuseBelow(user, access)
    request.user = user
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/**
 * A known address answers 405 to the methods it does not take. Call it before the first route is registered, and
 * `answerOthers` when all are there. `allowedAt` is for methods Fastify knows no routes of (TRACE, PROPFIND, …).
 */
export function registerMethodNotAllowed(app: FastifyInstance) {
  const taken = new Map<string, Set<string>>()
  const allowOf = (url: string) => [...(taken.get(url) ?? [])].sort().join(', ')
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema?.hide) return
    const methods = taken.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    taken.set(url, methods)
  })

  const answerOthers = () => {
    for (const [url, methods] of taken) {
      app.route({
        method: METHODS.filter((method) => !methods.has(method)),
        url,
        config: { access: 'public' },
        schema: { hide: true },
        onRequest: async () => {
          throw new Problem('method_not_allowed', `It takes ${allowOf(url)}.`, {
            headers: { allow: allowOf(url) }
          })
        },
        handler: async () => undefined
      })
    }
  }

  const allowedAt = (path: string) => {
    const url = [...taken.keys()].find((known) => matches(known, path))
    return url && allowOf(url)
  }
  return { answerOthers, allowedAt, allowOf }
}

/** Whether a path is one of a route's, such as `/v1/tags/:id`. */
function matches(url: string, path: string) {
  const [known, asked] = [url.split('/'), path.split('/')]
  return (
    known.length === asked.length &&
    known.every((part, index) => part === asked[index] || (part.startsWith(':') && asked[index] !== ''))
  )
}
