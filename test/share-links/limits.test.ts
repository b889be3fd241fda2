/** Windows, limits, cards: what a share link can be told, and what does not fit together. */
import t from 'tap'
import { tellsOnce, writesNothing } from '../articles/ledger.ts'
import { draft, newsroom, type Options, unique } from '../helper.ts'

const room = await newsroom(t)
const { api } = room
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const { id: articleId } = await draft(room)
const create = (body: object, options: Options = {}) =>
  api('POST /v1/share-links', { as: 'editor', body: { articleId, channel: 'x', ...body }, ...options })
const made = async (body: object = {}): Promise<Link> =>
  (await create({ campaign: unique('limits'), ...body }, { expect: 201 })).body
const patch = ({ id, version }: Link, body: object, options: Options = {}) =>
  api(`PATCH /v1/share-links/${id}`, { as: 'editor', ifMatch: version, body, ...options })
const read = async ({ id }: Link): Promise<Link> =>
  (await api(`GET /v1/share-links/${id}`, { as: 'editor', expect: 200 })).body

const [Y2080, Y2090] = ['2080-01-01T00:00:00.000Z', '2090-01-01T00:00:00.000Z']
const nothing = {
  redirectStatus: 302,
  validFrom: null,
  expiresAt: null,
  expiredUrl: null,
  maxClicks: null,
  card: { title: null, description: null, image: null },
  indexable: false,
  note: ''
}
const limits = {
  validFrom: Y2080,
  expiresAt: Y2090,
  expiredUrl: 'https://news.example/en/over?from=link#top',
  maxClicks: 10
}
const full = {
  ...limits,
  card: { title: 'The ferry is back', description: 'After two winters.', image: 'https://img.example/f.jpg' },
  indexable: true,
  note: 'By the pier'
}

t.test('every field is kept, and has a value when nobody gave one', async (t) => {
  t.match(await made(), nothing)
  const link = await made({ ...full, card: { title: full.card.title, image: full.card.image } })
  t.match(link, { ...full, redirectStatus: 302, card: { ...full.card, description: null } })
  t.same(await read(link), link)
  t.match(await made({ redirectStatus: 301 }), { ...nothing, redirectStatus: 301 })
  const [row] = await room.db.query<{ card: object }>(
    { text: 'SELECT card FROM share_links WHERE id = $1::uuid' },
    [link.id]
  )
  t.same(row?.card, { ...full.card, description: null }, 'whole in the database too')
})

t.test('each can be changed, and taken back; a card merges', async (t) => {
  let link = await made()
  for (const [change, after] of [
    [{ validFrom: '2080-01-01T02:00:00+02:00' }, { validFrom: Y2080 }],
    [{ expiresAt: Y2090 }, { validFrom: Y2080, expiresAt: Y2090 }],
    [{ expiredUrl: limits.expiredUrl }, { expiredUrl: limits.expiredUrl }],
    [{ maxClicks: 1 }, { maxClicks: 1 }],
    [{ card: { title: 'A' } }, { card: { title: 'A', description: null, image: null } }],
    [{ card: { description: 'B' } }, { card: { title: 'A', description: 'B', image: null } }],
    [{ card: { title: null } }, { card: { title: null, description: 'B', image: null } }],
    [{ indexable: true }, { indexable: true }],
    [
      { validFrom: null, expiresAt: null, expiredUrl: null, maxClicks: null, redirectStatus: 301 },
      { ...nothing, redirectStatus: 301, card: { description: 'B' }, indexable: true }
    ],
    [
      { redirectStatus: 302, maxClicks: 2147483647 },
      { redirectStatus: 302, maxClicks: 2147483647 }
    ]
  ] as const) {
    const answer = await tellsOnce(t, room, { event: 'share_link.updated' }, () =>
      patch(link, change, { expect: 200 })
    )
    t.match(answer.body, { ...after, version: link.version + 1 }, JSON.stringify(change))
    t.same(await read(link), answer.body)
    link = answer.body
  }
  for (const same of [{ card: {} }, { card: { description: 'B' } }, { validFrom: null }, { indexable: true }])
    t.same((await writesNothing(t, room, () => patch(link, same, { expect: 200 }))).body, link)
})

