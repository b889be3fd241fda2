/**
 * The whole app over a real database, spoken to over HTTP. Every answer is checked against the OpenAPI document, and
 * no public answer may hold the canary that drafts carry.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { buildApp } from '../src/app.ts'
import { system } from '../src/audit/audit.ts'
import type { Config } from '../src/config.ts'
import {
  type Database,
  type DatabaseSettings,
  openDatabase,
  prepareSchema
} from '../src/database/database.ts'
import { readMigrations } from '../src/database/migrations.ts'
import { grantsFor } from '../src/database/readers.ts'
import { createUser } from '../src/people/users.ts'
import { root } from '../src/root.ts'
import { makeReady } from '../src/start.ts'
import { SECRET } from './start/process.ts'
import { toldBy } from './told.ts'

/** Stands in every text that readers must not see. */
export const CANARY = 'C4N4RY'
export const PASSWORD = 'seven small boats at dusk'
export const roles = ['contributor', 'author', 'editor', 'admin'] as const
export type Who = (typeof roles)[number] | 'nobody'
/** For who-may tables. */
export const everyone: readonly Who[] = ['nobody', ...roles]

export type Answer = {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever shape they expect, and fail where it is not there
  body: any
  text: string
}

/** What people come with; without it every test would be a robot's. */
export const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

export type Options = {
  as?: Who
  /** An access token, instead of `as`. */
  token?: string
  body?: unknown
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array
  ifMatch?: number | string
  headers?: Record<string, string>
  /** The status that must come. */
  expect?: number | readonly number[]
}

export type Newsroom = {
  app: FastifyInstance
  db: Database
  config: Config
  url: string
  /** `api('POST /v1/tags', { as: 'editor', body: {…}, expect: 201 })` */
  api: (request: string, options?: Options) => Promise<Answer>
  tokens: Record<Exclude<Who, 'nobody'>, string>
  userIds: Record<Exclude<Who, 'nobody'>, string>
  /** How many SQL statements (BEGIN and COMMIT too) ran while `work` did. */
  statements: (work: () => Promise<unknown>) => Promise<number>
}

type Test = { teardown: (work: () => Promise<void> | void) => void }

/** As in production, but for addresses, secrets, and how often one address may ask. */
export const configFor = (database: DatabaseSettings): Config => ({
  port: 0,
  host: '127.0.0.1',
  publicUrl: 'http://dateline.test',
  database,
  secret: SECRET,
  firstAdmin: null,
  oidc: null,
  trustProxy: false,
  corsOrigins: [],
  webhookAllow: [],
  logLevel: process.env.TEST_LOG ?? 'silent',
  demo: false,
  production: false,
  cacheBytes: 64 * 1024 * 1024,
  metricsPort: null,
  drainSeconds: 0,
  slowStatementMs: 500,
  // All tests come from one address, and do in a minute what a newsroom does in a month.
  limits: { editing: 1_000_000, search: 1_000_000, previews: 1_000_000, refresh: 1_000_000, reading: 0 }
})

/** A newsroom with one person of each role and an English and a Russian site, gone when the test is. */
export async function newsroom(t: Test, changes: Partial<Config> = {}): Promise<Newsroom> {
  const { settings, drop } = await freshDatabase()
  const config: Config = { ...configFor(settings), ...changes }
  const { db } = await makeReady(config)
  const app = await buildApp(config, db)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    await db.close()
    await drop()
  })
  const tokens = {} as Newsroom['tokens']
  const userIds = {} as Newsroom['userIds']
  const api = speaker(app, url, tokens)
  for (const role of roles) {
    const user = await createUser(db, system, {
      email: `${role}@example.org`,
      name: `Test ${role}`,
      role,
      password: PASSWORD
    })
    const session = await api('POST /v1/sessions', {
      body: { email: user.email, password: PASSWORD },
      expect: 201
    })
    tokens[role] = session.body.accessToken
    userIds[role] = user.id
  }
  for (const [locale, fallbacks] of [
    ['en', []],
    ['ru', ['en']]
  ] as const) {
    const body = {
      name: `Site ${locale}`,
      fallbacks,
      articleUrl: 'https://news.example/{locale}/{slug}',
      timeZone: 'UTC',
      copyright: '© {year} Site'
    }
    await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: 0, body, expect: 200 })
  }
  return { app, db: behind(app, db), config, url, api, tokens, userIds, statements: countStatements }
}

