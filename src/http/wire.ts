/** The words every resource writes its schemas with. */
import { type Static, type TSchema, Type } from 'typebox'

/** A Date in the code, an RFC 3339 string on the wire. Responses only. */
export const Timestamp = Type.Unsafe<Date>({ type: 'string', format: 'date-time' })

/**
 * A moment in a request: RFC 3339 with a zone, but without leap seconds, which Postgres and JavaScript do not have, and
 * without the first and last year that can be written, which another zone could push over the edge. Postgres takes no
 * zone of sixteen hours or more.
 */
export const Moment = Type.String({
  format: 'date-time',
  pattern:
    '^(?!000[01]|9999)\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:[0-5]\\d(\\.\\d+)?(Z|[+-](0\\d|1[0-5]):[0-5]\\d)$',
  maxLength: 40
})

export const Nullable = <T extends TSchema>(schema: T, options: { description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options)

/** Points at a named component: OpenAPI says $ref, the code keeps the type. */
export const ref = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${(schema as { $id?: string }).$id}#` })

/** A parameter the caller may leave out; the handler always has a value. */
export const withDefault = <T extends TSchema>(schema: T, value: Static<T>) =>
  Type.Optional({ ...schema, default: value }) as unknown as T

/** An object that takes no members but its own. */
export const Closed = <T extends Record<string, TSchema>>(properties: T, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** The validator reads such text in lower case. */
export const CASE_INSENSITIVE = 'x-case-insensitive'

/** In a request its case does not count: it is read in lower case, as ids are compared and told everywhere. */
export const Id = Type.String({
  format: 'uuid',
  maxLength: 36,
  description: 'A UUID, version 7.',
  [CASE_INSENSITIVE]: true
})

const LOCALE = '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'

export const Locale = Type.String({
  pattern: LOCALE,
  maxLength: 12,
  description: 'A BCP 47 language tag in canonical case: `en`, `pt-BR`, `zh-Hant`.'
})

export const Slug = Type.String({
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 200,
  description: 'Lower-case letters a-z, digits and single hyphens.'
})

/** An absolute http or https address without credentials or white space. */
export const WebUrl = Type.String({
  format: 'uri',
  pattern: '^https?://[^\\s/?#@\\\\]+([/?#][^\\s\\\\]*)?$',
  maxLength: 2048
})

/** An answer without a body. */
export const Nothing = (description: string, more: object = {}) =>
  Type.Unsafe<undefined>({ type: 'null', description, ...more })

/** A map from locale to text. */
export const ByLocale = <T extends TSchema>(schema: T, options: object = {}) =>
  Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    patternProperties: { [LOCALE]: schema },
    additionalProperties: false,
    maxProperties: 100,
    ...options
  })

export const Version = Type.Integer({
  minimum: 1,
  maximum: 2147483647,
  description: 'Grows by one with each change; the ETag.'
})

export const IdParams = Closed({ id: Id })
export const LocaleParams = Closed({ locale: Locale })

/** Headers are checked where they are used (`preconditions.ts`), so that a missing one is 428 and not 400. */
export const IfMatch = Type.Object({
  'if-match': Type.String({
    maxLength: 200,
    description: 'The ETag of the version you read, such as `"7"`.',
    examples: ['"1"']
  })
})

export const PageParams = {
  limit: withDefault(Type.Integer({ minimum: 1, maximum: 100, description: 'How many to give.' }), 20),
  cursor: Type.Optional(
    Type.String({
      maxLength: 1000,
      description: 'Where to go on: `page.next` or `page.prev` of an earlier answer with the same filters.'
    })
  )
}

export const Page = Closed(
  {
    limit: Type.Integer({ minimum: 1, maximum: 100 }),
    hasMore: Type.Boolean({ description: 'Whether there is more in the direction you are going.' }),
    next: Nullable(Type.String({ maxLength: 1000, description: 'Cursor of the page after this one.' })),
    prev: Nullable(Type.String({ maxLength: 1000, description: 'Cursor of the page before this one.' })),
    count: Type.Optional(
      Type.Integer({ minimum: 0, description: 'How many there are in all; only with `count=exact`.' })
    )
  },
  { $id: 'Page', description: 'Where this page stands in the whole list.' }
)

export const ListOf = <T extends TSchema>(schema: T) =>
  Closed({ data: Type.Array(ref(schema), { maxItems: 100 }), page: ref(Page) })
