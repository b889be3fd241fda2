/** What the finished OpenAPI document says over and over is said once, in its components, and pointed at. */
import { bound } from './openapi-bounds.ts'
import { answerExample, parameterExample } from './openapi-examples.ts'

type Reference = { $ref: string }
type Media = {
  schema?: Partial<Reference> & {
    properties?: { data?: { items?: Partial<Reference> }; page?: unknown }
    anyOf?: Reference[]
  }
  example?: unknown
}
type Answer = { description?: string; headers?: Record<string, unknown>; content?: Record<string, Media> }
type Operation = {
  operationId: string
  parameters?: { name: string; example?: unknown; schema?: Schema }[]
  responses?: Record<string, Answer | Reference>
  requestBody?: { required?: boolean; content?: Record<string, Media> }
  [OPTIONAL_BODY]?: boolean
}
type Schema = {
  examples?: unknown[]
  properties?: Record<string, unknown>
  discriminator?: { propertyName: string; mapping?: Record<string, string> }
  oneOf?: Reference[]
}

/** Marks an operation whose body may be left out, on its way into the document. */
export const OPTIONAL_BODY = 'x-optional-body'

export type Document = {
  paths?: Record<string, Record<string, Operation>>
  components?: {
    schemas?: Record<string, Schema>
    headers?: Record<string, unknown>
    responses?: Record<string, Answer>
  }
}

const header = (description: string, example: string, maxLength = 100) => ({
  description,
  schema: { type: 'string', maxLength },
  example
})

const headers = {
  RequestId: header('Names this request in our logs.', '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'),
  Version: header('The version, to be sent back in If-Match.', '"3"'),
  EntityTag: header(
    'Names these very bytes, to be sent back in If-None-Match.',
    '"Jx0gHqk0mZt5pUe2QyV1nA7sBdE"'
  ),
  CacheControl: header(
    'Who may keep this and for how long. Of content: never past the next moment at which what is live changes, and 60 s at most in a cache that is not purged.',
    'public, max-age=0, s-maxage=30, stale-while-revalidate=30'
  ),
  'Access-Control-Allow-Origin': header(
    'Whose pages may read this: `*` where anybody may; else the origin that asks, if it is one of `CORS_ORIGINS`.',
    '*',
    2_048
  ),
  SurrogateKey: header(
    'Names of all that this answer shows, for purging a CDN by the `surrogateKeys` of events. `all`: too many to name.',
    'article:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10 addresses slug:ferry-line-reopens',
    4_096
  ),
  ContentLanguage: header('The locale the answer is in.', 'en'),
  Location: header('Where the new thing is.', '/v1/tags/019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10', 2_048),
  RetryAfter: header('Seconds to wait.', '1'),
  RateLimit: header(
    'Where how often an address may ask is limited: how many (`r`) are left, for how many seconds (`t`).',
    '"codes";r=0;t=42'
  ),
  RateLimitPolicy: header('How many (`q`) are taken within how many seconds (`w`).', '"codes";q=30;w=60'),
  Authenticate: header('How to sign in.', 'Bearer', 1_000)
}

