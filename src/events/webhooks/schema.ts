import { Type } from 'typebox'
import { DeliveryState } from '../../database/generated/enums.ts'
import {
  Closed,
  Id,
  ListOf,
  Moment,
  Nullable,
  PageParams,
  Timestamp,
  Version,
  WebUrl
} from '../../http/wire.ts'
import { eventKinds, eventTypes, WebhookEvent } from '../event-schema.ts'

const url = Type.Unsafe<string>({
  ...WebUrl,
  description:
    'Where events are sent, by POST. Only addresses of the public internet, and of the networks in `WEBHOOK_ALLOW`: checked now, and again at each connection. Redirects are not followed.'
})
const events = Type.Array(Type.Enum(['*', ...eventKinds, ...eventTypes]), {
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  description: 'Which events it is sent: types, `article.*` for all of a kind, `*` for all.'
})
const description = Type.String({ maxLength: 500, description: 'For people.' })
const enabled = Type.Boolean({
  description:
    'True for a new one, if absent. Of what happens while it is disabled it is sent nothing, unless that is replayed.'
})

const webhook = {
  id: Id,
  url: Type.String(),
  events: Type.Array(Type.String()),
  description,
  enabled,
  disabledReason: Nullable(Type.Enum(['gone', 'exhausted']), {
    description:
      'Why Dateline disabled it: its receiver answered 410, or an event was tried ten times in vain. Null when Dateline did not.'
  }),
  version: Version,
  createdAt: Timestamp,
  updatedAt: Timestamp
}
const secret = Type.String({
  description: 'What to verify signatures with: kept sealed and never shown again.'
})

const example = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a71',
  url: 'https://hooks.news.example/dateline',
  events: ['article.*', 'site.updated'],
  description: 'Purges the CDN',
  enabled: true,
  disabledReason: null,
  version: 1,
  createdAt: '2026-11-20T08:15:00.000Z',
  updatedAt: '2026-11-20T08:15:00.000Z'
}

export const Webhook = Closed(webhook, {
  $id: 'Webhook',
  description: 'Whom events are sent to.',
  examples: [example]
})

export const MadeWebhook = Closed(
  { ...webhook, secret },
  {
    $id: 'MadeWebhook',
    description: 'A webhook with its new secret.',
    examples: [{ ...example, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=' }]
  }
)

export const NewWebhook = Closed(
  {
    url,
    events,
    description: Type.Optional(description),
    enabled: Type.Optional(enabled)
  },
  {
    $id: 'NewWebhook',
    examples: [{ url: example.url, events: example.events, description: example.description }]
  }
)

export const WebhookPatch = Closed(
  {
    url: Type.Optional(url),
    events: Type.Optional(events),
    description: Type.Optional(description),
    enabled: Type.Optional(enabled)
  },
  {
    $id: 'WebhookPatch',
    description:
      'A JSON merge patch. Enabling it again forgets why it was disabled; what was still to be sent is sent then.',
    examples: [{ enabled: true }]
  }
)

/** Why there is no good answer, where a status does not say it. */
export const faults = [
  'address_refused',
  'name_not_found',
  'connection_refused',
  'connection_failed',
  'tls',
  'timeout',
  'redirect',
  'secret_unreadable'
] as const

const Attempt = Closed({
  at: Type.String({ format: 'date-time' }),
  status: Nullable(Type.Integer({ minimum: 100, maximum: 999 }), {
    description: 'What the receiver answered; null when it did not. Bodies of answers are not kept.'
  }),
  durationMs: Type.Integer({ minimum: 0 }),
  error: Nullable(Type.Enum([...faults]), {
    description: 'Why there is no good answer, where a status does not say it.'
  })
})

export const WebhookDelivery = Closed(
  {
    eventId: {
      ...Id,
      description: 'The id of the event, which is the `webhook-id` of each of its deliveries.'
    },
    type: Type.String({ description: 'The type of the event.' }),
    state: Type.Enum(Object.values(DeliveryState), {
      description:
        '`pending`: not tried yet. `delivered`: answered with 2xx. `failed`: it will be tried again. `dead`: it will not.'
    }),
    attempts: Type.Array(Attempt, { maxItems: 50, description: 'The last 50, the oldest first.' }),
    nextAttemptAt: Nullable(Timestamp, {
      description:
        'When it is tried next, and while it is being sent, when at the latest; null = not any more.'
    }),
    createdAt: Timestamp
  },
  {
    $id: 'WebhookDelivery',
    description: 'One event on its way to one webhook. Kept for 30 days.',
    examples: [
      {
        eventId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70',
        type: 'article.published',
        state: 'failed',
        attempts: [{ at: '2026-11-20T08:15:00.412Z', status: 503, durationMs: 38, error: null }],
        nextAttemptAt: '2026-11-20T08:15:05.450Z',
        createdAt: '2026-11-20T08:15:00.210Z'
      }
    ]
  }
)

export const WebhookList = ListOf(Webhook)
export const WebhookQuery = Closed(PageParams)

export const WebhookDeliveryList = ListOf(WebhookDelivery)
export const WebhookDeliveryQuery = Closed({
  state: Type.Optional(Type.Enum(Object.values(DeliveryState))),
  type: Type.Optional(Type.Enum(eventTypes)),
  ...PageParams
})

export const DeliveryParams = Closed({
  id: Id,
  deliveryId: {
    ...Id,
    description: 'The `eventId` of the delivery, which its receiver knows as `webhook-id`.'
  }
})

export const WebhookReplay = Closed(
  {
    since: { ...Moment, description: 'Events that happened then or later.' },
    until: Type.Optional({
      ...Moment,
      description: 'Events that happened before then; until now, if absent.'
    })
  },
  { $id: 'WebhookReplay', examples: [{ since: '2026-11-20T08:00:00Z', until: '2026-11-20T10:00:00Z' }] }
)

export const ReplayedDeliveries = Closed(
  { deliveries: Type.Integer({ minimum: 0, description: 'How many events are sent again.' }) },
  { $id: 'ReplayedDeliveries', examples: [{ deliveries: 42 }] }
)

export const webhookSchemas = [
  WebhookEvent,
  Webhook,
  MadeWebhook,
  NewWebhook,
  WebhookPatch,
  WebhookDelivery,
  WebhookReplay,
  ReplayedDeliveries
]
