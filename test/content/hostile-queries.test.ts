/**
 * Nothing a stranger can type breaks the reading side, or takes it long: thousands of distinct queries, to every public
 * GET route of it in the OpenAPI document. The same ones each time; HOSTILE_SEED=random sends others, HOSTILE_RUNS says
 * how many. A failure tells its address, and the seed that leads to it.
 */
import fc from 'fast-check'
import t from 'tap'
import { author, draft, newsroom, story, tag, unique } from '../helper.ts'
import { desk } from '../publishing/desk.ts'
import { type Known, type Question, questions, type Route } from './hostile-queries.ts'

const onServer = process.env.TEST_DATABASE_URL !== undefined
const { HOSTILE_RUNS = onServer ? '20000' : '3000', HOSTILE_SEED = '1125' } = process.env
const runs = Number(HOSTILE_RUNS)
const seed = HOSTILE_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(HOSTILE_SEED)
const AT_ONCE = 8
const LONGEST_MS = 1_000
/** An address and its headers have 16 KiB. */
const LONGEST_TARGET = 14_000
t.setTimeout(60_000 + runs * 60)

const room = await newsroom(t)
const { api, db } = room
const { patch, publish, unpublish, withdraw } = desk(room)
const editor = { as: 'editor' } as const

type Operation = Pick<Route, 'parameters'> & { tags: string[] }
const document = room.app.swagger() as unknown as { paths: Record<string, { get?: Operation }> }
const routes = Object.entries(document.paths).flatMap(([path, { get }]): Route[] => {
  // The stream never ends.
  if (!get || path === '/v1/content/stream') return []
  if (!get.tags.includes('Content') && !/^\/(v1\/content|s)\//.test(path)) return []
  return [{ path, parameters: get.parameters ?? [] }]
})

/** Some dozens of articles, with everything around them that can be asked for. */
async function furnish(): Promise<Known> {
  const words = {
    en: [
      'Harbour',
      'ferry',
      "fisherman's",
      'café',
      'naïve',
      're-opens',
      'Ærø',
      '1,200',
      'strike',
      'the',
      'ice-free',
      'O’Neill'
    ],
    ru: ['Паром', 'вернулся', 'гавань', 'ёлка', 'шторм', 'порт', 'рыбак', 'в', 'льдина', 'маяк']
  }
  const sources = ['Tide & Sand', 'The "Reed"', "Gull's", 'Прилив']
  const tags = []
  for (let index = 0; index < 12; index++)
    tags.push(
      await tag(room, {
        names: { en: `${words.en[index]} ${index}`, ...(index % 2 && { ru: words.ru[index % 10] }) }
      })
    )
  const authors = []
  for (let index = 0; index < 6; index++) authors.push(await author(room, { name: `Åsa O'Hara ${index}` }))
  const idOf = (list: { id: string }[], index: number) => list[index % list.length]?.id
  const articles = []
  for (let index = 0; index < 42; index++) {
    const locale = index % 3 === 2 ? 'ru' : 'en'
    const headline = [0, 1, 2, 3]
      .map((step) => words[locale][(index * (step + 1)) % words[locale].length])
      .join(' ')
    articles.push(
      await story(room, {
        locale,
        headline: `${headline} ${index}`,
        tags: [...new Set([idOf(tags, index), idOf(tags, index * 5 + 1), idOf(tags, 3)])],
        authors: [idOf(authors, index)],
        source:
          index % 4 ? null : { name: sources[(index / 4) % sources.length], url: 'https://source.example/' }
      })
    )
  }
  const [renamed, withdrawn, ended, translated] = articles
  const corrected = await patch(renamed, { slug: unique('another-slug'), kicker: 'Again' })
  await publish(corrected, { correction: 'It was "Tuesday" & <not> Monday.' })
  await withdraw(withdrawn, { expect: 200 })
  await unpublish(ended, { expect: 200 })
  const translation = await story(room, { locale: 'hy', headline: 'Նավահանգիստ' })
  await db.query({ text: 'UPDATE publications SET story_id = $1::uuid WHERE article_id = $2::uuid' }, [
    translated.storyId,
    translation.id
  ])
  const hidden = await draft(room)
  await api(`POST /v1/tags/${tags[11].id}/merge`, { ...editor, body: { into: tags[0].id }, expect: 200 })
  const list = await api('POST /v1/lists', {
    ...editor,
    body: { slug: unique('list'), titles: { en: 'World' }, size: 9, tail: { tag: tags[3].id } },
    expect: 201
  })
  for (const [path, to] of [
    ['/old/one', { storyId: translated.storyId }],
    ['/old/two?id=7', { target: '/old/one' }],
    ['/old/паром', { target: `/en/${translated.slug}` }]
  ] as const)
    await api('POST /v1/redirects', { ...editor, body: { path, ...to }, expect: 201 })
  const link = await api('POST /v1/share-links', {
    ...editor,
    body: { articleId: translated.id, channel: 'x', campaign: 'hostile' },
    expect: 201
  })
  const preview = await api(`POST /v1/articles/${translated.id}/previews`, {
    ...editor,
    body: {},
    expect: 201
  })
  await db.query(
    {
      text: `INSERT INTO article_views (article_id, hour, locale, views)
        SELECT article_id, date_trunc('hour', now(), 'UTC'), locale, 7 FROM publications GROUP BY 1, 3`
    },
    []
  )

  const code = new URL(link.body.url).pathname.split('/').at(-1) ?? ''
  const slugsOf = (things: { slug: string }[]) => things.map(({ slug }) => slug)
  const slugs = slugsOf([...articles, corrected, hidden, ...tags, ...authors, list.body])
  const index = await api('GET /sitemap.xml', { expect: 200 })
  const sitemaps = [...index.text.matchAll(/sitemaps\/([^<]+)</g)].map(([, name = '']) => name)
  return {
    places: {
      '/v1/content/articles/{slug}': slugsOf([...articles, corrected, translation]),
      '/v1/content/articles/{slug}/share': slugsOf([...articles, corrected, translation]),
      '/v1/content/tags/{slug}': slugsOf(tags),
      '/v1/content/authors/{slug}': slugsOf(authors),
      '/v1/content/lists/{slug}': [list.body.slug],
      '/v1/content/previews/{link}': [preview.body.token],
      '/sitemaps/{page}': [
        ...sitemaps,
        'en-2026-11-999999.xml',
        'en-9999-12-1.xml',
        'en-0001-01-1.xml',
        'EN-2026-11-1.xml'
      ],
      '/s/{code}': [code],
      '/s/{code}/qr.svg': [code],
      '/s/{code}/qr.png': [code]
    },
    slugs,
    sources,
    words: [...words.en, ...words.ru],
    pages: await pagesOf(slugsOf(tags), words.en),
    addresses: [
      ...['/old/one', '/old/two?id=7', '/old/паром', '/old', '/'],
      ...slugs.flatMap((slug) => [`https://news.example/en/${slug}`, `/ru/${slug}`, `/2019/05/${slug}?p=7`])
    ]
  }
}

/** Queries for a next or former page of every list that has pages, with filters and without. */
async function pagesOf(tags: string[], words: string[]) {
  const found: Record<string, string[]> = {}
  const asked: [path: string, queries: string[]][] = [
    [
      '/v1/content/articles',
      ['', 'sort=updatedAt', 'sort=-updatedAt&locale=ru', 'fields=slug', ...tags.map((slug) => `tag=${slug}`)]
    ],
    ['/v1/content/tags', ['', 'locale=ru', 'kind=topic']],
    ['/v1/content/authors', ['', 'locale=en']],
    ['/v1/content/search', words.map((word) => `q=${encodeURIComponent(word)}`)],
    ['/v1/content/changes', ['', 'locale=ru']]
  ]
  for (const [path, queries] of asked) {
    const pages: string[] = []
    for (const query of queries) {
      const page = async (more: string) =>
        (await api(`GET ${path}?limit=2&${query}${more}`, { expect: 200 })).body.page
      const { next } = await page('')
      if (!next) continue
      const { prev } = await page(`&cursor=${next}`)
      for (const cursor of [next, prev]) if (cursor) pages.push(`${query}&cursor=${cursor}`)
    }
    found[path] = pages
  }
  return found
}

/** So many questions with distinct queries, as `fetch` will write them. */
function draw(known: Known): Question[] {
  const drawn = new Map<string, Question>()
  for (let round = 0; drawn.size < runs; round++) {
    for (const question of fc.sample(questions(routes, known), { seed: seed + round, numRuns: 2_000 })) {
      const { pathname, search } = new URL(question.target, room.url)
      const target = pathname + search
      if (target.length <= LONGEST_TARGET && drawn.size < runs && !drawn.has(search))
        drawn.set(search, { ...question, target })
    }
  }
  return [...drawn.values()]
}

/**
 * Adds up how long this process was not let run: to wait for a core is no fault of an answer. What it was busy with is
 * one, so the time it worked does not count.
 */
function watchPauses() {
  let last = performance.now()
  let used = process.cpuUsage()
  let total = 0
  const timer = setInterval(() => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(used)
    if (now - last > 30) total += Math.max(0, now - last - (user + system) / 1_000)
    last = now
    used = process.cpuUsage()
  }, 10)
  return { total: () => total, stop: () => clearInterval(timer) }
}

