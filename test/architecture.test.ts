/** Imports show the structure. These rules keep it; they are told in CONTRIBUTING.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { READING_TABLES } from '../src/database/readers.ts'
import { root } from '../src/root.ts'

const src = fileURLToPath(new URL('src/', root))

type Import = { target: string; typeOnly: boolean }
type File = { name: string; text: string; code: string; imports: Import[] }

const files: File[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.split(sep).join('/'))
  .filter((name) => /\.(ts|js)$/.test(name) && !name.startsWith('database/generated/'))
  .map((name) => {
    const text = readFileSync(join(src, name), 'utf8')
    const imports = [
      ...text.matchAll(
        /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
      )
    ].map((match) => ({
      target: resolveImport(name, match[2] ?? match[3] ?? match[4] ?? ''),
      typeOnly: match[1] !== undefined
    }))
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
    return { name, text, code, imports }
  })

/** Our own files as paths under src, packages by their names. */
function resolveImport(from: string, target: string) {
  return target.startsWith('.')
    ? relative(src, join(src, dirname(from), target))
        .split(sep)
        .join('/')
    : target
}

const editing = [
  'articles',
  'tags',
  'authors',
  'share-links',
  'stats',
  'previews',
  'lists',
  'site',
  'redirects'
]
const folderOf = (name: string) => (name.includes('/') ? (name.split('/')[0] as string) : '')

/** For a rule: every import that breaks it, told as a line. */
const broken = (rule: (file: File, one: Import) => boolean) =>
  files.flatMap((file) =>
    file.imports.filter((one) => rule(file, one)).map(({ target }) => `${file.name} imports ${target}`)
  )

t.test('imports are found at all', async (t) => {
  t.ok(files.length > 40, `${files.length} files`)
  t.ok(files.flatMap((file) => file.imports).length > 200)
  t.same(
    files
      .flatMap(({ imports }) => imports.map(({ target }) => target))
      .filter((target) => target.startsWith('..')),
    [],
    'nothing reaches out of src'
  )
})

t.test('no cycles', async (t) => {
  const graph = new Map(
    files.map(({ name, imports }) => [
      name,
      imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target)
    ])
  )
  const cycles: string[] = []
  const done = new Set<string>()
  const walk = (name: string, path: string[]) => {
    if (path.includes(name)) {
      cycles.push([...path.slice(path.indexOf(name)), name].join(' → '))
      return
    }
    if (done.has(name)) return
    for (const next of graph.get(name) ?? []) walk(next, [...path, name])
    done.add(name)
  }
  for (const name of graph.keys()) walk(name, [])
  t.same(cycles, [])
})

t.test('features import neither app, server nor config', async (t) => {
  const top = ['app.ts', 'server.ts', 'cli.ts', 'start.ts', 'config.ts', 'welcome.ts']
  t.same(
    broken(
      (file, { target }) =>
        file.name.includes('/') &&
        top.includes(target) &&
        // Commands stand where the server stands: at the edge.
        !(file.name === 'cli/context.ts' && target === 'config.ts')
    ),
    []
  )
})

/** `routes.ts`, and what was split from it: `feed-routes.ts`. */
const isRoutes = (name: string) => /[/-]routes\.ts$/.test(name)

t.test('no route imports a route', async (t) => {
  t.same(
    broken((file, { target }) => isRoutes(file.name) && isRoutes(target)),
    []
  )
})

t.test('a schema imports only typebox, other schemas, the wire vocabulary and Prisma’s enums', async (t) => {
  // `schema.ts`, and what was split from it: `author-schema.ts`.
  const isSchema = (name: string) => /[/-]schema\.ts$/.test(name)
  const allowed = (target: string) =>
    target === 'typebox' ||
    isSchema(target) ||
    target === 'http/wire.ts' ||
    target === 'http/picture.ts' ||
    target === 'http/scopes.ts' ||
    target === 'database/generated/enums.ts' ||
    target === 'content/strings.ts'
  t.same(
    broken((file, { target }) => isSchema(file.name) && !allowed(target)),
    []
  )
})

