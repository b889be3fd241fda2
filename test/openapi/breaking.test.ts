/** What counts as breaking, case by case; and that nothing breaks what was released. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { root } from '../../src/root.ts'
import { type Api, breakingChanges } from './breaking.ts'
import { documentOf } from './document.ts'

/** A small service, with one of everything. */
const base = () => ({
  paths: {
    '/boats/{id}': {
      get: {
        operationId: 'getBoat',
        parameters: [
          { in: 'path', name: 'id', required: true, schema: { type: 'string', maxLength: 36 } },
          { in: 'query', name: 'sort', schema: { type: 'string', enum: ['name', '-name'] } },
          { in: 'query', name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 100 } },
          { in: 'header', name: 'if-match', schema: { type: 'string' } }
        ],
        responses: {
          200: {
            headers: { ETag: {} },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Boat' } } }
          },
          404: { $ref: '#/components/responses/Problem' }
        },
        security: [{}, { bearer: [] }],
        'x-scopes': ['boats:read', 'boats:write']
      },
      post: {
        operationId: 'changeBoat',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NewBoat' } } }
        },
        responses: { 200: { content: { 'text/plain': { schema: { type: 'string' } } } } },
        security: [{ bearer: [] }]
      }
    }
  },
  webhooks: {
    event: {
      post: {
        parameters: [{ in: 'header', name: 'webhook-id' }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Boat' } } } },
        responses: {}
      }
    }
  },
  components: {
    schemas: {
      Boat: {
        type: 'object',
        required: ['id', 'name', 'state'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          name: { type: 'string', maxLength: 100 },
          state: { enum: ['afloat', 'ashore'] },
          rig: { enum: ['sloop', 'ketch'], 'x-extensible': true },
          note: { type: 'string' },
          tender: { anyOf: [{ $ref: '#/components/schemas/Boat' }, { type: 'null' }] },
          crew: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 50 } }
        },
        additionalProperties: false
      },
      NewBoat: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 100 },
          state: { enum: ['afloat', 'ashore'] },
          length: { type: 'number' },
          note: { anyOf: [{ type: 'string', maxLength: 500 }, { type: 'null' }] },
          names: {
            type: 'object',
            patternProperties: { '^[a-z]{2}$': { type: 'string', maxLength: 50 } },
            additionalProperties: false
          },
          crew: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 50 } }
        },
        additionalProperties: false
      }
    },
    responses: {
      Problem: {
        headers: { 'Retry-After': {} },
        content: { 'application/problem+json': { schema: { type: 'object' } } }
      }
    }
  }
})
// biome-ignore lint/suspicious/noExplicitAny: each row reaches for what it changes
type Loose = any
type Row = [what: string, change: (api: Loose) => void, pointer?: string, words?: RegExp]

const get = (api: Loose) => api.paths['/boats/{id}'].get
const post = (api: Loose) => api.paths['/boats/{id}'].post
const sent = (api: Loose) => api.components.schemas.NewBoat
const shown = (api: Loose) => api.components.schemas.Boat
const GET = '#/paths/~1boats~1{id}/get'
const POST = '#/paths/~1boats~1{id}/post'
const SENT = '#/components/schemas/NewBoat/properties'
const SHOWN = '#/components/schemas/Boat/properties'