const point = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` })

const nameIn = (reference: string | undefined) => reference?.split('/').at(-1) ?? ''

const successes: Record<string, string> = { 200: 'Done.', 201: 'Made.' }
/** Whose `version` is not that of an ETag, and which have no address of their own. */
const unversioned = ['Publication', 'PreviewLink', 'MadePreviewLink', 'MadePasswordLink']
/** Answered anew each time. */
const untagged = /^\/v1\/content\/(previews\/|changes$|stream$|articles\/\{id\}\/views$)/
const page = { limit: 20, hasMore: false, next: null, prev: null }

const spelled: Record<string, string> = {
  etag: 'ETag',
  ratelimit: 'RateLimit',
  'ratelimit-policy': 'RateLimit-Policy',
  'www-authenticate': 'WWW-Authenticate'
}
/** As its standard writes it; on the wire its case does not matter. */
const spell = (name: string) => spelled[name] ?? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
const spellAll = (headers: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(headers).map(([name, told]) => [spell(name), told]))

/** What every answer may have. */
const always = {
  'x-request-id': point('RequestId'),
  'access-control-allow-origin': point('Access-Control-Allow-Origin')
}
const limited = { ratelimit: point('RateLimit'), 'ratelimit-policy': point('RateLimitPolicy') }

/** Adds headers, bounds and examples to every answer, and moves the answers that are alike into the components. */
export function complete(document: Document): Document {
  const schemas = document.components?.schemas ?? {}
  const responses: Record<string, Answer> = {}
  const exampleOf = (reference: string | undefined) => schemas[nameIn(reference)]?.examples?.[0]

  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    for (const operation of Object.values(operations)) {
      for (const media of Object.values(operation.requestBody?.content ?? {})) addExample(media)
      for (const parameter of operation.parameters ?? []) {
        const told = parameter.schema?.examples?.[0]
        parameter.example ??= told ?? parameterExample(operation.operationId, path, parameter.name)
      }
      if (operation.requestBody && operation[OPTIONAL_BODY]) operation.requestBody.required = false
      delete operation[OPTIONAL_BODY]
      for (const [status, answer] of Object.entries(operation.responses ?? {})) {
        if ('$ref' in answer) continue
        if (Number(status) < 400) {
          describe(path, status, answer)
          for (const [type, media] of Object.entries(answer.content ?? {}))
            media.example ??= answerExample(operation.operationId, type)
          continue
        }
        const name = `Problem${status}`
        responses[name] ??= { ...answer, headers: problemHeaders(status) }
        for (const media of Object.values(responses[name].content ?? {})) addExample(media)
        ;(operation.responses as Record<string, Reference>)[status] = {
          $ref: `#/components/responses/${name}`
        }
      }
    }
  }
  for (const schema of Object.values(schemas)) mapDiscriminator(schema)
  const whole = { ...document, components: { ...document.components, headers, responses } }
  bound(whole)
  return whole

  /** Which value means which component. Ajv, which checks with the same schemas, takes no mapping: it is added here. */
  function mapDiscriminator({ discriminator, oneOf }: Schema) {
    if (!discriminator) return
    const kindOf = ({ $ref }: Reference) =>
      (schemas[nameIn($ref)]?.properties?.[discriminator.propertyName] as { const?: string })?.const
    discriminator.mapping = Object.fromEntries((oneOf ?? []).map((one) => [kindOf(one), one.$ref]))
  }

  function describe(path: string, status: string, answer: Answer) {
    const media = Object.values(answer.content ?? {})
    if (!answer.description || answer.description === 'Default Response')
      answer.description = successes[status] ?? 'An answer.'
    for (const one of media) addExample(one)
    const shows = nameIn(media[0]?.schema?.$ref)
    const versioned = schemas[shows]?.properties?.version !== undefined && !unversioned.includes(shows)
    const content = path.startsWith('/v1/content/')
    const machines = /^\/(feeds|sitemaps?|news-sitemap|oembed)\b/.test(path)
    answer.headers = spellAll({
      ...always,
      ...(status.startsWith('2') && limited),
      ...(versioned && { etag: point('Version') }),
      ...(status === '201' &&
        !path.startsWith('/v1/sessions') &&
        !unversioned.includes(shows) && { location: point('Location') }),
      'cache-control': point('CacheControl'),
      ...((content || machines) &&
        !untagged.test(path) && {
          etag: point('EntityTag'),
          'surrogate-key': point('SurrogateKey')
        }),
      ...(status === '200' &&
        ((content && (path.includes('{') || path.endsWith('/site'))) || path.startsWith('/feeds/')) && {
          'content-language': point('ContentLanguage')
        }),
      ...answer.headers
    })
  }

  function addExample(media: Media) {
    const { schema } = media
    const item = schema?.properties?.data?.items?.$ref
    // Of several kinds of answer, the first is the one without further questions.
    const whole = schema?.$ref ?? schema?.anyOf?.[0]?.$ref
    const example = item ? { data: [exampleOf(item)], page } : exampleOf(whole)
    if (example !== undefined) media.example ??= example
  }
}

function problemHeaders(status: string) {
  return spellAll({
    ...always,
    ...(status.startsWith('4') && limited),
    ...(['429', '503'].includes(status) && { 'retry-after': point('RetryAfter') }),
    ...(status === '401' && { 'www-authenticate': point('Authenticate') })
  })
}
