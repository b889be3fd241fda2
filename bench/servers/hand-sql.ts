/**
 * The yardstick for what is read from the database: Fastify and one hand-written, prepared statement per request, in
 * two ways: JSON built by Postgres, and rows made JSON here. It knows what these requests ask and nothing else: no
 * fallbacks, no checks, no ETag, no log.
 */
import Fastify from 'fastify'
import pg from 'pg'
import { addressOf, countView, follow, type Leading } from './hand-sql-counts.ts'
import { creating, type Given } from './hand-sql-creating.ts'
import { type Row, shown, shownFound, shownWhole } from './hand-sql-rows.ts'
import { CONFIGS, search } from './hand-sql-search.ts'
import { article, newest, type Statements, tagged } from './hand-sql-statements.ts'

/** As many connections as Dateline has. */
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL ?? '',
  max: 10,
  options: '-c jit=off',
  // All stay open, as Dateline's do: ten that end at once, ten seconds after a row of this server, hold up whoever is measured then.
  idleTimeoutMillis: 0
})
const app = Fastify()
const JSON_TYPE = 'application/json; charset=utf-8'

type Query = { locale: string; limit: string; cursor?: string; tag?: string; q?: string }
type Place = { publishedAt?: Date | string; score?: number; id: string }
type Position = [by: string | number | null, id: string | null]

const from = (cursor: string | undefined): Position =>
  cursor === undefined ? [null, null] : JSON.parse(Buffer.from(cursor, 'base64url').toString())
const cursorAt = (row: Place | undefined) =>
  row ? Buffer.from(JSON.stringify([row.score ?? row.publishedAt, row.id])).toString('base64url') : null

/** Both ways to answer with one article. */
app.get<{ Params: { slug: string }; Querystring: Query }>(
  '/postgres/v1/content/articles/:slug',
  async (request, reply) => {
    const { rows } = await pool.query({
      ...article.postgres,
      values: [request.params.slug, request.query.locale]
    })
    if (!rows[0]) return reply.code(404).send()
    return reply.type(JSON_TYPE).send(rows[0].json)
  }
)
app.get<{ Params: { slug: string }; Querystring: Query }>(
  '/node/v1/content/articles/:slug',
  async (request, reply) => {
    const { rows } = await pool.query<Row>({
      ...article.node,
      values: [request.params.slug, request.query.locale]
    })
    if (!rows[0]) return reply.code(404).send()
    return reply.type(JSON_TYPE).send(JSON.stringify(shownWhole(rows[0])))
  }
)

/** Both ways to answer with a page; `values` are those of the statement after $1, how many rows. */
function pages(
  path: string,
  statementsOf: (query: Query) => { statements: Statements; values: unknown[] },
  shownOf: (row: Row) => object = shown
) {
  app.get<{ Querystring: Query }>(`/postgres${path}`, async ({ query }, reply) => {
    const { statements, values } = statementsOf(query)
    const limit = Number(query.limit)
    const { rows } = await pool.query({ ...statements.postgres, values: [limit + 1, ...values] })
    const items = rows.slice(0, limit)
    const next = rows.length > limit ? cursorAt(items.at(-1)) : null
    const prev = query.cursor ? cursorAt(items[0]) : null
    const page = JSON.stringify({ limit, hasMore: rows.length > limit, next, prev })
    return reply.type(JSON_TYPE).send(`{"data":[${items.map(({ json }) => json).join(',')}],"page":${page}}`)
  })
  app.get<{ Querystring: Query }>(`/node${path}`, async ({ query }, reply) => {
    const { statements, values } = statementsOf(query)
    const limit = Number(query.limit)
    const { rows } = await pool.query<Row>({ ...statements.node, values: [limit + 1, ...values] })
    const data = rows.slice(0, limit)
    const next = rows.length > limit ? cursorAt(data.at(-1)) : null
    const page = { limit, hasMore: rows.length > limit, next, prev: query.cursor ? cursorAt(data[0]) : null }
    return reply.type(JSON_TYPE).send(JSON.stringify({ data: data.map(shownOf), page }))
  })
}

pages('/v1/content/articles', ({ locale, cursor, tag }) => {
  const position = from(cursor)
  return tag === undefined
    ? { statements: cursor ? newest.after : newest.first, values: cursor ? [locale, ...position] : [locale] }
    : {
        statements: cursor ? tagged.after : tagged.first,
        values: cursor ? [locale, tag, ...position] : [locale, tag]
      }
})

pages(
  '/v1/content/search',
  ({ locale, cursor, q }) => ({
    statements: cursor ? search.after : search.first,
    values: [locale, CONFIGS[locale], q, ...(cursor ? from(cursor) : [])]
  }),
  shownFound
)

app.post<{ Params: { id: string } }>('/v1/content/articles/:id/views', async ({ params }, reply) => {
  await pool.query({ ...countView, values: [params.id] })
  return reply.code(204).send()
})
app.get<{ Params: { code: string } }>('/s/:code', async ({ params }, reply) => {
  const { rows } = await pool.query<Leading>({ ...follow, values: [params.code] })
  if (!rows[0]) return reply.code(404).send()
  return reply.code(302).header('location', addressOf(rows[0])).send()
})

app.post<{ Body: Given; Headers: { 'x-writer': string } }>(
  '/v1/articles',
  async ({ body, headers }, reply) => {
    const { statement, shown } = creating(body, headers['x-writer'])
    const { rows } = await pool.query(statement)
    return reply
      .code(201)
      .type(JSON_TYPE)
      .send(JSON.stringify(shown(rows[0])))
  }
)

app.get('/ready', async () => {
  await pool.query('SELECT 1')
  return {}
})
process.on('SIGTERM', () => process.exit(0))

await app.listen({ port: Number(process.env.PORT), host: process.env.HOST ?? '127.0.0.1' })