/** What is wrong with an answer, besides what the helper finds; undefined when nothing is. */
function faultOf(
  { path, parameters }: Route,
  target: string,
  status: number,
  body: unknown
): string | undefined {
  const names = [...new URLSearchParams(new URL(target, room.url).search).keys()]
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  const takesAny = path.startsWith('/s/')
  const strange = names.some(
    (name, index) =>
      !known.has(name) || (names.indexOf(name) < index && known.get(name)?.schema.type !== 'array')
  )
  if (status >= 500) return 'broke'
  if (strange && !takesAny && ![400, 401, 404].includes(status))
    return 'takes what it does not know, or twice'
  if (status !== 400) return
  const pointer = (body as { errors?: { pointer: string }[] }).errors?.[0]?.pointer
  const [, part = '', name = ''] = /^\/(query|path)(?:\/([^/]*))?/.exec(pointer ?? '') ?? []
  if (!part) return `points at ${pointer}`
  const at = name.replaceAll('~1', '/').replaceAll('~0', '~')
  // A name whose escapes are broken is read in more than one way.
  const legible = !/[%\ufffd]/.test(at)
  if (part === 'query' && legible && !names.includes(at) && !known.get(at)?.required)
    return `points at ${pointer}, which was not sent`
}

const told = ({ target, as }: Pick<Question, 'target' | 'as'>) => `GET ${target.slice(0, 1_500)} as ${as}`

