/**
 * The examples of the OpenAPI document work: each operation is asked as its example says, first with what it needs, then
 * with each parameter it can do without, and gives what the document calls success.
 */
import t from 'tap'
import { receiver } from '../events/webhooks/receiver.ts'
import { newsroom } from '../helper.ts'
import { preparations, type Ready } from './example-things.ts'

type Parameter = { in: string; name: string; required?: boolean; example: unknown }
type Operation = {
  operationId: string
  security: object[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { example: unknown }> }
  responses: Record<string, object>
}

const room = await newsroom(t, { webhookAllow: ['127.0.0.0/8'] })
const { url: hook } = await receiver(t)
const { api } = room
const document = room.app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
const rows = preparations(room, hook)
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() }))
)
type Asked = (typeof operations)[number]

/** One is there for each way to name one, and no list is empty because of it. */
const author = room.userIds.author
const moment = new Date(Date.now() + 3_600_000).toISOString()
const named: Record<string, string> = { user: author, createdBy: author, at: moment }

const isPublic = ({ security }: Asked) => security.some((way) => Object.keys(way).length === 0)

/** Sends the example with these of its query parameters. */
async function send(asked: Asked, ready: Ready, parameters: Parameter[]) {
  const { path, method, requestBody } = asked
  const real = path.replace(/\{(\w+)\}/g, (_braces, name) => {
    const value = ready.path?.[name]
    if (value === undefined) throw new Error(`${asked.operationId}: its row says nothing of {${name}}`)
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const { name, example } of parameters)
    for (const value of [ready.query?.[name] ?? named[name] ?? example].flat())
      query.append(name, String(value))
  const example = Object.values(requestBody?.content ?? {})[0]?.example
  // Another moment than now is for those who work here.
  const isOpen = isPublic(asked) && !query.has('at')
  return api(`${method} ${real}${query.size > 0 ? `?${query}` : ''}`, {
    as: ready.as ?? (isOpen ? 'nobody' : 'admin'),
    token: ready.token,
    ifMatch: ready.ifMatch,
    body: ready.body ? ready.body(example) : example
  })
}

/** What the document calls success, or the one of them that the row expects. */
function successesOf({ responses }: Asked, { status }: Ready) {
  const told = Object.keys(responses)
    .map(Number)
    .filter((code) => code < 300)
  return status === undefined ? told : [status]
}

t.test('every operation has a row, and every row an operation', async (t) => {
  const ids = operations.map(({ operationId }) => operationId)
  t.same(
    ids.filter((id) => !rows[id]),
    [],
    'say in test/openapi/example-things.ts what must be there for it'
  )
  t.same(
    Object.keys(rows).filter((id) => !ids.includes(id.split('?')[0] ?? '')),
    []
  )
})

for (const asked of operations) {
  const { operationId, parameters = [] } = asked
  const prepare = rows[operationId]
  if (!prepare) continue
  t.test(`${operationId} (${asked.method} ${asked.path})`, async (t) => {
    const queries = parameters.filter((parameter) => parameter.in === 'query')
    const needed = queries.filter(({ required }) => required)
    const works = async (ready: Ready, asking: Parameter[], told: string) => {
      const { status, text } = await send(asked, ready, asking)
      const wanted = successesOf(asked, ready)
      t.ok(
        wanted.includes(status),
        `${told}: ${wanted} expected, ${status} came ${status < 400 ? '' : text.slice(0, 300)}`
      )
    }
    const first = await prepare()
    await works(first, needed, 'with what it needs')
    for (const parameter of queries.filter(({ required }) => !required)) {
      const { name } = parameter
      const own = rows[`${operationId}?${name}`]
      // What only reads leaves everything as it was.
      const ready = asked.method === 'GET' && !own ? { ...first } : await (own ?? prepare)()
      if (name === 'cursor') ready.query = { ...ready.query, cursor: await cursorOf(asked, ready, needed) }
      await works(ready, [...needed, parameter], `with ${name}`)
    }
  })
}

/** A cursor says where a page of this very list ended. */
async function cursorOf(asked: Asked, ready: Ready, needed: Parameter[]): Promise<string> {
  if (asked.operationId === 'streamChanges')
    return cursorOf(operations.find(({ operationId }) => operationId === 'listChanges') as Asked, ready, [])
  const { body } = await send(asked, ready, [...needed, { in: 'query', name: 'limit', example: 1 }])
  if (typeof body.page?.next !== 'string')
    throw new Error(`${asked.operationId} has no second page to go on to`)
  return body.page.next
}