/** The database as tests use it: what is changed behind the service's back is told to its cache. */
function behind(app: FastifyInstance, db: Database): Database {
  return {
    ...db,
    async query(statement, values) {
      const rows = await db.query(statement, values)
      if (/\b(UPDATE|INSERT|DELETE)\b/.test(statement.text)) app.cache.freshness.forget()
      return rows as never
    }
  }
}

// ---- Databases -------------------------------------------------------------------------------------------------------

/**
 * An empty, migrated database of one's own: on the server TEST_DATABASE_URL names, else embedded. With TEST_DATABASE_READER
 * the content side reads it as a role of its own. With `migrated: false` it is really empty, on a server.
 */
export async function freshDatabase({ migrated = true } = {}): Promise<{
  settings: DatabaseSettings
  drop: () => Promise<void>
}> {
  const server = process.env.TEST_DATABASE_URL
  if (!server) {
    const folder = mkdtempSync(join(tmpdir(), 'dateline-'))
    cpSync(await embeddedTemplate(), folder, { recursive: true })
    return {
      settings: { kind: 'embedded', folder },
      drop: async () => rmSync(folder, { recursive: true, force: true })
    }
  }
  const name = `dateline_test_${randomBytes(8).toString('hex')}`
  await onServer(
    server,
    `CREATE DATABASE ${name} TEMPLATE ${migrated ? await serverTemplate(server) : 'template1'}`
  )
  const url = new URL(server)
  url.pathname = `/${name}`
  const settings = {
    ...{ kind: 'server' as const, url: url.href, directUrl: url.href, prepare: true, connections: 10 },
    ...(process.env.TEST_DATABASE_READER && { readerUrl: await makeReader(url.href, name) })
  }
  return {
    settings,
    drop: async () => {
      await onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      if (settings.readerUrl) await onServer(server, `DROP ROLE ${name}`)
    }
  }
}

/** A role that may read what readers see of a database, once that is migrated. Answers with its address. */
export async function makeReader(url: string, role: string): Promise<string> {
  const db = await openDatabase({ kind: 'server', url, directUrl: url, prepare: true, connections: 1 })
  await db.alone(prepareSchema)
  await db.close()
  await onServer(url, `CREATE ROLE ${role} LOGIN PASSWORD 'reads'`)
  await onServer(url, grantsFor(role))
  return Object.assign(new URL(url), { username: role, password: 'reads' }).href
}

export async function onServer(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const migrationsKey = () =>
  createHash('sha256').update(JSON.stringify(readMigrations())).digest('hex').slice(0, 16)

/** A migrated database, made once for each set of migrations and server: copying it saves each file the migrations. */
async function serverTemplate(server: string): Promise<string> {
  const name = `dateline_template_${migrationsKey()}`
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    // Held until the connection ends: several files begin at once.
    await client.query(`SELECT pg_advisory_lock(hashtext('${name}'))`)
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = '${name}'`)
    if (rowCount) return name
    const draft = `${name}_draft`
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
    await client.query(`CREATE DATABASE ${draft}`)
    const url = Object.assign(new URL(server), { pathname: `/${draft}` }).href
    const db = await openDatabase({ kind: 'server', url, directUrl: url, prepare: true, connections: 1 })
    await db.alone(prepareSchema)
    await db.close()
    // What has the name is whole, and nobody is connected to it.
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`)
    return name
  } finally {
    await client.end()
  }
}