const breaking: Row[] = [
  ['an operation goes', (api) => delete api.paths['/boats/{id}'].get, GET, /not there any more/],
  [
    'an operation gets another id',
    (api) => (get(api).operationId = 'readBoat'),
    `${GET}/operationId`,
    /getBoat and is readBoat/
  ],
  [
    'a parameter goes',
    (api) => get(api).parameters.splice(1, 1),
    `${GET}/parameters`,
    /query parameter sort is not taken/
  ],
  [
    'a parameter is new and needed',
    (api) => get(api).parameters.push({ in: 'query', name: 'at', required: true }),
    `${GET}/parameters/4`,
    /at is new and must be sent/
  ],
  [
    'a parameter is needed now',
    (api) => (get(api).parameters[1].required = true),
    `${GET}/parameters/1/required`,
    /must be sent now/
  ],
  [
    'a parameter takes fewer values',
    (api) => get(api).parameters[1].schema.enum.pop(),
    `${GET}/parameters/1/schema`,
    /enum/
  ],
  [
    'a parameter takes less',
    (api) => (get(api).parameters[2].schema.maximum = 50),
    `${GET}/parameters/2/schema`,
    /maximum was 100 and is 50/
  ],
  [
    'a parameter takes more only',
    (api) => (get(api).parameters[2].schema.minimum = 10),
    `${GET}/parameters/2/schema`,
    /minimum/
  ],
  [
    'a part of the address takes less',
    (api) => (get(api).parameters[0].schema.pattern = '^a'),
    `${GET}/parameters/0/schema`,
    /pattern/
  ],
  [
    'a parameter is of another type',
    (api) => (get(api).parameters[2].schema.type = 'string'),
    `${GET}/parameters/2/schema`,
    /type/
  ],
  [
    'a parameter is written otherwise',
    (api) => (get(api).parameters[1].explode = false),
    `${GET}/parameters/1/explode`
  ],
  [
    'a body is needed',
    (api) => (post(api).requestBody.required = true),
    `${POST}/requestBody`,
    /must be sent/
  ],
  ['a body is not taken', (api) => delete post(api).requestBody, `${POST}/requestBody`, /not taken/],
  [
    'a media type of a body goes',
    (api) => (post(api).requestBody.content = { 'text/csv': {} }),
    `${POST}/requestBody/content`,
    /application\/json/
  ],
  [
    'a member is not taken',
    (api) => delete sent(api).properties.length,
    `${SENT}/length`,
    /not taken any more/
  ],
  ['a member must be sent', (api) => sent(api).required.push('state'), `${SENT}/state`, /must be sent now/],
  [
    'a new member must be sent',
    (api) => {
      sent(api).properties.port = {}
      sent(api).required.push('port')
    },
    `${SENT}/port`,
    /must be sent now/
  ],
  ['a member takes fewer values', (api) => sent(api).properties.state.enum.pop(), `${SENT}/state`, /enum/],
  [
    'a member becomes one value',
    (api) => (sent(api).properties.state = { const: 'afloat' }),
    `${SENT}/state`,
    /const/
  ],
  [
    'a member takes whole numbers only',
    (api) => (sent(api).properties.length.type = 'integer'),
    `${SENT}/length`,
    /type/
  ],
  [
    'a member is shorter',
    (api) => (sent(api).properties.name.maxLength = 80),
    `${SENT}/name`,
    /maxLength was 100 and is 80/
  ],
  ['a member is longer', (api) => (sent(api).properties.name.minLength = 2), `${SENT}/name`, /minLength/],
  [
    'a member gets a bound',
    (api) => (sent(api).properties.length.maximum = 9),
    `${SENT}/length`,
    /maximum was not said and is 9/
  ],
  ['a member gets a format', (api) => (sent(api).properties.name.format = 'email'), `${SENT}/name`, /format/],
  [
    'null is not taken',
    (api) => sent(api).properties.note.anyOf.pop(),
    `${SENT}/note`,
    /takes "null" no more|takes null no more/
  ],
  [
    'one of the kinds takes less',
    (api) => (sent(api).properties.note.anyOf[0].maxLength = 9),
    `${SENT}/note`,
    /maxLength/
  ],
  ['fewer items are taken', (api) => (sent(api).properties.crew.maxItems = 5), `${SENT}/crew`, /maxItems/],
  [
    'items must differ',
    (api) => (sent(api).properties.crew.uniqueItems = true),
    `${SENT}/crew`,
    /uniqueItems/
  ],
  [
    'items are shorter',
    (api) => (sent(api).properties.crew.items.maxLength = 5),
    `${SENT}/crew/items`,
    /maxLength/
  ],
  [
    'values by name are shorter',
    (api) => (sent(api).properties.names.patternProperties['^[a-z]{2}$'].maxLength = 5),
    `${SENT}/names/patternProperties/^[a-z]{2}$`,
    /maxLength/
  ],
  [
    'names are not taken',
    (api) => (sent(api).properties.names.patternProperties = {}),
    `${SENT}/names/patternProperties/^[a-z]{2}$`,
    /not taken/
  ],
  [
    'a needed member of the answer goes',
    (api) => {
      delete shown(api).properties.name
      shown(api).required = ['id', 'state']
    },
    `${SHOWN}/name`,
    /not answered any more/
  ],
  [
    'another member of the answer goes',
    (api) => delete shown(api).properties.note,
    `${SHOWN}/note`,
    /not answered any more/
  ],
  [
    'a member of the answer may be missing',
    (api) => shown(api).required.pop(),
    `${SHOWN}/state`,
    /may be missing now/
  ],
  [
    'a member of the answer may be null',
    (api) => (shown(api).properties.name = { anyOf: [shown(api).properties.name, { type: 'null' }] }),
    `${SHOWN}/name`,
    /may be .*null.* now/
  ],
  [
    'a member of the answer has more values',
    (api) => shown(api).properties.state.enum.push('lost'),
    `${SHOWN}/state`,
    /enum/
  ],
  [
    'a member of the answer is of another type',
    (api) => (shown(api).properties.note.type = 'integer'),
    `${SHOWN}/note`,
    /type/
  ],
  [
    'a member of the answer is longer',
    (api) => (shown(api).properties.name.maxLength = 200),
    `${SHOWN}/name`,
    /maxLength was 100 and is 200/
  ],
  [
    'a member of the answer loses its format',
    (api) => delete shown(api).properties.id.format,
    `${SHOWN}/id`,
    /format/
  ],
  [
    'there are more items in the answer',
    (api) => (shown(api).properties.crew.maxItems = 20),
    `${SHOWN}/crew`,
    /maxItems/
  ],
  ['a status goes', (api) => delete get(api).responses[404], `${GET}/responses/404`, /not answered/],
  [
    'there is another success',
    (api) => (get(api).responses[202] = {}),
    `${GET}/responses/202`,
    /new way to succeed/
  ],
  [
    'an answer has another media type',
    (api) => (post(api).responses[200].content = { 'text/html': {} }),
    `${POST}/responses/200/content`,
    /text\/plain/
  ],
  [
    'a header of an answer goes',
    (api) => delete get(api).responses[200].headers.ETag,
    `${GET}/responses/200/headers`,
    /ETag/
  ],
  [
    'a shared answer loses a header',
    (api) => (api.components.responses.Problem.headers = {}),
    '#/components/responses/Problem/headers',
    /Retry-After/
  ],
  ['a token is needed', (api) => get(api).security.shift(), `${GET}/security`, /no token is not enough/],
  [
    'a token alone is not enough',
    (api) => (post(api).security = [{ bearer: [], code: [] }]),
    `${POST}/security`,
    /bearer is not enough/
  ],
  [
    'a scope is not enough',
    (api) => get(api)['x-scopes'].shift(),
    `${GET}/x-scopes`,
    /boats:read is not enough/
  ],
  [
    'a scope is needed',
    (api) => (post(api)['x-scopes'] = ['boats:write']),
    `${POST}/x-scopes`,
    /needs boats:write now/
  ],
  ['an event goes', (api) => delete api.webhooks.event, '#/webhooks/event/post', /not there/],
  [
    'a header of an event goes',
    (api) => api.webhooks.event.post.parameters.pop(),
    '#/webhooks/event/post/parameters',
    /webhook-id/
  ]
]

