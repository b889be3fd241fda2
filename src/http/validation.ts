/**
 * What comes in is taken as sent: nothing is coerced in bodies, nothing dropped, nothing unknown let through.
 * The URL's parts are text, so numbers and booleans there are read from it, strictly.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidationCxt } from 'ajv/dist/types/index.js'
import formats from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import secureJsonParse from 'secure-json-parse'
import type { TSchema } from 'typebox'
import { type Fault, Invalid, Problem } from './errors.ts'
import { CASE_INSENSITIVE, Closed } from './wire.ts'

export const MAX_BODY_BYTES = 1_048_576

export type Check = (schema: TSchema, value: unknown, pointer: string) => void

/**
 * Makes the compiler Fastify validates with. `components` are the named schemas that `$ref`s point at. The first fault
 * ends the check: collecting all of them would let one body cost many times its size.
 */
export function makeValidators(components: TSchema[]) {
  const ajv = new Ajv2020({
    allErrors: false,
    useDefaults: true,
    discriminator: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true
  })
  formats.default(ajv, ['date-time', 'uuid', 'uri', 'email'])
  ajv.addKeyword('example')
  ajv.addKeyword({
    keyword: CASE_INSENSITIVE,
    type: 'string',
    modifying: true,
    validate: (_told: unknown, text: string, _schema?: unknown, place?: DataValidationCxt) => {
      if (place) place.parentData[place.parentDataProperty] = text.toLowerCase()
      return true
    }
  })
  for (const schema of components) ajv.addSchema(schema)

  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
    // Headers are documented in schemas and checked where they are used.
    if (httpPart === 'headers') return () => true
    // When it is first needed: all of them at once take longer than the rest of a start.
    let validate: ValidateFunction | undefined
    const place = httpPart === 'querystring' ? '/query' : httpPart === 'params' ? '/path' : ''
    const fromText = httpPart !== 'body'
    return (data: unknown) => {
      validate ??= ajv.compile(schema)
      if (fromText) readFromText(schema as UrlSchema, data as Record<string, unknown>, place)
      if (validate(data)) return { value: data }
      return { error: refusal(validate, place) }
    }
  }

  const compiled = new WeakMap<TSchema, ValidateFunction>()
  /** Checks a value made here (a merged patch, say) as if it had come in at `pointer`. */
  const check: Check = (schema, value, pointer) => {
    const validate = compiled.get(schema) ?? ajv.compile(schema)
    compiled.set(schema, validate)
    if (!validate(value)) throw refusal(validate, pointer)
  }
  return { compiler, check }
}

function refusal(validate: ValidateFunction, place: string) {
  const fault = faultOf(validate.errors?.[0] as ErrorObject, place)
  return new Problem('invalid_request', `${fault.pointer || 'The body'}: ${fault.message}`, {
    errors: [fault]
  })
}

function faultOf({ instancePath, keyword, params, message }: ErrorObject, place: string): Fault {
  const at = place + instancePath
  const member = (name: string) => `${at}/${escaped(name)}`
  if (keyword === 'additionalProperties')
    return { pointer: member(params.additionalProperty), code: 'unknown', message: 'is not known here' }
  if (keyword === 'required')
    return { pointer: member(params.missingProperty), code: 'required', message: 'is missing' }
  if (keyword === 'discriminator')
    return { pointer: member(params.tag), code: keyword, message: 'must say which kind this is' }
  const code = keyword.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  if (keyword === 'enum')
    return { pointer: at, code, message: `must be one of ${params.allowedValues.join(', ')}` }
  if (keyword === 'const')
    return { pointer: at, code, message: `must be ${JSON.stringify(params.allowedValue)}` }
  return { pointer: at, code, message: message ?? 'is not valid' }
}

/** A name as a part of a JSON pointer (RFC 6901, 3). */
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

type UrlSchema = { properties?: Record<string, { type?: string; items?: { type?: string } }> }

/** Reads numbers, booleans and repeatable parameters from text. What does not fit is left for the schema to refuse. */
function readFromText(schema: UrlSchema, data: Record<string, unknown>, place: string) {
  for (const [name, value] of Object.entries(data)) {
    for (const text of Array.isArray(value) ? value : [value])
      refuseBadText(text, `${place}/${escaped(name)}`)
    const type = schema.properties?.[name]?.type
    if (type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value))
      data[name] = Number(value)
    if (type === 'boolean' && (value === 'true' || value === 'false')) data[name] = value === 'true'
    if (type === 'array' && typeof value === 'string') data[name] = [value]
  }
}

/** NUL, and halves of surrogate pairs: JSON has them, Postgres does not. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/
/** In JSON they can only come as escapes (the text was read as strict UTF-8), so most bodies need no walk. */
const SUSPECT = /\\u(0000|[dD][89a-fA-F])/

function refuseBadText(text: unknown, pointer: string) {
  if (typeof text === 'string' && UNSTORABLE.test(text)) {
    throw Invalid(
      pointer,
      'holds a character that cannot be stored (NUL or half a surrogate pair)',
      'unstorable_text'
    )
  }
}

function refuseBadTextWithin(root: unknown) {
  const open: [value: unknown, pointer: string][] = [[root, '']]
  for (let item = open.pop(); item; item = open.pop()) {
    const [value, pointer] = item
    refuseBadText(value, pointer)
    if (typeof value !== 'object' || value === null) continue
    for (const [name, member] of Object.entries(value)) {
      refuseBadText(name, pointer)
      open.push([member, `${pointer}/${escaped(name)}`])
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** JSON and nothing else: strict UTF-8, no prototype tricks, no text that cannot be stored. Throws malformed_json, Invalid. */
export function readJson(bytes: Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = secureJsonParse.parse(text, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw new Problem('malformed_json', (error as Error).message)
  }
  if (SUSPECT.test(text)) refuseBadTextWithin(value)
  return value
}

/** Bodies are JSON and nothing else. */
export function registerBodyParsers(app: FastifyInstance) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    async (_request: unknown, bytes: Buffer) => {
      if (bytes.length === 0) return undefined
      return readJson(bytes)
    }
  )
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done()
    const { headers, route } = request
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES)
      throw new Problem('body_too_large', `The body has ${headers['content-length']} bytes.`)
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    // Fastify would refuse a type it cannot read, even one of nothing.
    if (route.config.anyBody) delete headers['content-type']
    const isIgnored = route.config.anyBody || route.schema?.hide
    if (!hasBody || isIgnored) return done()
    if (request.method !== 'GET' && request.method !== 'HEAD')
      refuseMediaType(headers['content-type'], headers['content-encoding'], request.method)
    done()
  })
  // A route that names no parameters takes none.
  app.addHook('onRoute', ({ schema, config }) => {
    if (schema && !schema.hide && !config?.anyQuery) schema.querystring ??= Closed({})
  })
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined && request.route.config.bodyOptional) request.body = {}
    if (request.is404 || request.body === undefined || request.route.schema?.body) return done()
    throw new Problem('unexpected_body', 'This request takes no body.')
  })
}

function refuseMediaType(type: string | undefined, encoding: string | undefined, method: string) {
  const [media, ...parameters] = (type ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const taken =
    media === 'application/json' || (media === 'application/merge-patch+json' && method === 'PATCH')
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  const inUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset)
  const plain = encoding === undefined || encoding.toLowerCase() === 'identity'
  if (taken && inUtf8 && plain) return
  throw new Problem(
    'unsupported_media_type',
    `Got ${type ?? 'no content type'}${plain ? '' : `, encoded as ${encoding}`}.`
  )
}
