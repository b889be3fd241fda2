import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../http/actor.ts'
import { Problem } from '../http/errors.ts'
import { missed } from '../http/limits.ts'
import { problems } from '../http/problems.ts'
import { IdParams, Nothing, ref } from '../http/wire.ts'
import { changePassword, makePasswordLink, usePasswordLink } from './password-links.ts'
import { MadePasswordLink, NewPasswordLink, PasswordChange, PasswordLinkUse } from './password-schema.ts'

export const passwordRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/v1/me/password',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'changePassword',
        tags: ['People'],
        summary: 'Change your password',
        description:
          'Ends all your other sessions; this one goes on. A wrong current password is 403 `wrong_password`, and so is having none. Wrong ones are counted with those of signing in.',
        body: ref(PasswordChange),
        response: { 204: Nothing('Changed.'), ...problems(429) }
      }
    },
    async (request, reply) => {
      const who = { ...actorOf(request), address: request.ip }
      if (!(await changePassword(app.db, app.throttle, who, request.user, request.body)))
        throw new Problem('wrong_password', 'This is not your current password.')
      return reply.code(204).send(undefined)
    }
  )

  app.post(
    '/v1/users/:id/password-links',
    {
      config: { access: 'admin', bodyOptional: true },
      schema: {
        operationId: 'createPasswordLink',
        tags: ['People'],
        summary: 'Invite a person, or let them set a new password',
        description:
          'Gives a token that sets the person’s password once, with POST /v1/password-links/use. Dateline sends no mail: hand the token over yourself. It is shown in this answer and never again. A new one ends those before it; so do a new password and disabling the person.',
        params: IdParams,
        body: ref(NewPasswordLink),
        response: { 201: ref(MadePasswordLink), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      reply.code(201)
      const { expiresInHours } = request.body
      return makePasswordLink(request.db, actorOf(request), request.params.id, expiresInHours)
    }
  )

  app.post(
    '/v1/password-links/use',
    {
      config: { access: 'public', anyToken: true },
      schema: {
        operationId: 'usePasswordLink',
        tags: ['People'],
        summary: 'Set a password with a one-time token',
        description:
          'The token is used up, and all sessions of its person end: sign in with the new password. A token that is unknown, used, expired, replaced or of somebody disabled is 404 alike. A password that is refused (400) leaves the token good. An address that tries ten tokens in vain within a minute gets 429.',
        body: ref(PasswordLinkUse),
        response: { 204: Nothing('The password is set.'), ...problems(404, 429) }
      }
    },
    async (request, reply) => {
      await app.passwordGuesses.refuseSpent(request.ip)
      if (!(await usePasswordLink(app.db, actorOf(request), request.body)))
        throw await missed(app.passwordGuesses, request.ip, 'password link')
      return reply.code(204).send(undefined)
    }
  )
}