/** A migrated data folder, made once for each set of migrations: copying it saves each file an initdb. */
async function embeddedTemplate(): Promise<string> {
  const cache = fileURLToPath(new URL('node_modules/.cache/dateline/', root))
  const template = join(cache, `template-${migrationsKey()}`)
  if (existsSync(template)) return template
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'making-'))
  const db = await openDatabase({ kind: 'embedded', folder })
  await db.alone(prepareSchema)
  await db.close()
  try {
    renameSync(folder, template)
  } catch {
    // Another test file was faster.
    rmSync(folder, { recursive: true, force: true })
  }
  return template
}

type Named = pg.Client & { connectionParameters: { application_name?: string } }
let statementCount = 0
// biome-ignore lint/suspicious/noExplicitAny: pg's query has a dozen overloads, all of them passed on
const query = pg.Client.prototype.query as any
// biome-ignore lint/suspicious/noExplicitAny: see above
pg.Client.prototype.query = function (this: pg.Client, ...parameters: any[]) {
  // What no request asked for has a name: connections that none uses, and statements of the cache.
  const text: unknown = typeof parameters[0] === 'string' ? parameters[0] : parameters[0]?.text
  const byItself =
    (this as Named).connectionParameters.application_name?.startsWith('dateline: ') ||
    String(text).startsWith('/* cache */') ||
    /^LISTEN\b/.test(String(text))
  if (!byItself) statementCount++
  return query.apply(this, parameters)
  // biome-ignore lint/suspicious/noExplicitAny: see above
} as any

async function countStatements(work: () => Promise<unknown>) {
  const before = statementCount
  await work()
  return statementCount - before
}

// ---- Speaking HTTP ---------------------------------------------------------------------------------------------------

function speaker(app: FastifyInstance, url: string, tokens: Newsroom['tokens']): Newsroom['api'] {
  answerCheck ??= makeAnswerCheck(app)
  const check = answerCheck
  return async (request, { as = 'nobody', token, body, raw, ifMatch, headers = {}, expect } = {}) => {
    const [method = 'GET', path = '/'] = request.split(' ')
    const bearer = token ?? (as === 'nobody' ? undefined : tokens[as])
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': BROWSER,
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': typeof ifMatch === 'number' ? `"${ifMatch}"` : ifMatch }),
        ...headers
      },
      body: (raw as string | undefined) ?? (body === undefined ? undefined : JSON.stringify(body))
    })
    // A stream never ends: its head is all there is to say of it.
    const endless = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (endless) await response.body?.cancel()
    const text = endless ? '' : await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text ? JSON.parse(text) : text
    }
    if (expect !== undefined && ![expect].flat().includes(answer.status)) {
      assert.fail(`${request} as ${as}: expected ${expect}, got ${answer.status}: ${text.slice(0, 800)}`)
    }
    check(method, path, answer)
    return answer
  }
}

/** One for all newsrooms of a process: what the document tells of is the same for each. */
let answerCheck: ReturnType<typeof makeAnswerCheck> | undefined

