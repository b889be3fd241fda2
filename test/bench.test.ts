/** The bench is only as good as its client: it must read every answer right, and see every one that is wrong. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { answerReader, ask, type Expected } from '../bench/client.ts'
import { loadNewsroom } from '../bench/load/load.ts'
import { LOCALES, markerWords } from '../bench/load/words.ts'
import { buildApp } from '../src/app.ts'
import { type Database, openDatabase, prepareSchema } from '../src/database/database.ts'
import { makeReady } from '../src/start.ts'
import { configFor, freshDatabase } from './helper.ts'

const answer = (status: number, body: string) =>
  `HTTP/1.1 ${status} Some words\r\nDate: today\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const known = 'HTTP/1.1 304 Not Modified\r\ncontent-length: 400\r\netag: "a"\r\n\r\n'
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfirs\r\nF;name=value\r\nt line\r\nsecond \r\n4\r\nline\r\n0\r\ntrailer: one\r\n\r\n'
const whole = 'first line\r\nsecond line'
const expect = (status: number, body: string): Expected => ({ status, body: Buffer.from(body) })

/** What was wrong with each of the answers, read in pieces of this many bytes. */
function readInPieces(text: string, expected: Expected[], length: number) {
  const faults: (string | null)[] = []
  let next = 0
  const read = answerReader(
    () => expected[next++] as Expected,
    (fault) => faults.push(fault)
  )
  const bytes = Buffer.from(text)
  // One buffer for all pieces, as the sockets use it.
  const shared = Buffer.alloc(length)
  for (let at = 0; at < bytes.length; at += length) {
    const copied = bytes.copy(shared, 0, at, at + length)
    read(shared.subarray(0, copied))
  }
  return faults
}

t.test('answers come in pieces of any length, several in one, with and without a length', async (t) => {
  const text = `${answer(200, 'тёплый приём')}${known}HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${chunked}${answer(204, '')}${answer(200, '')}${answer(404, 'x')}`
  const expected = [
    expect(200, 'тёплый приём'),
    expect(304, ''),
    expect(200, whole),
    expect(204, ''),
    expect(200, ''),
    expect(404, 'x')
  ]
  for (let length = 1; length <= Buffer.byteLength(text); length++)
    t.same(readInPieces(text, expected, length), [null, null, null, null, null, null], `pieces of ${length}`)
})

for (const [what, text, expected, fault] of [
  ['another status', answer(500, 'good'), expect(200, 'good'), 'status 500 instead of 200'],
  ['another body of the same length', answer(200, 'goad'), expect(200, 'good'), 'another body'],
  ['a shorter body', answer(200, 'goo'), expect(200, 'good'), '3 bytes instead of 4'],
  ['a longer body', answer(200, 'good!'), expect(200, 'good'), '5 bytes instead of 4'],
  ['no body', answer(200, ''), expect(200, 'good'), '0 bytes instead of 4'],
  ['a body instead of 304', answer(200, 'good'), expect(304, ''), 'status 200 instead of 304'],
  ['304 instead of a body', known, expect(200, 'good'), 'status 304 instead of 200'],
  ['another chunk', chunked, expect(200, whole.replace('sec', 'sac')), 'another body'],
  ['chunks that end early', chunked, expect(200, `${whole}s`), '23 bytes instead of 24'],
  ['a chunk too many', chunked, expect(200, whole.slice(0, -4)), 'more than 19 bytes']
] as const) {
  t.test(`${what}: seen, and the answer after it read`, async (t) => {
    for (const length of [1, 7, 10_000])
      t.same(readInPieces(text + answer(200, 'next'), [expected, expect(200, 'next')], length), [fault, null])
  })
}

t.test('bytes that may differ, and no others', async (t) => {
  const free = new Uint8Array([0, 1, 1, 0])
  for (const [body, fault] of [
    ['good', null],
    ['gxxd', null],
    ['goox', 'another body'],
    ['xood', 'another body'],
    ['gxx', '3 bytes instead of 4']
  ] as const)
    for (const length of [1, 3, 10_000])
      t.same(readInPieces(answer(200, body), [{ ...expect(200, 'good'), free }], length), [fault], body)
})