const harmless: Row[] = [
  ['nothing', () => {}],
  ['an operation is new', (api) => (api.paths['/boats'] = { get: get(api) })],
  [
    'a part of the address is called otherwise',
    (api) => {
      get(api).parameters[0].name = 'boat'
      api.paths = { '/boats/{boat}': api.paths['/boats/{id}'] }
    }
  ],
  ['a parameter is new', (api) => get(api).parameters.unshift({ in: 'query', name: 'at' })],
  [
    'a parameter takes more',
    (api) => {
      get(api).parameters[1].schema.enum.push('age')
      get(api).parameters[2].schema.maximum = 1000
    }
  ],
  [
    'a header is spelled otherwise',
    (api) => {
      get(api).parameters[3].name = 'If-Match'
      get(api).responses[200].headers = { etag: {} }
    }
  ],
  [
    'of values more of which may come, one more is answered',
    (api) => {
      shown(api).properties.rig.enum.push('yawl')
    }
  ],
  ['a member is new', (api) => (sent(api).properties.port = { type: 'string' })],
  ['a member need not be sent', (api) => (sent(api).required = [])],
  [
    'a member takes more',
    (api) => {
      sent(api).properties.name.maxLength = 200
      sent(api).properties.name.minLength = 0
    }
  ],
  [
    'null is taken',
    (api) => (sent(api).properties.state = { anyOf: [sent(api).properties.state, { type: 'null' }] })
  ],
  ['all members are taken', (api) => (sent(api).additionalProperties = true)],
  [
    'a member of the answer is new',
    (api) => {
      shown(api).properties.port = {}
      shown(api).required.push('port')
    }
  ],
  ['a member of the answer is always there', (api) => shown(api).required.push('note')],
  [
    'a member of the answer is never null',
    (api) => (shown(api).properties.tender = { $ref: '#/components/schemas/Boat' })
  ],
  ['a member of the answer has fewer values', (api) => shown(api).properties.state.enum.pop()],
  ['a member of the answer is shorter', (api) => (shown(api).properties.name.maxLength = 9)],
  ['a refusal is new', (api) => (get(api).responses[409] = {})],
  ['a header of an answer is new', (api) => (get(api).responses[200].headers.Age = {})],
  ['no token is needed', (api) => post(api).security.push({})],
  ['another scope will do', (api) => get(api)['x-scopes'].push('boats:all')],
  [
    'words are others',
    (api) => {
      get(api).summary = 'Read'
      sent(api).properties.name.description = 'Its name.'
      sent(api).examples = [{}]
    }
  ],
  [
    'a component has another name',
    (api) => {
      api.components.schemas.Vessel = api.components.schemas.Boat
      shown(api).properties.tender.anyOf[0].$ref = '#/components/schemas/Vessel'
      get(api).responses[200].content['application/json'].schema.$ref = '#/components/schemas/Vessel'
    }
  ]
]

const changed = (change: (api: Loose) => void) => {
  const api = base()
  change(api)
  return breakingChanges(base() as unknown as Api, api as unknown as Api)
}

for (const [what, change, pointer, words = /\S/] of breaking)
  t.test(`breaks: ${what}`, async (t) => {
    const found = changed(change)
    t.ok(
      found.some((one) => one.pointer === pointer && words.test(one.words)),
      `${pointer} ${words}: ${JSON.stringify(found)}`
    )
    t.equal(found.length, 1, JSON.stringify(found))
  })
for (const [what, change] of harmless)
  t.test(`breaks nothing: ${what}`, async (t) => t.same(changed(change), []))

t.test('nothing breaks what was released', async (t) => {
  const released = JSON.parse(readFileSync(new URL('openapi/released.json', root), 'utf8'))
  t.ok(Object.keys(released.paths).length > 50, 'openapi/released.json is a whole document')
  t.same(
    breakingChanges(released, JSON.parse(await documentOf())),
    [],
    'if it is meant, see “The OpenAPI document” in CONTRIBUTING.md'
  )
})
