/** What nobody sends by accident, sent to every route: generated from the OpenAPI document, so that later ones join. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { author, draft, type Newsroom, newsroom, story, tag } from '../helper.ts'
import { snapshot } from '../traces.ts'

type Schema = {
  $ref?: string
  type?: string
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
}
type Parameter = { in: string; name: string; required?: boolean; schema: Schema }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema; example?: unknown }> }
}
type Target = { told: string; method: string; path: string; operation: Operation; ifMatch: number }

const room = await newsroom(t)
const { api } = room
const document = room.app.swagger() as unknown as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}
const targets = await aim(room)
const writes = targets.filter(({ operation }) => operation.requestBody)

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
ajv.addSchema(document, 'openapi')

/** Every operation with a real thing in its address, and the version that thing has. */
async function aim(room: Newsroom): Promise<Target[]> {
  const lived = await story(room)
  const [publication] = (await api(`GET /v1/articles/${lived.id}/publications`, { as: 'admin', expect: 200 }))
    .body.data
  const things: Record<string, { id: string; version: number }> = {
    content: { id: lived.id, version: 1 },
    tags: await tag(room),
    authors: await author(room),
    articles: await draft(room),
    'share-links': (
      await api('POST /v1/share-links', {
        as: 'admin',
        body: { articleId: (await story(room)).id, channel: 'other' },
        expect: 201
      })
    ).body,
    lists: (
      await api('POST /v1/lists', { as: 'admin', body: { titles: { en: 'World' }, size: 5 }, expect: 201 })
    ).body,
    redirects: (
      await api('POST /v1/redirects', {
        as: 'admin',
        body: { path: '/old', target: '/new' },
        expect: 201
      })
    ).body,
    users: { id: room.userIds.author, version: 1 },
    'api-keys': {
      ...(
        await api('POST /v1/api-keys', {
          as: 'author',
          body: { name: 'Importer', scopes: ['tags:read'] },
          expect: 201
        })
      ).body,
      version: 1
    },
    sessions: { id: (await api('GET /v1/me', { as: 'admin', expect: 200 })).body.sessionId, version: 1 },
    webhooks: (
      await api('POST /v1/webhooks', {
        as: 'admin',
        body: { url: 'https://1.1.1.1/', events: ['webhook.*'], enabled: false },
        expect: 201
      })
    ).body
  }
  const preview = await api(`POST /v1/articles/${things.articles?.id}/previews`, {
    as: 'admin',
    body: {},
    expect: 201
  })
  things.previews = { id: preview.body.id, version: 1 }
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const thing = things[path.split('/')[2] ?? '']
      const real = path
        .replace('{id}/publications/{publicationId}', `${lived.id}/publications/${publication.id}`)
        .replace('{id}', thing?.id ?? '')
        .replace('{deliveryId}', lived.id)
        .replace('{locale}', 'en')
        .replace('{link}', preview.body.token)
        .replace('{version}', '1')
        .replace(/\{(slug|code)\}/, 'nothing')
      const told = `${method.toUpperCase()} ${path}`
      return {
        told,
        method: method.toUpperCase(),
        path: real,
        operation,
        ifMatch: path.includes('/site/') ? 1 : (thing?.version ?? 1)
      }
    })
  )
}

