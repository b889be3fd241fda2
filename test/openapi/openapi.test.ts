import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import { root } from '../../src/root.ts'
import { collectionOf } from './collection.ts'
import { documentOf, typesOf } from './document.ts'

const committed = (name: string) => readFileSync(new URL(`openapi/${name}`, root), 'utf8')
const text = await documentOf()
const document = JSON.parse(text)
const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    told: `${method.toUpperCase()} ${path}`,
    method,
    path,
    operation
  }))
)

type Media = { schema?: object; example?: unknown }
type Operation = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: object[]
  parameters?: ({ name: string } & Media)[]
  responses: Record<string, { $ref?: string; content?: Record<string, Media> }>
  requestBody?: { content: Record<string, Media> }
}

t.test('the committed document, types and collection are what the routes say', async (t) => {
  t.equal(committed('openapi.json'), text, 'run `npm run openapi` and commit what it wrote')
  t.equal(committed('types.ts'), await typesOf(text), 'run `npm run openapi` and commit what it wrote')
  t.equal(
    committed('collection/dateline.http'),
    collectionOf(text),
    'run `npm run openapi` and commit what it wrote'
  )
})

t.test('the collection asks for what an answer told, never for what an example names', async (t) => {
  const collection = committed('collection/dateline.http')
  const asked = collection.match(/^(GET|POST|PUT|PATCH|DELETE) .*$/gm) ?? []
  t.ok(asked.length >= operations.length)
  t.same(
    asked.filter((line) => /[0-9a-f]{8}-[0-9a-f]{4}-|dlp_/.test(line)),
    []
  )
  const namesIn = (pattern: RegExp) => [...collection.matchAll(pattern)].map(([, name]) => name)
  const told = new Set(namesIn(/(?:^@|client\.global\.set\(")(\w+)/gm))
  const meant = new Set(namesIn(/\{\{(\w+)\}\}/g))
  t.ok(meant.has('etag') && meant.has('articleId') && meant.has('previewToken'))
  t.same(
    [...meant].filter((name) => !told.has(name)),
    []
  )
})

t.test('every operation says what it is, who may call it and what can come', async (t) => {
  t.equal(document.openapi, '3.1.0')
  t.match(document.servers, [{ url: '/' }])
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length, 'operationIds are unique')
  const sections = document.tags.map(({ name }: { name: string }) => name)
  for (const { told, path, method, operation } of operations) {
    t.same(
      operation.tags.filter((tag) => !sections.includes(tag)),
      [],
      `${told} is in a section that is told of`
    )
    t.match(
      operation,
      { operationId: /^[a-z][A-Za-z]+$/, summary: /\S/, description: /\S/, tags: [/\S/] },
      told
    )
    const statuses = Object.keys(operation.responses)
    t.ok(
      statuses.some((status) => status < '400'),
      `${told} can succeed`
    )
    t.ok(statuses.includes('500'), `${told} tells of 500`)
    const open = operation.security.some((scheme) => Object.keys(scheme).length === 0)
    // A wrong token is refused, and one who asks too often, where none is needed too.
    t.ok(statuses.includes('401') && statuses.includes('429'), `${told} tells of 401 and 429`)
    if (!open && (method !== 'get' || !operation.description.includes('`contributor`')))
      t.ok(statuses.includes('403'), `${told} tells of 403`)
    if (operation.requestBody)
      t.ok(
        ['400', '413', '415'].every((status) => statuses.includes(status)),
        `${told} tells of 400, 413 and 415`
      )
    const resource =
      /^\/v1\/(articles|tags|authors|share-links|lists|redirects|site)\/\{\w+\}(\/items)?$/.test(path)
    if (resource && ['patch', 'put', 'delete'].includes(method))
      t.ok(statuses.includes('412') && statuses.includes('428'), `${told} needs If-Match`)
  }
})

t.test('every example is what its schema says', async (t) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const isValid = (schema: object, example: unknown, told: string) => {
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')))
    t.ok(validate(example), `${told}: ${JSON.stringify(validate.errors)}`)
  }
  for (const [name, schema] of Object.entries<{ examples?: unknown[] }>(document.components.schemas)) {
    for (const example of schema.examples ?? [])
      isValid({ $ref: `#/components/schemas/${name}` }, example, name)
  }
  for (const { told, operation } of operations) {
    for (const { name, schema, example } of operation.parameters ?? []) {
      t.ok(example !== undefined, `${told} has an example of ${name}`)
      isValid(schema as object, example, `${told} ${name}`)
    }
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
      t.ok(media.example !== undefined, `${told} has an example of its ${type} body`)
      isValid(media.schema as object, media.example, told)
    }
    for (const [status, answer] of Object.entries(operation.responses)) {
      for (const [type, media] of Object.entries(answer.content ?? {})) {
        t.ok(media.example !== undefined, `${told} has an example of ${status} as ${type}`)
        isValid(media.schema as object, media.example, `${told} ${status} as ${type}`)
      }
    }
  }
})
