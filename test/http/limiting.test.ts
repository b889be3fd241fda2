/** How often an address may ask for what costs more than reading. */
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { draft, newsroom, story } from '../helper.ts'

const most = { editing: 30, search: 5, previews: 4, refresh: 3, reading: 0 }
const room = await newsroom(t, { trustProxy: 1, limits: { ...most, editing: 1000 } })
const { api, tokens } = room
const small = await newsroom(t, { trustProxy: 1, limits: most })

let places = 0
const place = () => ({ 'x-forwarded-for': `198.51.100.${++places}` })
const tally = async (asked: Promise<{ status: number }>[]) => {
  const counts: Record<number, number> = {}
  for (const { status } of await Promise.all(asked)) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

t.test('what has a limit of its own', async (t) => {
  const article = await draft(room)
  const { token } = (
    await api(`POST /v1/articles/${article.id}/previews`, { as: 'editor', body: {}, expect: 201 })
  ).body
  const rows: [string, keyof typeof most, (index: number) => [string, object]][] = [
    ['search', 'search', (index) => [`GET /v1/content/search?q=word${index}`, {}]],
    ['previews', 'previews', () => [`GET /v1/content/previews/${token}`, {}]],
    ['previews that are none', 'previews', (index) => [`GET /v1/content/previews/guess-${index}`, {}]],
    ['refresh', 'refresh', (index) => ['POST /v1/sessions/refresh', { body: { refreshToken: `${index}` } }]]
  ]
  for (const [what, name, ask] of rows)
    t.test(what, async (t) => {
      const headers = place()
      const asked = async (index: number, from = headers) => {
        const [request, options] = ask(index)
        return api(request, { ...options, headers: from })
      }
      const first = await asked(0)
      t.match(first.headers.get('ratelimit'), new RegExp(`^"${name}";r=${most[name] - 1};t=\\d+$`))
      t.equal(first.headers.get('ratelimit-policy'), `"${name}";q=${most[name]};w=60`)
      const counts = await tally(many(most[name] + 3, (index) => asked(index + 1)))
      t.equal(counts[429], 4, JSON.stringify(counts))
      const refused = await asked(100)
      t.match(refused, { status: 429, body: { code: 'too_many_requests' } })
      t.ok(Number(refused.headers.get('retry-after')) > 0)
      t.not((await asked(200, place())).status, 429, 'another address is not meant')
    })
})

t.test('kept answers of the search are not counted', async (t) => {
  await story(room)
  const headers = place()
  for (let index = 0; index < 20; index++)
    await api('GET /v1/content/search?q=story', { headers, expect: 200 })
  t.pass()
})

t.test('editing, whoever asks', async (t) => {
  const asks: [string, string, object][] = [
    ['with a token', 'GET /v1/me', { as: 'editor' }],
    ['without one', 'GET /v1/me', {}],
    ['with one that is none', 'GET /v1/articles', { token: 'none' }],
    ['what is not there', 'GET /v1/nothing-here', {}],
    ['what is not there on the content side', 'GET /v1/content/nothing/here', {}],
    ['a method that is not taken', 'PUT /v1/me', {}]
  ]
  for (const [what, request, options] of asks)
    t.test(what, async (t) => {
      const headers = place()
      const counts = await tally(many(most.editing + 5, () => small.api(request, { ...options, headers })))
      t.equal(counts[429], 5, JSON.stringify(counts))
    })
})

t.test('a person over many addresses', async (t) => {
  const fresh = await newsroom(t, { trustProxy: 1, limits: { ...most, editing: 10 } })
  const counts = await tally(
    many(25, () => fresh.api('GET /v1/me', { token: fresh.tokens.author, headers: place() }))
  )
  t.equal(counts[429], 5, JSON.stringify(counts))
  await fresh.api('GET /v1/me', { as: 'admin', headers: place(), expect: 200 })
})

t.test('what readers do has no limit', async (t) => {
  const { id, slug } = await story(small)
  const headers = place()
  for (const request of [
    `GET /v1/content/articles/${slug}`,
    'GET /v1/content/articles?limit=7',
    `POST /v1/content/articles/${id}/views`,
    'GET /health/live'
  ]) {
    const counts = await tally(many(60, () => small.api(request, { headers })))
    t.notOk(counts[429], `${request}: ${JSON.stringify(counts)}`)
  }
  t.ok(tokens.editor)
})

t.test('reading has no limit unless one is set', async (t) => {
  const reading = await newsroom(t, { trustProxy: 1, limits: { ...most, editing: 1000, reading: 3 } })
  const { slug } = await story(reading)
  const path = `GET /v1/content/articles/${slug}`
  const asked = (request: string, headers: Record<string, string>) => reading.api(request, { headers })

  const headers = place()
  const first = await asked(path, headers)
  t.equal(first.status, 200)
  t.match(first.headers.get('ratelimit'), /^"reading";r=2;t=\d+$/)
  t.equal(first.headers.get('ratelimit-policy'), '"reading";q=3;w=60')
  t.match((await asked(path, headers)).headers.get('ratelimit'), /r=1/, 'one that is kept is counted too')
  await asked('GET /feeds/rss.xml', headers)
  const refused = await asked(path, headers)
  t.match(refused, { status: 429, body: { code: 'too_many_requests' } })
  t.ok(Number(refused.headers.get('retry-after')) > 0)
  t.equal((await asked('GET /not-there', headers)).status, 429)
  t.equal((await asked(path, place())).status, 200, 'another address is not meant')
  t.equal((await asked('GET /health/live', headers)).status, 200, 'whether it is well has a count of its own')
  t.match((await asked('GET /health/ready', headers)).headers.get('ratelimit'), /^"health";r=1/)

  const free = place()
  for (let index = 0; index < 20; index++) {
    const { status, headers } = await api('GET /v1/content/articles', { headers: free })
    t.equal(status, 200)
    t.equal(headers.get('ratelimit'), null)
  }
})

t.test('only reading can be without a limit', async (t) => {
  const limitsOf = (RATE_LIMITS: string) =>
    readConfig({ RATE_LIMITS, DATELINE_SECRET: 'x'.repeat(40) }).limits
  t.match(limitsOf('reading=1200'), { reading: 1200, editing: 600 })
  t.match(limitsOf('reading=0'), { reading: 0 })
  for (const wrong of ['editing=0', 'reading=-1', 'reading=00', 'writing=5'])
    t.throws(() => limitsOf(wrong), /RATE_LIMITS must say how often/, wrong)
})
