/**
 * How long, how many, how much: bounds of what the document tells of, where the schemas do not say them. Requests say
 * all of theirs, for those are checked. Answers are bounded by what was let in, by the columns or by how they are made.
 * They are told here and not in the schemas of the features, because serializers check what may be one thing or another
 * at every answer, and would refuse to show what is there. Tests hold every answer against the document.
 */

type Schema = {
  type?: string
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  maxLength?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** No text that is kept has a NUL: see `refuseBadText`. */
const TEXT = '^[^\\u0000]*$'
/** Refusals may quote what was sent, a NUL too. */
const patterns: Record<string, string> = {
  'Fault.pointer': '^(/[^/]*)*$',
  'Fault.message': '\\S',
  'Problem.detail': '\\S'
}
const INT32 = 2 ** 31 - 1

/** A body has 1 MiB, and where it is quoted or written as HTML each of its characters becomes six at most. */
const MADE_OF_A_BODY = 6 * 2 ** 20
/** The most a sitemap may have (sitemaps.org), and more than any other file of ours. */
const FILE = 50 * 2 ** 20
/** An address of ours or of a front end with a slug, and with what tells a channel. */
const ADDRESS = 8_192

const byFormat: Record<string, number> = {
  'date-time': 40,
  uuid: 36,
  email: 254,
  uri: ADDRESS,
  'uri-reference': ADDRESS,
  binary: FILE
}

/** Characters, by the name of a member; for one component only, as `Component.member`. */
const longest: Record<string, number> = {
  'Fault.code': 100,
  'Fault.message': MADE_OF_A_BODY,
  'Fault.pointer': MADE_OF_A_BODY,
  'JsonFeed.id': ADDRESS,
  'JsonFeedItem.id': ADDRESS,
  'BlockChange.key': 64,
  accessToken: 4_096,
  action: 100,
  author_name: 5_000,
  bio: 5_000,
  canonicalUrl: ADDRESS,
  code: 100,
  content_text: MADE_OF_A_BODY,
  copyright: 1_000,
  country: 10,
  createdByName: 200,
  dateline: 120,
  description: 5_000,
  detail: MADE_OF_A_BODY,
  device: 1_000,
  done: 300,
  events: 100,
  existingId: 36,
  field: 100,
  fields: 100,
  hash: 64,
  headline: 300,
  host: 255,
  html: MADE_OF_A_BODY,
  jsonld: MADE_OF_A_BODY,
  key: 100,
  kicker: 120,
  label: 300,
  language: 12,
  lastUsedFrom: 64,
  licence: 500,
  locale: 12,
  Location: ADDRESS,
  markdown: MADE_OF_A_BODY,
  message: 500,
  movedByName: 200,
  name: 300,
  names: 200,
  network: 64,
  note: 2_000,
  notice: 1_000,
  path: 2_500,
  prompt: 300,
  provider_name: 300,
  reason: 2_000,
  refreshToken: 200,
  requestId: 255,
  resource: 100,
  rights: 2_000,
  scopes: 100,
  secret: 200,
  slug: 400,
  standfirst: 1_000,
  store: 64,
  surrogateKeys: 500,
  tagline: 300,
  tags: 200,
  target: ADDRESS,
  text: MADE_OF_A_BODY,
  timeZone: 64,
  title: 1_000,
  token: 200,
  type: 100,
  url: ADDRESS,
  'X-Robots-Tag': 100
}

/** Items, by the name of a member. */
const most: Record<string, number> = {
  'AuditEntry.fields': 1_000,
  apps: 10,
  authors: 20,
  blocks: 2_000,
  // What was there and what is there now, each with 2,000 blocks.
  'ArticleDiff.body': 4_000,
  corrections: 100_000,
  events: 100,
  fields: 100,
  highlights: 1_000,
  links: 20,
  locales: 10_000,
  navigation: 50,
  networks: 30,
  surrogateKeys: 1_000_000,
  tags: 50,
  translations: 10_000,
  words: MADE_OF_A_BODY
}

/** Says of every text, list and whole number in the document how long or large it is at most. */
export function bound(document: object) {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, object> } }
  const { schemas = {}, ...shared } = components ?? {}
  for (const [name, schema] of Object.entries(schemas)) walk(schema, name, name)
  walk(shared, '', '')
  walk(rest, '', '')
}

/** Keys under which schemas stand by name. */
const NAMED = new Set(['properties', 'patternProperties', 'headers', 'content'])
/** Keys under which stands what is no schema. */
const VALUES = new Set(['example', 'examples', 'default', 'enum', 'const'])

function walk(node: unknown, component: string, member: string) {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, component, member)
    return
  }
  if (typeof node !== 'object' || node === null) return
  for (const [key, value] of Object.entries(node)) {
    if (VALUES.has(key)) continue
    if (!NAMED.has(key)) {
      walk(value, component, member)
      continue
    }
    for (const [name, schema] of Object.entries(value as object))
      walk(schema, component, key === 'patternProperties' ? member : name)
  }
  const told = (table: Record<string, number>) => table[`${component}.${member}`] ?? table[member]
  const isFile = member.includes('/')
  const schema = node as Schema
  if (schema.type === 'string') {
    const own = patterns[`${component}.${member}`]
    if (own) schema.pattern = own
    boundText(schema, isFile ? FILE : told(longest))
  }
  if (schema.type === 'array') set(schema, 'maxItems', told(most))
  if (schema.type === 'integer') boundNumber(schema)
}

function boundText(schema: Schema, length: number | undefined) {
  const { enum: values, const: value, format, pattern } = schema
  if (values || value !== undefined) return
  set(schema, 'maxLength', byFormat[format ?? ''] ?? length)
  if (!format && !pattern) schema.pattern = TEXT
}

function boundNumber(schema: Schema) {
  const values = (schema.enum ?? (schema.const === undefined ? undefined : [schema.const])) as
    | number[]
    | undefined
  if (schema.exclusiveMinimum === undefined) schema.minimum ??= values ? Math.min(...values) : 0
  if (schema.exclusiveMaximum === undefined)
    schema.maximum ??= values ? Math.max(...values) : Number.MAX_SAFE_INTEGER
  schema.format ??= (schema.maximum ?? schema.exclusiveMaximum ?? 0) > INT32 ? 'int64' : 'int32'
}

function set(schema: Schema, name: 'maxLength' | 'maxItems', value: number | undefined) {
  if (value !== undefined) schema[name] ??= value
}