t.test('what does not fit together is refused where it was asked for', async (t) => {
  const permanent = await made({ redirectStatus: 301 })
  const limited = await made(limits)
  const from = await made({ validFrom: Y2080 })
  const until = await made({ expiresAt: Y2090 })
  const rows: [link: Link | null, body: object, pointer: string][] = [
    ...Object.entries(limits).flatMap(([name, value]): [Link | null, object, string][] => [
      [null, { redirectStatus: 301, [name]: value }, '/redirectStatus'],
      [permanent, { [name]: value }, `/${name}`],
      [permanent, { redirectStatus: 301, [name]: value }, '/redirectStatus']
    ]),
    [limited, { redirectStatus: 301 }, '/redirectStatus'],
    [limited, { redirectStatus: 301, maxClicks: null }, '/redirectStatus'],
    [null, { validFrom: Y2090, expiresAt: Y2080 }, '/expiresAt'],
    [null, { validFrom: Y2090, expiresAt: Y2090 }, '/expiresAt'],
    [from, { expiresAt: Y2080 }, '/expiresAt'],
    [until, { validFrom: Y2090 }, '/validFrom'],
    [null, { maxClicks: 0 }, '/maxClicks'],
    [null, { maxClicks: -1 }, '/maxClicks'],
    [null, { maxClicks: 1.5 }, '/maxClicks'],
    [null, { maxClicks: 2147483648 }, '/maxClicks'],
    [null, { maxClicks: '10' }, '/maxClicks'],
    [null, { redirectStatus: 307 }, '/redirectStatus'],
    [null, { redirectStatus: '301' }, '/redirectStatus'],
    [null, { redirectStatus: null }, '/redirectStatus'],
    [null, { validFrom: 'tomorrow' }, '/validFrom'],
    [null, { indexable: 'yes' }, '/indexable'],
    [null, { card: null }, '/card'],
    [null, { card: { title: '' } }, '/card/title'],
    [null, { card: { title: '  ' } }, '/card/title'],
    [null, { card: { title: 'x'.repeat(301) } }, '/card/title'],
    [null, { card: { image: 'ftp://img.example/f.jpg' } }, '/card/image'],
    [null, { card: { image: '/f.jpg' } }, '/card/image'],
    [null, { card: { image: 'javascript:alert(1)' } }, '/card/image'],
    [null, { card: { colour: 'red' } }, '/card/colour'],
    [null, { clicks: { total: 1 } }, '/clicks']
  ]
  for (const [link, body, pointer] of rows) {
    const told = `${link ? 'PATCH' : 'POST'} ${JSON.stringify(body)}`
    const answer = await writesNothing(t, room, () =>
      link ? patch(link, body) : create({ campaign: 'refused', ...body })
    )
    t.match(answer, { status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } }, told)
  }
})

t.test('who comes too late is led to no host but the sites’ own', async (t) => {
  const refusedOrNot = async (expiredUrl: string) =>
    (await create({ campaign: unique('host'), expiredUrl })).status
  const hosts = async (table: [string, number][], when: string) => {
    for (const [address, status] of table) t.equal(await refusedOrNot(address), status, `${when}: ${address}`)
  }
  await hosts(
    [
      ['https://news.example/over', 201],
      ['http://NEWS.example', 201],
      ['https://news.example:443/', 201],
      ['https://news.example:8443/', 400],
      ['https://www.news.example/', 400],
      ['https://news.example.evil.example/', 400],
      ['https://evil.example/news.example', 400],
      ['https://evil.example/?https://news.example/', 400],
      ['https://news.example@evil.example/', 400],
      ['https://evil.example\\@news.example/', 400],
      ['http://dateline.test/', 400],
      ['//news.example/', 400],
      ['http://news.example:99999/', 400],
      ['/over', 400],
      ['javascript://news.example/%0Aalert(1)', 400],
      ['mailto:a@news.example', 400]
    ],
    'https://news.example'
  )
  const { version } = (await api('GET /v1/site/ru', { as: 'admin' })).body
  await api('PATCH /v1/site/ru', {
    as: 'admin',
    ifMatch: version,
    body: { articleUrl: 'https://xn--80aaxitdbjr.xn--p1ai:8080/{slug}' },
    expect: 200
  })
  await hosts(
    [
      ['https://news.example/over', 201],
      ['http://xn--80aaxitdbjr.xn--p1ai:8080/', 201],
      ['http://xn--80aaxitdbjr.xn--p1ai/', 400]
    ],
    'with another host for Russian'
  )
  const link = await made({ expiredUrl: 'https://news.example/over' })
  t.match(
    await writesNothing(t, room, () => patch(link, { expiredUrl: 'https://evil.example/' })),
    { status: 400, body: { errors: [{ pointer: '/expiredUrl', code: 'foreign_host' }] } },
    'nor by a change'
  )
  await room.db.query({ text: 'DELETE FROM sites' }, [])
  await hosts(
    [
      ['http://dateline.test/over', 201],
      ['https://news.example/over', 400]
    ],
    'without a site, our own'
  )
  t.equal((await patch(link, { note: 'later' })).status, 200, 'what is there is not asked about again')
})

t.test('the link that is there must be as asked for, in every field', async (t) => {
  const { status, body: link } = await create({ campaign: 'twin', ...limits, expiredUrl: null })
  t.equal(status, 201)
  for (const same of [
    {},
    { validFrom: '2080-01-01T01:00:00+01:00', maxClicks: 10 },
    { card: { title: null } },
    { card: {} },
    { indexable: false, redirectStatus: 302, expiredUrl: null }
  ])
    t.same((await create({ campaign: 'twin', ...same }, { expect: 200 })).body, link, JSON.stringify(same))
  for (const [other, field] of [
    [{ validFrom: null }, 'validFrom'],
    [{ expiresAt: null }, 'expiresAt'],
    [{ expiredUrl: 'http://dateline.test/x' }, 'expiredUrl'],
    [{ maxClicks: 11 }, 'maxClicks'],
    [{ redirectStatus: 301 }, 'redirectStatus'],
    [{ card: { title: 'Other' } }, 'card'],
    [{ indexable: true }, 'indexable'],
    [{ note: 'Other' }, 'note']
  ] as const) {
    const answer = await writesNothing(t, room, () => create({ campaign: 'twin', ...other }))
    t.match(
      answer,
      { status: 409, body: { code: 'share_link_exists', existingId: link.id, detail: new RegExp(field) } },
      JSON.stringify(other)
    )
  }
})