for (const [what, text] of [
  ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['an answer that ends with its connection', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n']
] as const) {
  t.test(`${what} is not taken for an answer`, async (t) => {
    t.throws(() => readInPieces(text, [expect(200, '')], 5))
  })
}

t.test('all connections ask in turn; a wrong answer is counted and named', async (t) => {
  const asked = new Set<string>()
  const server = createServer(({ url }, reply) => {
    asked.add(url ?? '')
    reply.end(url === '/wrong' ? 'had' : 'bad')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const question = (path: string) => ({
    request: Buffer.from(`GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`),
    expected: expect(200, 'bad')
  })
  const load = { port: (server.address() as AddressInfo).port, connections: 5, seconds: 0.2, warmUp: 0.05 }
  const good = await ask([question('/one'), question('/two')], load)
  t.same([...asked].sort(), ['/one', '/two'])
  t.equal(good.faults, 0)
  t.ok(good.answers > 0 && good.perSecond === good.answers / 0.2)
  t.ok(good.p50 > 0 && good.p50 <= good.p99)
  const bad = await ask([question('/one'), question('/wrong')], load)
  t.ok(bad.faults > 0)
  t.equal(bad.firstFault, 'GET /wrong HTTP/1.1: another body')
})

t.test('where visitors are counted, each request is another one’s, and all of them are told', async (t) => {
  const seen: string[] = []
  const server = createServer(({ headers }, reply) => {
    seen.push(String(headers['x-forwarded-for']))
    reply.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const head = 'POST / HTTP/1.1\r\nhost: here\r\nx-forwarded-for: '
  const request = Buffer.from(`${head}100.100.100.100\r\ncontent-length: 0\r\n\r\n`)
  const question = { request, visitorAt: head.length, expected: expect(204, '') }
  const load = { port: (server.address() as AddressInfo).port, connections: 5, seconds: 0.2, warmUp: 0.05 }
  const [first, second] = [await ask([question], load), await ask([question], load)]
  t.equal(first.faults + second.faults, 0)
  t.ok(first.asked >= first.answers)
  t.equal(first.asked + second.asked, seen.length)
  t.equal(new Set(seen).size, seen.length)
  t.same(
    seen.filter((address) => !/^(1\d\d|2[0-4]\d|25[0-5])(\.(1\d\d|2[0-4]\d|25[0-5])){3}$/.test(address)),
    []
  )
})

/** What the loader puts aside, and must have brought back: as Postgres says it. */
const SCHEMA = `
  SELECT indexdef AS said FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  ORDER BY said`
/** Each publication's row of the search and its stems, and what the triggers would have made of them. */
const SEARCHED = `
  SELECT p.slug, s.vector = search_vector(p.id) AS vector,
    p.stems = search_stems(search_config(p.locale), concat_ws(' ', p.headline, p.kicker, p.standfirst, p.dateline)) AS stems, (s.article_id, s.locale, s.published_at, s.live_from, s.live_until, s.withdrawn)
    IS NOT DISTINCT FROM (p.article_id, p.locale, p.published_at, p.live_from, p.live_until, p.withdrawn) AS rest
  FROM publications p LEFT JOIN publication_search s ON s.publication_id = p.id`
const LEARN = `
  SELECT learn_words(locale, concat_ws(' ', headline, standfirst, kicker, dateline, source ->> 'name', body_text)) FROM publications`
const words = (db: Database) =>
  db.query<{ locale: string; word: string }>(
    { text: 'SELECT locale, word FROM search_words ORDER BY 1, 2' },
    []
  )
const schema = (db: Database) => db.query<{ said: string }>({ text: SCHEMA }, [])

const embedded = process.env.TEST_DATABASE_URL ? false : 'the loader needs a Postgres server'
t.test(
  'a loaded newsroom is what publishing would have made, and is found',
  { skip: embedded },
  async (t) => {
    const [loaded, migrated] = [
      await freshDatabase({ migrated: false }),
      await freshDatabase({ migrated: false })
    ]
    t.teardown(() => Promise.all([loaded.drop(), migrated.drop()]))
    if (loaded.settings.kind !== 'server') return
    await loadNewsroom(loaded.settings.url, 400, () => {})
    const config = configFor(loaded.settings)
    const { db } = await makeReady(config)
    const app = await buildApp(config, db)
    t.teardown(async () => {
      await app.close()
      await db.close()
    })

    await t.test('indexes, constraints and triggers are those of the migrations', async (t) => {
      const empty = await openDatabase(migrated.settings)
      await empty.alone(prepareSchema)
      const expected = await schema(empty)
      await empty.close()
      t.same(await schema(db), expected)
    })
    await t.test('each article has the vector and stems that the triggers make', async (t) => {
      const rows = await db.query<{ slug: string; vector: boolean; stems: boolean; rest: boolean }>(
        { text: SEARCHED },
        []
      )
      t.equal(rows.length, 400)
      t.same(
        rows.filter(({ vector, stems, rest }) => !vector || !stems || !rest),
        []
      )
    })
    await t.test('all of their words are known', async (t) => {
      const before = await words(db)
      await db.query({ text: LEARN }, [])
      t.same(await words(db), before)
    })
    for (const locale of LOCALES) {
      await t.test(`words that stand in as many articles are found in ${locale}`, async (t) => {
        for (const word of markerWords(locale)) {
          const { statusCode, body } = await app.inject(
            `/v1/content/search?q=${encodeURIComponent(word)}&locale=${locale}&limit=100`
          )
          t.equal(statusCode, 200)
          const found: { standfirst: string; highlights: { field: string; start: number; end: number }[] }[] =
            JSON.parse(body).data
          t.equal(found.length, 4, word)
          for (const { standfirst, highlights } of found)
            t.same(
              highlights.map(({ field, start, end }) => [field, standfirst.slice(start, end)]),
              [['standfirst', word]]
            )
        }
      })
    }
  }
)
