/** Windows and limits of share links: who is let through, who comes too late, and that the count is exact. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { followShareLinks } from '../../src/counting/clicks.ts'
import { openDatabase } from '../../src/database/database.ts'
import { writesNothing } from '../articles/ledger.ts'
import { BROWSER, draft, newsroom, unique } from '../helper.ts'
import { another, linksOf, PHONE, ROBOT } from './links.ts'

const room = await newsroom(t, { trustProxy: 1 })
const { made, follow, head, from, totals, rows, story } = linksOf(room)
const LATER = 'https://news.example/too-late?a=1'

t.test('ten of two hundred, over two instances: exactly ten', async (t) => {
  const link = await made(await story(), { max_clicks: 10 })
  const { url } = await another(t, room)
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const response = await fetch(`${index % 2 === 0 ? url : room.url}/s/${link.code}`, {
        redirect: 'manual',
        headers: {
          'user-agent': index % 3 === 0 ? PHONE : BROWSER,
          referer: `https://host${index % 7}.example/`
        }
      })
      await response.arrayBuffer()
      return response.status
    })
  )
  const count = (status: number) => statuses.filter((one) => one === status).length
  t.same([count(302), count(410)], [10, 190])
  t.match(await totals(link), { human: 10, bots: 0 })
  t.equal(
    (await rows(link)).reduce((sum, { clicks }) => sum + clicks, 0),
    10,
    'where they came from adds up to as many'
  )
})

/** A connection of another instance. */
async function elsewhere(t: Test) {
  const onServer = room.config.database.kind === 'server'
  const db = onServer ? await openDatabase(room.config.database) : room.db
  if (onServer) t.teardown(() => db.close())
  return db
}

const person = { counts: true, robot: false, device: 'desktop', country: '', referrer: '' } as const

t.test('who waits for another instance is judged by what that one left', async (t) => {
  const link = await made(await story(), { max_clicks: 97 })
  const dbs = [room.db, await elsewhere(t)]
  const told = await Promise.all(
    Array.from({ length: 150 }, (_, index) =>
      followShareLinks(dbs[index % 2] as typeof room.db, [
        { ...person, code: link.code },
        { ...person, code: link.code, referrer: 'b.example' }
      ])
    )
  )
  t.equal(told.flat().filter(({ verdict }) => verdict === 'open').length, 97)
  t.match(await totals(link), { human: 97 })
  t.equal(
    (await rows(link)).reduce((sum, { clicks }) => sum + clicks, 0),
    97
  )
})

t.test('groups of many links, in any order, on two connections, never wait in a circle', async (t) => {
  const article = await story()
  const links = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      made(article, { max_clicks: index % 3 === 0 ? 25 : null }, { campaign: `c${index}` })
    )
  )
  const db = await elsewhere(t)
  // Without the group's second try: a deadlock would be an error here.
  const rounds = async (own: typeof db, codes: string[]) => {
    for (let round = 0; round < 20; round++)
      await followShareLinks(
        own,
        codes.map((code) => ({ ...person, code }))
      )
  }
  const codes = links.map(({ code }) => code)
  await Promise.all([
    rounds(room.db, codes),
    rounds(db, codes.toReversed()),
    rounds(room.db, [...codes.slice(15), ...codes.slice(0, 15)])
  ])
  for (const [index, link] of links.entries())
    t.match(await totals(link), { human: index % 3 === 0 ? 25 : 60 }, `link ${index}`)
})

t.test('what uses up maxClicks, and what does not', async () => {
  const link = await made(await story(), { max_clicks: 2 })
  for (const [what, ask, status] of [
    ['HEAD', () => head(link), 302],
    ['a robot', () => follow(link, from('192.0.2.1', ROBOT)), 200],
    ['a browser that looks ahead', () => follow(link, { headers: { 'sec-purpose': 'prefetch' } }), 302],
    ['a person', () => follow(link), 302],
    ['a robot', () => follow(link, from('192.0.2.1', ROBOT)), 200],
    ['another person', () => follow(link), 302],
    ['one too many', () => follow(link), 410],
    ['HEAD', () => head(link), 410],
    ['a robot', () => follow(link, from('192.0.2.1', ROBOT)), 410],
    ['a browser that looks ahead', () => follow(link, { headers: { purpose: 'prefetch' } }), 410]
  ] as const)
    t.equal((await ask()).status, status, `${what}: ${status}`)
  t.match(await totals(link), { human: 2, bots: 2 })
})