t.test(
  'a POST that creates works on request.db, which is the transaction of an Idempotency-Key',
  async (t) => {
    const creators = files
      .filter(({ name }) => isRoutes(name))
      .flatMap(({ name, code }) => code.split(/(?=\n {2}app\.\w+\()/).map((route) => ({ name, route })))
      .filter(({ route }) => /^\n {2}app\.post\(/.test(route) && /\b201:/.test(route))
      .filter(({ route }) => !route.includes("access: 'public'"))
    t.ok(creators.length > 10, `${creators.length} of them`)
    t.same(
      creators
        .filter(({ route }) => /\bapp\.db\b/.test(route))
        .map(({ name, route }) => `${name}: ${route.slice(0, 80)}`),
      []
    )
  }
)

t.test('rules know no HTTP', async (t) => {
  const isRule = ({ name }: File) =>
    name.includes('/') &&
    !isRoutes(name) &&
    !/[/-]schema\.ts$/.test(name) &&
    !['http', 'database'].includes(folderOf(name))
  t.same(
    broken(
      (file, { target }) =>
        isRule(file) &&
        (target === 'fastify' ||
          target.startsWith('@fastify/') ||
          target === 'http/problems.ts' ||
          target === 'http/actor.ts')
    ),
    []
  )
  t.same(
    files
      .filter((file) => isRule(file) && /\b(reply|request)\s*[.:]/.test(file.code))
      .map(({ name }) => name),
    []
  )
})

t.test('the content side imports nothing of the editing side', async (t) => {
  const reach = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return seen
    seen.add(name)
    for (const { target } of files.find((file) => file.name === name)?.imports ?? []) reach(target, seen)
    return seen
  }
  for (const { name } of files.filter(({ name }) => ['content', 'counting'].includes(folderOf(name)))) {
    t.same(
      [...reach(name)].filter((target) => [...editing, 'publishing', 'people'].includes(folderOf(target))),
      [],
      `${name} reaches none`
    )
  }
})

t.test('the content side names only the reading tables', async (t) => {
  // The counters' own: who may only read sees the views of them.
  const counters = ['share_link_clicks', 'article_views', 'article_view_totals', 'visits', 'visitor_days']
  const statements = files.filter(({ name }) => ['content', 'counting'].includes(folderOf(name)))
  for (const { name, code } of statements) {
    const isContent = folderOf(name) === 'content'
    const reading = [...READING_TABLES, ...(isContent ? [] : counters)]
    const strings = [...code.matchAll(/`(?:[^`\\]|\\.)*`/g)].map(([text]) => text).join('\n')
    const local = new Set([...strings.matchAll(/\b(\w+) AS (?:MATERIALIZED )?\(/g)].map((match) => match[1]))
    const tables = [...strings.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)\b(?!\s*\()/g)].map(
      (match) => match[1] as string
    )
    t.same(
      tables.filter(
        (table) =>
          !reading.includes(table) &&
          !local.has(table) &&
          !['now', 'asked', 'chain', 'p', 'lateral', 'unnest'].includes(table)
      ),
      [],
      name
    )
    t.notMatch(code, /\bprisma\b/, `${name} uses no Prisma`)
    if (isContent) t.notMatch(code, /\bapp\.db\b|\bDatabase\b/, `${name} has a reader, and no database`)
  }
  t.ok(
    statements.some(({ code }) => code.includes('FROM publications')),
    'statements were looked at'
  )
})

t.test('one place each', async (t) => {
  const only = (what: string, pattern: RegExp, places: string[]) =>
    t.same(
      files
        .filter(({ name, code }) => pattern.test(code) && !places.some((place) => name.startsWith(place)))
        .map(({ name }) => name),
      [],
      what
    )
  only('only people/ touches jose', /from 'jose'/, ['people/'])
  only(
    'only database/ opens connections',
    /new (pg\.)?(Pool|Client|PrismaClient)\b|new PGlite|PGlite\.create/,
    ['database/']
  )
  only('only config.ts reads the environment', /process\.env/, ['config.ts'])
  only('only server.ts and cli.ts end the process', /process\.exit\b/, ['server.ts', 'cli.ts'])
  only('nobody prints but the server and the commands', /console\.|process\.stdout/, [
    'server.ts',
    'cli/output.ts'
  ])
})

t.test('files have their place and their size', async (t) => {
  t.same(
    files
      .filter(({ name }) =>
        /(^|\/)(utils|types|helpers|index|services?|repositor(y|ies)|controllers?)(\.ts|\/)/.test(name)
      )
      .map(({ name }) => name),
    []
  )
  t.same(
    files.filter(({ name }) => !/^[a-z0-9/-]+\.(ts|js)$/.test(name)).map(({ name }) => name),
    [],
    'kebab-case'
  )
  t.same(
    files
      .filter(({ name, text }) => !name.startsWith('demo/') && text.split('\n').length > 330)
      .map(({ name }) => name),
    [],
    'past about 300 lines, split by sub-resource'
  )
})
