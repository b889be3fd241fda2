import { Type } from 'typebox'
import { scopeNames } from '../http/scopes.ts'
import { Closed, Id, ListOf, Moment, Nullable, PageParams, Timestamp } from '../http/wire.ts'

const ScopeName = Type.Enum(scopeNames, {
  $id: 'Scope',
  description:
    '`<resource>:<action>`. `write` includes `read` of the same resource, and nothing else. `articles:publish`: what is live (publications, taking down, withdrawing, reinstating) and stages. `content:preview`: the content side with `at`.'
})

/** Names the component, and keeps the type. */
const scope = Type.Unsafe<(typeof scopeNames)[number]>({ $ref: 'Scope#' })
const name = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '\\S',
  description: 'What it is for; told to nobody but its owner and admins.'
})

const key = {
  id: Id,
  userId: Type.String({ format: 'uuid', description: 'Its owner: a key may what they may, and no more.' }),
  name,
  scopes: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }),
  works: Type.Boolean({
    description: 'Whether it is taken now: neither revoked nor expired, its owner not disabled.'
  }),
  createdAt: Timestamp,
  expiresAt: Type.Unsafe<Date | null>({ ...Nullable(Timestamp), description: 'Null = never.' }),
  revokedAt: Nullable(Timestamp),
  lastUsedAt: Type.Unsafe<Date | null>({
    ...Nullable(Timestamp),
    description: 'To the minute; null = never yet.'
  }),
  lastUsedFrom: Type.Unsafe<string | null>({
    ...Nullable(Type.String()),
    description: 'The network it was last used from: /24 of IPv4, /48 of IPv6.'
  })
}

const example = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70',
  userId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a01',
  name: 'Importer',
  scopes: ['articles:write', 'tags:read'],
  works: true,
  createdAt: '2026-11-20T08:15:00.000Z',
  expiresAt: '2027-11-20T08:15:00.000Z',
  revokedAt: null,
  lastUsedAt: null,
  lastUsedFrom: null
}

export const ApiKey = Closed(key, {
  $id: 'ApiKey',
  description:
    'What a program comes with, in the name of a person. The key itself is shown once, when it is made.',
  examples: [example]
})

export const MadeApiKey = Closed(
  {
    ...key,
    key: Type.String({ description: 'The secret. It is kept as a hash and never shown again.' })
  },
  {
    $id: 'MadeApiKey',
    examples: [{ ...example, key: 'dl_031QCZADMbLeHIsrOmeIk4_0Cd3YKpnNTSsWc08aNeQT6pB0AcZ0a7l63BlO08' }]
  }
)

export const NewApiKey = Closed(
  {
    name,
    scopes: Type.Array(scope, {
      minItems: 1,
      maxItems: scopeNames.length,
      uniqueItems: true,
      description: 'Only such as your role can use.'
    }),
    expiresAt: Type.Optional(
      Type.Unsafe<string | null>({ ...Nullable(Moment), description: 'Left out or null: never.' })
    )
  },
  {
    $id: 'NewApiKey',
    examples: [
      { name: 'Importer', scopes: ['articles:write', 'tags:read'], expiresAt: '2027-11-20T08:15:00Z' }
    ]
  }
)

export const ApiKeyPatch = Closed({ name }, { $id: 'ApiKeyPatch', examples: [{ name: 'Old importer' }] })

export const ApiKeyList = ListOf(ApiKey)

export const ApiKeyQuery = Closed({
  ...PageParams,
  user: Type.Optional({ ...Id, description: 'Of this person. Others than oneself: for admins.' })
})

export const apiKeySchemas = [ScopeName, ApiKey, MadeApiKey, NewApiKey, ApiKeyPatch]