t.test('nobody is let through twice: codes of one link in one group', async (t) => {
  const link = await made(await story(), { max_clicks: 3 })
  const former = link.code
  const code = unique('second')
  await room.api(`PATCH /v1/share-links/${link.id}`, {
    as: 'editor',
    ifMatch: 1,
    body: { code },
    expect: 200
  })
  const told = await followShareLinks(
    room.db,
    Array.from({ length: 8 }, (_, index) => ({
      ...person,
      code: index % 2 ? code : former,
      referrer: `r${index}`
    }))
  )
  t.same(
    told.map(({ verdict }) => verdict),
    ['open', 'open', 'open', 'over', 'over', 'over', 'over', 'over'],
    'the first are let through'
  )
  t.same(
    (await rows(link)).map(({ referrer }) => referrer),
    ['r0', 'r1', 'r2'],
    'and those are counted'
  )
})

t.test('any group is answered as one after the other would be', async (t) => {
  const article = await story()
  const codes = [
    await made(article, { max_clicks: 4 }),
    await made(article, { max_clicks: 1 }, { channel: 'x' }),
    await made(article, {}, { channel: 'email' }),
    await made(article, { archived_at: '2020-01-01' }, { channel: 'copy' }),
    await made(await draft(room)),
    { code: 'nothing' }
  ].map(({ code }) => code)
  const people = fc.record({
    code: fc.constantFrom(...codes),
    counts: fc.constant(true),
    robot: fc.constant(false),
    device: fc.constantFrom('desktop' as const, 'mobile' as const),
    country: fc.constantFrom('', 'AM'),
    referrer: fc.constantFrom('', 'a.example', 'b.example')
  })
  const clear = () =>
    room.db.query(
      {
        text: `WITH c AS (DELETE FROM share_link_clicks) UPDATE share_link_totals SET human = 0, bots = 0, allotted = 0, last_clicked_at = NULL`
      },
      []
    )
  const counts = () =>
    room.db.query(
      {
        text: `SELECT share_link_id, referrer, country, device, robot, clicks::int, (SELECT human::int FROM share_link_totals t WHERE t.share_link_id = c.share_link_id)
        FROM share_link_clicks c ORDER BY 1, 2, 3, 4, 5`
      },
      []
    )
  const verdicts = (told: { verdict: string }[]) => told.map(({ verdict }) => verdict)
  await fc.assert(
    fc.asyncProperty(fc.array(people, { minLength: 1, maxLength: 30 }), async (asked) => {
      await clear()
      const together = verdicts(await followShareLinks(room.db, asked))
      const counted = await counts()
      await clear()
      const single: string[] = []
      for (const one of asked) single.push(...verdicts(await followShareLinks(room.db, [one])))
      t.same(together, single)
      t.same(counted, await counts())
      return t.passing()
    }),
    { numRuns: 25, seed: 5 }
  )
})

