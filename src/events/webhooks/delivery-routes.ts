import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { problems } from '../../http/problems.ts'
import { IdParams, ref } from '../../http/wire.ts'
import { listDeliveries, replayDelivery, replaySpan, sendTest } from './deliveries.ts'
import {
  DeliveryParams,
  ReplayedDeliveries,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookDeliveryQuery,
  WebhookReplay
} from './schema.ts'

export const deliveryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listWebhookDeliveries',
        tags: ['Webhooks'],
        summary: 'What a webhook was sent and is to be sent, newest first',
        description: 'Of the last 30 days.',
        params: IdParams,
        querystring: WebhookDeliveryQuery,
        response: { 200: WebhookDeliveryList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listDeliveries(app.db, id, request.query, app.pages(`deliveries of ${id}`, request.query))
    }
  )

  app.post(
    '/v1/webhooks/:id/test',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'testWebhook',
        tags: ['Webhooks'],
        summary: 'Send a webhook an event to try it with',
        description:
          'The event `webhook.test`, whichever events it is sent otherwise, in the way of all others. What came of it is found among its deliveries.',
        params: IdParams,
        response: { 200: ref(WebhookDelivery), ...problems(404, 409) }
      }
    },
    async (request) => sendTest(app.db, actorOf(request), request.params.id)
  )

  app.post(
    '/v1/webhooks/:id/deliveries/:deliveryId/replay',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'replayWebhookDelivery',
        tags: ['Webhooks'],
        summary: 'Send an event again',
        description: 'Under the same `webhook-id`, also when it was delivered. Ten tries begin anew.',
        params: DeliveryParams,
        response: { 200: ref(WebhookDelivery), ...problems(404, 409) }
      }
    },
    async (request) => {
      const { id, deliveryId } = request.params
      return replayDelivery(app.db, actorOf(request), id, deliveryId)
    }
  )

  app.post(
    '/v1/webhooks/:id/replay',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'replayWebhookDeliveries',
        tags: ['Webhooks'],
        summary: 'Send the events of a span of time again',
        description:
          'All those it is sent as it is set now, each under its `webhook-id`: delivered ones too, and those that happened while it was disabled or not there yet. At most 10,000 at once, of the last 30 days.',
        params: IdParams,
        body: ref(WebhookReplay),
        response: { 200: ref(ReplayedDeliveries), ...problems(404, 409) }
      }
    },
    async (request) => replaySpan(app.db, actorOf(request), request.params.id, request.body)
  )
}
