import { Type } from 'typebox'
import { Closed, Id, ListOf, Moment, Nullable, PageParams, Timestamp } from '../http/wire.ts'

const Word = Type.String({ minLength: 1, maxLength: 100, pattern: '^[a-zA-Z0-9_.:-]+$' })

export const AuditEntry = Closed(
  {
    id: Id,
    at: Timestamp,
    userId: Nullable(Id, { description: 'Null: Dateline itself, or nobody who was signed in.' }),
    sessionId: Nullable(Id),
    apiKeyId: Nullable(Id),
    action: Type.String({ description: 'What was done, such as `article.published`.' }),
    resource: Type.String({
      description: 'A kind of thing, such as `article`; a site with its locale, `site:en`.'
    }),
    resourceId: Nullable(Id),
    fields: Type.Array(Type.String(), { description: 'Names of what changed or was given.' }),
    details: Nullable(Type.Record(Type.String(), Type.Unknown()), {
      description: 'Values, where they are harmless: stages, roles, moments.'
    }),
    network: Nullable(Type.String(), {
      description: 'Where it was asked from: the /24 of IPv4, the /48 of IPv6.'
    }),
    requestId: Nullable(Type.String(), { description: '`x-request-id` of the answer.' }),
    position: Nullable(Type.Integer({ minimum: 1 }), {
      description: 'Place in the chain, without gaps; null until it is sealed, within seconds.'
    }),
    hash: Nullable(Type.String({ pattern: '^[0-9a-f]{64}$' }), {
      description:
        'SHA-256 over the 32 bytes of the hash before it (zeros for the first) and this entry without `hash`, written as RFC 8785 says; null until it is sealed.'
    })
  },
  {
    $id: 'AuditEntry',
    description: 'Who did what.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a60',
        at: '2026-11-20T08:15:00.000Z',
        userId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        sessionId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a20',
        apiKeyId: null,
        action: 'article.stage_moved',
        resource: 'article',
        resourceId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
        fields: ['stage'],
        details: { from: 'draft', to: 'in_review' },
        network: '203.0.113.0/24',
        requestId: '6b1f2f3e-8a57-4d0b-9d9d-2f1c6a7e4b10',
        position: 1,
        hash: '3f994bbc03bc9a0aedf1e2e8c5b2b9b5c683e296aa28b86c26ab3673e291a464'
      }
    ]
  }
)

export const AuditList = ListOf(AuditEntry)

export const AuditQuery = Closed({
  user: Type.Optional({ ...Id, description: 'Who did it.' }),
  session: Type.Optional({ ...Id, description: 'Through which session.' }),
  key: Type.Optional({ ...Id, description: 'Through which API key.' }),
  action: Type.Optional({ ...Word, description: 'Such as `article.published`.' }),
  resource: Type.Optional({ ...Word, description: 'Such as `article` or `site:en`.' }),
  resourceId: Type.Optional(Id),
  since: Type.Optional({ ...Moment, description: 'From this moment on.' }),
  until: Type.Optional({ ...Moment, description: 'Before this moment.' }),
  ...PageParams
})

export const auditSchemas = [AuditEntry]