t.test('what is told of each state', async (t) => {
  const article = await story()
  const past = '2020-01-01T00:00:00Z'
  const future = '2090-01-01T00:00:00Z'
  const withdrawn = await story()
  const rowsOfStates: [what: string, link: Awaited<ReturnType<typeof made>>, status: number, to?: string][] =
    [
      ['not valid yet', await made(article, { valid_from: future }, { channel: 'x' }), 404],
      ['valid by now', await made(article, { valid_from: past }, { channel: 'email' }), 302],
      ['expired', await made(article, { expires_at: past }, { channel: 'copy' }), 410],
      [
        'expired, with a place to go',
        await made(article, { expires_at: past, expired_url: LATER }, { channel: 'qr' }),
        302,
        LATER
      ],
      [
        'expired, with a place that is not ours',
        await made(
          article,
          { expires_at: past, expired_url: 'https://evil.example/' },
          { channel: 'reddit' }
        ),
        410
      ],
      [
        'expired, with a place that only looks like ours',
        await made(
          article,
          { expires_at: past, expired_url: 'https://news.example@evil.example/' },
          { channel: 'threads' }
        ),
        410
      ],
      [
        'expired, with no place at all',
        await made(
          article,
          { expires_at: past, expired_url: 'javascript://news.example/%0aalert(1)' },
          { channel: 'bluesky' }
        ),
        410
      ],
      [
        'archived, whatever else',
        await made(
          article,
          { archived_at: past, expired_url: LATER, expires_at: past },
          { channel: 'facebook' }
        ),
        410
      ],
      [
        'not live, whatever else',
        await made(await draft(room), { expires_at: past, expired_url: LATER }),
        404
      ],
      ['archived, and not live', await made(await draft(room), { archived_at: past }), 410],
      ['withdrawn', await made(withdrawn, { expires_at: past, expired_url: LATER }), 410]
    ]
  await room.api(`POST /v1/articles/${withdrawn.id}/withdraw`, {
    as: 'editor',
    body: { reason: 'by order of a court' },
    expect: 200
  })
  for (const agent of [BROWSER, ROBOT])
    for (const [what, link, status, to] of rowsOfStates) {
      const robot = agent === ROBOT
      const expected = status === 302 && !to && robot ? 200 : status
      const ask = () => follow(link, { ...from('192.0.2.7', agent), expect: expected })
      const { headers } =
        expected === 302 && !to
          ? await ask()
          : expected === 200
            ? await ask()
            : await writesNothing(t, room, ask)
      if (to) t.equal(headers.get('location'), to, what)
      if (status === 410) t.equal(headers.get('cache-control'), 'no-store', what)
      const looked = await head(link, { ...from('192.0.2.7', agent), expect: expected })
      t.equal(looked.headers.get('location'), headers.get('location'), `${what}, HEAD`)
    }
})

t.test('used up: to expiredUrl, uncounted', async (t) => {
  const link = await made(await story(), { max_clicks: 1, expired_url: LATER })
  await follow(link, { expect: 302 })
  await writesNothing(t, room, async () => {
    for (const agent of [BROWSER, ROBOT]) {
      const { headers } = await follow(link, { ...from('192.0.2.1', agent), expect: 302 })
      t.equal(headers.get('location'), LATER)
      t.equal(headers.get('cache-control'), 'private, no-store')
    }
  })
})

t.test('a permanent redirect is remembered for a minute and a half, by the browser alone', async (t) => {
  const link = await made(await story(), { redirect_status: 301 })
  const { headers } = await follow(link, { expect: 301 })
  t.equal(headers.get('cache-control'), 'private, max-age=90')
  t.match(headers.get('location'), /^https:\/\/news\.example\/en\//)
  t.match(await totals(link), { human: 1, bots: 0 })
})

t.test('a link works from exactly validFrom', async (t) => {
  const link = await made(await story())
  const clock = async () =>
    (await room.db.query<{ now: Date }>({ text: 'SELECT clock_timestamp() AS now' }, []))[0]?.now as Date
  const validFrom = new Date((await clock()).getTime() + 400)
  await room.db.query({ text: 'UPDATE share_links SET valid_from = $1::timestamptz WHERE id = $2::uuid' }, [
    validFrom,
    link.id
  ])
  for (let number = 1, status = 404; status === 404; number++) {
    const before = await clock()
    status = (await follow(link, { ...from(`198.51.100.${number % 250}`), expect: [302, 404, 429] })).status
    const after = await clock()
    if (status === 302) t.ok(after >= validFrom, 'not before')
    else if (before >= validFrom) return t.fail('not after')
    if (status === 429) status = 404
  }
})
