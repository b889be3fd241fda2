import { Type } from 'typebox'
import { Closed, Id, Nullable } from '../http/wire.ts'

/** Every type of event there is. A test compares it with what the code tells of. */
export const eventTypes = [
  ...['created', 'updated', 'revoked'].map((what) => `api_key.${what}`),
  ...['created', 'edited', 'trashed', 'restored', 'purged', 'restored_revision', 'stage_moved'].map(
    (what) => `article.${what}`
  ),
  ...['published', 'scheduled', 'rescheduled', 'unscheduled', 'ended', 'withdrawn', 'reinstated'].map(
    (what) => `article.${what}`
  ),
  ...['created', 'updated', 'deleted'].map((what) => `author.${what}`),
  ...['created', 'updated', 'deleted'].map((what) => `list.${what}`),
  ...['created', 'revoked'].map((what) => `preview.${what}`),
  ...['created', 'updated', 'deleted'].map((what) => `redirect.${what}`),
  ...['created', 'updated', 'archived'].map((what) => `share_link.${what}`),
  'site.updated',
  ...['created', 'updated', 'merged', 'deleted'].map((what) => `tag.${what}`),
  ...['created', 'changed'].map((what) => `user.${what}`),
  ...['created', 'updated', 'deleted', 'secret_rotated', 'disabled', 'replayed', 'test'].map(
    (what) => `webhook.${what}`
  )
]

/** All of a kind, such as `article.*`. */
export const eventKinds = [...new Set(eventTypes.map((type) => `${type.split('.')[0]}.*`))]

export const WebhookEvent = Closed(
  {
    id: {
      ...Id,
      description: 'The same as the header `webhook-id`; stays the same however often it is sent.'
    },
    type: Type.String({ description: 'What happened: `<noun>.<past participle>`.' }),
    timestamp: Type.String({
      format: 'date-time',
      description: 'When it happened; of what fell due on the timeline, the moment itself.'
    }),
    position: Type.Integer({
      minimum: 1,
      description:
        'Its place among all events. Deliveries may come in another order: of two about one thing, the higher one is the later.'
    }),
    subjectId: Nullable(Id, { description: 'What it is about.' }),
    data: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'What there is to say of it; more members may come with later versions.'
    }),
    surrogateKeys: Type.Array(Type.String(), {
      description:
        'What of the `surrogate-key` headers shows something else since then: purge a CDN by these. `all` is always among them where there is any.'
    })
  },
  {
    $id: 'WebhookEvent',
    description: 'What a webhook is sent.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70',
        type: 'article.published',
        timestamp: '2026-11-20T08:15:00.000Z',
        position: 1207,
        subjectId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        data: {
          id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
          storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
          locale: 'en',
          slug: 'ferry-line-reopens',
          version: 3
        },
        surrogateKeys: ['article:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10', 'slug:ferry-line-reopens', 'all']
      }
    ]
  }
)