t.test(`${runs} distinct hostile queries`, async (t) => {
  const drawn = draw(await furnish())
  t.equal(drawn.length, runs)
  const faults: string[] = []
  const tally: Record<string, Record<number, number>> = {}
  const pauses = watchPauses()
  const began = performance.now()
  const times: { took: number; question: Question }[] = []
  const waiting = drawn.values()
  /** Milliseconds from sending to the end of the answer. */
  const ask = async ({ route, target, as }: Question) => {
    const [at, paused] = [performance.now(), pauses.total()]
    try {
      const { status, body } = await api(`GET ${target}`, { as })
      const fault = faultOf(route, target, status, body)
      if (fault) faults.push(`${told({ target, as })} → ${status}: ${fault}`)
      const counts = tally[route.path] ?? {}
      tally[route.path] = counts
      counts[status] = (counts[status] ?? 0) + 1
    } catch (error) {
      faults.push(`${told({ target, as })}: ${(error as Error).message.slice(0, 1_500)}`)
    }
    return performance.now() - at - (pauses.total() - paused)
  }
  const work = async () => {
    for (const question of waiting) times.push({ took: await ask(question), question })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  for (const [path, counts] of Object.entries(tally)) t.comment(path, JSON.stringify(counts))
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  times.sort((a, b) => b.took - a.took)
  const [slowest] = times
  if (slowest) t.comment(`${seconds} s; ${slowest.took.toFixed()} ms: ${told(slowest.question)}`)
  // Others on the machine slow down whatever runs just then. What is slow by itself is slow again.
  const slow: string[] = []
  for (const { took, question } of times.filter(({ took }) => took > LONGEST_MS).slice(0, 50)) {
    room.app.cache.freshness.forget()
    const again = await ask(question)
    if (again > LONGEST_MS) slow.push(`${took.toFixed()} and ${again.toFixed()} ms: ${told(question)}`)
  }
  pauses.stop()
  const again = `HOSTILE_SEED=${seed} plays them again`
  t.same(faults.slice(0, 20), [], `${faults.length} faults; ${again}`)
  // Time bounds are promised on a server.
  if (onServer) t.same(slow, [], `none takes more than ${LONGEST_MS} ms; ${again}`)
  // Hostile is not only what is refused: most of the work is behind that.
  for (const { path, parameters } of routes) {
    const counts = tally[path] ?? {}
    const takesSome = parameters.some((parameter) => parameter.in === 'query')
    if (takesSome || path.startsWith('/s/')) t.ok(counts[200] || counts[302], `${path} has answered`)
    if (!path.startsWith('/s/')) t.ok(counts[400], `${path} has refused`)
  }
})
