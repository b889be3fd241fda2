import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { ifMatch, sendVersion } from '../../http/preconditions.ts'
import { problems } from '../../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../../http/wire.ts'
import { MadeWebhook, NewWebhook, Webhook, WebhookList, WebhookPatch, WebhookQuery } from './schema.ts'
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  refuseAddress,
  rotateSecret
} from './webhooks.ts'

export const webhookRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/webhooks',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listWebhooks',
        tags: ['Webhooks'],
        summary: 'Webhooks, newest first',
        querystring: WebhookQuery,
        response: { 200: WebhookList }
      }
    },
    async (request) => listWebhooks(app.db, app.pages('webhooks', request.query))
  )

  app.post(
    '/v1/webhooks',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createWebhook',
        tags: ['Webhooks'],
        summary: 'Let events be sent to an address',
        description:
          'What it is sent is told under `webhooks` in this document. The secret is in this answer and never shown again.',
        body: ref(NewWebhook),
        response: { 201: ref(MadeWebhook), ...problems(409) }
      },
      // Before the transaction that an Idempotency-Key opens.
      preHandler: async (request) => refuseAddress(app.sending, request.body.url)
    },
    async (request, reply) => {
      const webhook = await createWebhook(request.db, actorOf(request), app.sending, request.body)
      sendVersion(reply, webhook.version)
      reply.code(201).header('location', `/v1/webhooks/${webhook.id}`)
      return webhook
    }
  )

  app.get(
    '/v1/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getWebhook',
        tags: ['Webhooks'],
        summary: 'One webhook',
        params: IdParams,
        response: { 200: ref(Webhook), ...problems(404) }
      }
    },
    async (request, reply) => {
      const webhook = await getWebhook(app.db, request.params.id)
      sendVersion(reply, webhook.version)
      return webhook
    }
  )

  app.patch(
    '/v1/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'changeWebhook',
        tags: ['Webhooks'],
        summary: 'Change a webhook',
        params: IdParams,
        headers: IfMatch,
        body: ref(WebhookPatch),
        response: { 200: ref(Webhook), ...problems(404) }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const webhook = await changeWebhook(
        app.db,
        actorOf(request),
        app.sending,
        id,
        ifMatch(request),
        request.body
      )
      sendVersion(reply, webhook.version)
      return webhook
    }
  )

  app.delete(
    '/v1/webhooks/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'deleteWebhook',
        tags: ['Webhooks'],
        summary: 'Delete a webhook',
        description: 'With all that is still to be sent to it, and the log of what was.',
        params: IdParams,
        headers: IfMatch,
        response: { 204: Nothing('Deleted.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await deleteWebhook(app.db, actorOf(request), request.params.id, ifMatch(request))
      return reply.code(204).send(undefined)
    }
  )

  app.post(
    '/v1/webhooks/:id/rotate-secret',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'rotateWebhookSecret',
        tags: ['Webhooks'],
        summary: 'Give a webhook a new secret',
        description:
          'The secret is in this answer and never shown again. For 24 hours events carry two signatures, of the new secret and of the one it replaces; a secret replaced before that signs no more at once.',
        params: IdParams,
        response: { 200: ref(MadeWebhook), ...problems(404) }
      }
    },
    async (request, reply) => {
      const webhook = await rotateSecret(app.db, actorOf(request), app.sending, request.params.id)
      sendVersion(reply, webhook.version)
      return webhook
    }
  )
}