/** Fails when an answer is not one that the OpenAPI document tells of, or lets a canary out. */
function makeAnswerCheck(app: FastifyInstance) {
  const document = toldBy(app)
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const compiled = new Map<string, ValidateFunction>()
  const routes = Object.keys(document.paths)
    .map((path) => ({
      path,
      matcher: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`)
    }))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)

  return (method: string, target: string, { status, headers, text, body }: Answer) => {
    const told = `${method} ${target} → ${status}`
    assert.ok(headers.get('x-request-id'), `${told} has no x-request-id`)
    assert.ok(status !== 500, `${told}: ${text}`)
    const problem = (headers.get('content-type') ?? '').startsWith('application/problem+json')
    if (status >= 400 && method !== 'HEAD') assert.ok(problem, `${told} is not a problem: ${text}`)
    const path = target.split('?')[0] ?? ''
    const route = routes.find(({ matcher }) => matcher.test(path))
    const operation = route && document.paths[route.path]?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
    if (!operation) {
      assert.ok([404, 405, 400, 200, 429].includes(status), `${told} is told of nowhere`)
      return
    }
    const open = operation.security?.some((scheme) => Object.keys(scheme).length === 0)
    // What is for one pair of eyes is not public: a preview that works, and another moment than now.
    const secret = /^\/v1\/content\/previews\//.test(path) && status === 200
    const elsewhen = /[?&]at=/.test(target)
    if (open && !secret && !elsewhen) assert.ok(!text.includes(CANARY), `${told} lets a draft out: ${text}`)
    const answer = operation.responses[status]
    assert.ok(answer, `${told} is not in the OpenAPI document`)
    const shared = answer.$ref?.split('/').at(-1)
    if (method === 'HEAD' || !text) return
    const media = (headers.get('content-type') ?? '').split(';')[0] ?? ''
    const content = (shared ? document.components.responses[shared] : answer)?.content?.[media]
    assert.ok(content, `${told} is ${media}, which the OpenAPI document does not tell of`)
    if (!media.endsWith('json')) return
    const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
    const place = shared
      ? ['components', 'responses', shared]
      : ['paths', route.path, method.toLowerCase(), 'responses', String(status)]
    const pointer = [...place, 'content', media, 'schema'].map(escaped).join('/')
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#/${pointer}` })
    compiled.set(pointer, validate)
    assert.ok(
      validate(body),
      `${told} is not what the OpenAPI document says: ${JSON.stringify(validate.errors?.slice(0, 3))} ${text.slice(0, 500)}`
    )
  }
}

// ---- Things to begin with --------------------------------------------------------------------------------------------

let counter = 0
/** A word that is nowhere else in this run. */
export const unique = (word = 'x') => `${word}-${process.pid}-${++counter}`

/** A draft nobody outside may see: it carries the canary. Answers with the article as the API shows it. */
export async function draft(
  { api }: Newsroom,
  { as = 'editor', ...fields }: { as?: Who; [field: string]: unknown } = {}
) {
  const body = {
    locale: 'en',
    headline: `${CANARY} ${unique('draft')}`,
    standfirst: CANARY,
    body: { markdown: `A ${CANARY} in the body.` },
    ...fields
  }
  return (await api('POST /v1/articles', { as, body, expect: 201 })).body
}

/** A live article. Answers with the article as the API shows it after it was published. */
export async function story(
  room: Newsroom,
  { as = 'editor', ...fields }: { as?: Who; [field: string]: unknown } = {}
) {
  const article = await draft(room, {
    as,
    headline: `Story ${unique()}`,
    standfirst: 'In two sentences.',
    body: { markdown: 'It was **late**.' },
    ...fields
  })
  await room.api(`POST /v1/articles/${article.id}/publications`, {
    as: as === 'contributor' ? 'editor' : as,
    ifMatch: article.version,
    body: {},
    expect: 201
  })
  return (await room.api(`GET /v1/articles/${article.id}`, { as, expect: 200 })).body
}

/**
 * Changes a table behind the service's back. The service looks at the timeline meanwhile and may hold the locks this needs
 * in another order: one of the two then has to begin again.
 */
export async function alter(db: Database, text: string) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.query({ text }, [])
    } catch (error) {
      if (attempt >= 20 || (error as { code?: string }).code !== '40P01') throw error
    }
  }
}

/** A live article as `story` makes it, without the share links that each has from its first publication on. */
export async function bareStory(room: Newsroom, fields: Parameters<typeof story>[1] = {}) {
  const article = await story(room, fields)
  await room.db.query({ text: 'DELETE FROM share_links WHERE article_id = $1::uuid' }, [article.id])
  return article
}

export async function tag({ api }: Newsroom, fields: Record<string, unknown> = {}) {
  return (
    await api('POST /v1/tags', {
      as: 'editor',
      body: { kind: 'topic', names: { en: unique('Tag') }, ...fields },
      expect: 201
    })
  ).body
}

export async function author({ api }: Newsroom, fields: Record<string, unknown> = {}) {
  return (
    await api('POST /v1/authors', { as: 'editor', body: { name: unique('Author'), ...fields }, expect: 201 })
  ).body
}