const follow = (schema: Schema): Schema =>
  schema.$ref ? follow(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : schema
/** Of one that has kinds, the members of all of them. */
const propertiesOf = (schema: Schema): Record<string, Schema> => {
  const { properties, oneOf = [] } = follow(schema)
  return properties ?? Object.assign({}, ...oneOf.map(propertiesOf))
}
const bodyOf = ({ operation }: Target) =>
  operation.requestBody?.content['application/json'] as { schema: Schema; example?: unknown }

/**
 * Where a body has the members to be tried: in itself or, where it is an array, in its one item. `around` makes such
 * an object a body, `at` is its place in it.
 */
function membersOf(target: Target) {
  const { schema, example } = bodyOf(target)
  const whole = follow(schema)
  const isArray = whole.type === 'array'
  return {
    isArray,
    properties: propertiesOf(isArray ? (whole.items ?? {}) : whole),
    valid: (isArray ? (example as unknown[])[0] : example) as Record<string, unknown>,
    around: (object: unknown) => (isArray ? [object] : object),
    at: isArray ? '/0' : ''
  }
}

const send = ({ method, path, ifMatch }: Target, body: unknown) =>
  api(`${method} ${path}`, { as: 'admin', ifMatch, body })
const sendRaw = (
  { method, path, ifMatch }: Target,
  raw: string | Uint8Array,
  type: string | undefined,
  headers: Record<string, string> = {}
) =>
  api(`${method} ${path}`, {
    as: 'admin',
    ifMatch,
    raw,
    headers: { ...(type !== undefined && { 'content-type': type }), ...headers }
  })

t.test('every write route was aimed at', async (t) => {
  t.ok(writes.length >= 14, `${writes.length} routes take a body`)
})

for (const target of writes) {
  t.test(`${target.told} takes nothing but what it says`, async (t) => {
    const { schema } = bodyOf(target)
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')))
    const { isArray, properties, valid, around, at } = membersOf(target)
    const before = await snapshot(room)

    const unknown = await send(target, around({ ...valid, nobodyKnowsThis: 1 }))
    t.match(
      unknown,
      { status: 400, body: { code: 'invalid_request', errors: [{ pointer: `${at}/nobodyKnowsThis` }] } },
      'an unknown member'
    )

    t.ok(Object.keys(properties).length > 0, 'members are tried')
    for (const [name, member] of Object.entries(properties)) {
      for (const value of [
        null,
        5,
        1.5,
        -1,
        true,
        '',
        'x\u0000y',
        [],
        [null],
        [[]],
        {},
        { a: 1 },
        '\uD800',
        ['\u0000'],
        'a'.repeat(70_000)
      ]) {
        const body = around({ ...valid, [name]: value })
        const text = JSON.stringify(value)
        const storable = !/\\u0000|\\ud800/.test(text)
        if (storable && validate(body)) continue
        const answer = await send(target, body)
        t.equal(answer.status, 400, `${name}: ${text.slice(0, 40)} → ${answer.status}`)
        t.ok(
          answer.body.errors?.[0]?.pointer.startsWith(`${at}/${name}`),
          `${name}: ${text.slice(0, 40)} is pointed at (${JSON.stringify(answer.body.errors)})`
        )
      }
      const inner = follow(member.anyOf?.[0] ?? member)
      if (inner.properties) {
        const nested = await send(target, around({ ...valid, [name]: { nobodyKnowsThis: 1 } }))
        t.equal(nested.status, 400, `an unknown member of ${name}`)
        t.ok(
          nested.body.errors[0].pointer.startsWith(`${at}/${name}`),
          `an unknown member of ${name} is pointed at`
        )
      }
    }
    // An empty array is a body where arrays are.
    const none = isArray
      ? [null, {}, 'text', 7, true, valid, [null], [[]], [7], ['text'], [valid, {}], Array(101).fill(valid)]
      : [null, [], 'text', 7, true, [valid]]
    for (const body of none) {
      t.match(
        await send(target, body),
        { status: 400, body: { code: 'invalid_request' } },
        `${JSON.stringify(body).slice(0, 20)} is no body`
      )
    }
    t.same(await snapshot(room), before, 'nothing was written')
  })

  t.test(`${target.told} takes nothing but JSON`, async (t) => {
    const json = JSON.stringify(bodyOf(target).example)
    const before = await snapshot(room)
    const bytes = (text: string) => new TextEncoder().encode(text)
    const rows: (readonly [
      string,
      number,
      string | Uint8Array,
      string | undefined,
      Record<string, string>?
    ])[] = [
      ...(target.operation.requestBody?.required ? [['no body', 400, '', 'application/json'] as const] : []),
      ['broken JSON', 400, '{"a":', 'application/json'],
      ['two values', 400, `${json}${json}`, 'application/json'],
      ['a prototype', 400, '{"__proto__":{"admin":true}}', 'application/json'],
      ['a constructor', 400, '{"constructor":{"prototype":{"admin":true}}}', 'application/json'],
      [
        'broken UTF-8',
        400,
        new Uint8Array([...bytes('{"name":"'), 0xff, 0xfe, ...bytes('"}')]),
        'application/json'
      ],
      ['very deep', 400, `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'application/json'],
      ['1 MiB + 1', 413, ' '.repeat(1_048_577 - json.length) + json, 'application/json'],
      ['plain text', 415, json, 'text/plain'],
      ['a form', 415, 'a=1', 'application/x-www-form-urlencoded'],
      ['multipart', 415, '--x--', 'multipart/form-data; boundary=x'],
      ['XML', 415, '<a/>', 'application/xml'],
      ['bytes of no type', 415, bytes(json), undefined],
      ['Latin-1', 415, json, 'application/json; charset=iso-8859-1'],
      ['said to be gzip', 415, json, 'application/json', { 'content-encoding': 'gzip' }]
    ]
    for (const [what, status, raw, type, headers] of rows) {
      const answer = await sendRaw(target, raw, type, headers)
      t.equal(answer.status, status, `${what}: ${answer.text.slice(0, 120)}`)
    }
    t.same(await snapshot(room), before, 'nothing was written')
  })

  t.test(`${target.told} never breaks on any JSON`, async (t) => {
    const { properties, isArray } = membersOf(target)
    const names = Object.keys(properties)
    const member = fc.oneof(fc.constantFrom(...names), fc.string())
    const objects = fc.dictionary(member, fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 })
    const anything = fc.oneof(isArray ? fc.array(objects, { maxLength: 3 }) : objects, fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        // The helper fails on 500 and on every answer the document does not tell of.
        const { status } = await send(target, body)
        return status < 500
      }),
      { numRuns: 40 }
    )
    t.pass('40 bodies')
  })
}

t.test('addresses take nothing but what they say', async (t) => {
  for (const { told, method, path, operation, ifMatch } of targets) {
    if (!told.includes(' /v1/')) continue
    const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
    const body = operation.requestBody?.content['application/json']?.example
    const ask = (search: string) => {
      // What must be there is, so that the fault sent is the only one.
      const needed = query.filter(({ name, required }) => required && !search.startsWith(`${name}=`))
      const whole = [
        search,
        ...needed.map(({ name, schema }) => `${name}=${schema.type === 'integer' ? 1 : '/x'}`)
      ].join('&')
      return api(`${method} ${path}?${whole}`, { as: 'admin', ifMatch, body })
    }
    for (const { name, schema } of query) {
      const bad = [
        '%00',
        'a%00b',
        ...(schema.type === 'integer' ? ['1e1', '0x10', '', '-5', '1.0', '9'.repeat(30), 'ten'] : []),
        ...(schema.type === 'boolean' ? ['1', 'yes', ''] : [])
      ]
      for (const value of bad) {
        const answer = await ask(`${name}=${value}`)
        t.equal(answer.status, 400, `${told}?${name}=${value}`)
        t.ok(
          answer.body.errors?.[0]?.pointer.startsWith(`/query/${name}`),
          `${told}?${name}=${value} is pointed at`
        )
      }
      if (schema.type !== 'array')
        t.equal((await ask(`${name}=a&${name}=b`)).status, 400, `${told}: ${name} twice`)
    }
    const answer = await ask('nobodyKnowsThis=1')
    t.match(
      answer,
      { status: 400, body: { errors: [{ pointer: '/query/nobodyKnowsThis' }] } },
      `${told}: an unknown parameter`
    )
  }
})

t.test('odd addresses are answered, not broken by', async (t) => {
  for (const id of [
    '1',
    'nothing',
    '00000000-0000-0000-0000-00000000000g',
    '%00',
    '%ff',
    'a'.repeat(600),
    '..%2f..',
    "'%3b--",
    '%F0%9F%92%A9'
  ]) {
    for (const { told, method, path } of targets.filter(({ told }) => told.includes('{id}'))) {
      const at = path.replace(/[0-9a-f-]{36}/, id)
      const answer = await api(`${method} ${at}`, {
        as: 'admin',
        ifMatch: 1,
        ...(writes.some((write) => write.told === told) && { body: {} })
      })
      t.ok([400, 404, 414].includes(answer.status), `${told} with ${id.slice(0, 20)}: ${answer.status}`)
    }
    for (const path of [
      '/v1/content/articles/',
      '/v1/content/tags/',
      '/v1/content/authors/',
      '/v1/content/lists/',
      '/v1/content/previews/',
      '/v1/content/resolve?path=/',
      '/s/',
      '/problems/',
      '/v1/site/',
      '/'
    ]) {
      const answer = await api(`GET ${path}${id}`, { as: 'admin' })
      t.ok([400, 404, 414].includes(answer.status), `GET ${path}${id.slice(0, 20)}: ${answer.status}`)
    }
  }
})

t.test('a known address says which methods it takes', async (t) => {
  const paths = new Set(targets.map(({ path }) => path))
  for (const path of paths) {
    const taken = targets.filter((target) => target.path === path).map(({ method }) => method)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (taken.includes(method)) continue
      const answer = await api(`${method} ${path}`)
      t.equal(answer.status, 405, `${method} ${path}`)
      t.same(
        answer.headers
          .get('allow')
          ?.split(', ')
          .filter((name) => name !== 'HEAD')
          .sort(),
        taken.sort(),
        `${path} allows`
      )
    }
  }
})
