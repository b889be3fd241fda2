import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Caller } from '../http/access.ts'
import { actorOf } from '../http/actor.ts'
import { NotFound, Problem } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { Closed, IdParams, Nothing, PageParams, ref } from '../http/wire.ts'
import { deviceOf } from './devices.ts'
import { ACCESS_TOKEN_LIFE } from './keys.ts'
import { Credentials, Me, NewUser, RefreshRequest, Session, User, UserList, UserPatch } from './schema.ts'
import { callerOf, type Opened, refresh, signIn, signOut } from './sessions.ts'
import { changeUser, createUser, getUser, listUsers } from './users.ts'

const shown = ({ scopes, ...caller }: Caller) => ({ ...caller, scopes: scopes && [...scopes] })

export const peopleRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const sessionOf = async ({ sessionId, userId, refreshToken }: Opened) => {
    const accessToken = await app.keys.sign({ userId, sessionId })
    const user = await callerOf(app.db, sessionId, userId)
    if (!user) throw new Problem('unauthenticated', 'The session was ended while its tokens were made.')
    return { accessToken, refreshToken, expiresIn: ACCESS_TOKEN_LIFE, user: shown(user) }
  }

  app.post(
    '/v1/sessions',
    {
      config: { access: 'public', limit: 'own', anyToken: true },
      schema: {
        operationId: 'signIn',
        tags: ['People'],
        summary: 'Sign in',
        description:
          'Gives an access token for ten minutes and a refresh token that is good once. After 10 wrong passwords for an e-mail address, or 50 from a network address, within 15 minutes: 429 until they are over, whether the password is right or not. From where an account was signed in to within 30 days its wrong passwords are counted apart, so nobody else can lock it.',
        body: ref(Credentials),
        response: { 201: ref(Session), ...problems(401, 429) }
      }
    },
    async (request, reply) => {
      reply.code(201).header('cache-control', 'private, no-store')
      await app.signIns.spend(request.ip)
      const who = { ...actorOf(request), address: request.ip }
      const device = deviceOf(request.headers['user-agent'])
      return sessionOf(await signIn(app.db, app.throttle, who, request.body, device))
    }
  )

  app.post(
    '/v1/sessions/refresh',
    {
      config: { access: 'public', limit: 'refresh', anyToken: true },
      schema: {
        operationId: 'refreshSession',
        tags: ['People'],
        summary: 'Get the next access token',
        description:
          'Each refresh token is good once. The same one again within ten seconds gives the same successor (two tabs); later it ends the session.',
        body: ref(RefreshRequest),
        response: { 201: ref(Session), ...problems(401) }
      }
    },
    async (request, reply) => {
      reply.code(201).header('cache-control', 'private, no-store')
      return sessionOf(await refresh(app.db, actorOf(request), request.body.refreshToken))
    }
  )

  app.delete(
    '/v1/sessions/current',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'signOut',
        tags: ['People'],
        summary: 'Sign out',
        description: 'Who asks with something else than a session has none to end: 404.',
        response: { 204: Nothing('Signed out.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      if (request.user.sessionId === null) throw NotFound('session')
      await signOut(app.db, actorOf(request), request.user.sessionId)
      return reply.code(204).send(undefined)
    }
  )

  app.get(
    '/v1/me',
    {
      config: { access: 'contributor', scope: 'any' },
      schema: { operationId: 'getMe', tags: ['People'], summary: 'Who am I', response: { 200: ref(Me) } }
    },
    async (request) => shown(request.user)
  )

  app.get(
    '/v1/users',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listUsers',
        tags: ['People'],
        summary: 'People, oldest first',
        querystring: Closed(PageParams),
        response: { 200: UserList }
      }
    },
    async (request) => listUsers(app.db, app.pages('users', request.query))
  )

  app.post(
    '/v1/users',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createUser',
        tags: ['People'],
        summary: 'Add a person',
        description: 'Without a password the person cannot sign in with one.',
        body: ref(NewUser),
        response: { 201: ref(User), ...problems(409) }
      }
    },
    async (request, reply) => {
      const user = await createUser(request.db, actorOf(request), request.body)
      reply.code(201).header('location', `/v1/users/${user.id}`)
      return user
    }
  )

  app.get(
    '/v1/users/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getUser',
        tags: ['People'],
        summary: 'One person',
        params: IdParams,
        response: { 200: ref(User), ...problems(404) }
      }
    },
    async (request) => getUser(app.db, request.params.id)
  )

  app.patch(
    '/v1/users/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'changeUser',
        tags: ['People'],
        summary: 'Change a person',
        description: 'Takes effect at the next request. The last admin can be neither disabled nor demoted.',
        params: IdParams,
        body: ref(UserPatch),
        response: { 200: ref(User), ...problems(404, 409) }
      }
    },
    async (request) => changeUser(app.db, actorOf(request), request.params.id, request.body)
  )

  app.get(
    '/.well-known/jwks.json',
    {
      config: { access: 'public', tellsOfTokens: true },
      schema: {
        operationId: 'getKeys',
        tags: ['About'],
        summary: 'The keys that sign access tokens (RFC 7517)',
        response: { 200: { type: 'object', additionalProperties: true, description: 'A JWK set.' } }
      }
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=60')
      return app.keys.jwks()
    }
  )
}
