import t from 'tap'
import { tellsOnce } from '../articles/ledger.ts'
import { draft, everyone, newsroom, story, tag, unique } from '../helper.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room

const editor = { as: 'editor' } as const
const UNKNOWN = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const topic = (fields: object = {}) => ({ kind: 'topic', names: { en: unique('Tag') }, ...fields })
const get = async (id: string) => (await api(`GET /v1/tags/${id}`, { ...editor, expect: 200 })).body
const patch = (id: string, version: number, body: object) =>
  api(`PATCH /v1/tags/${id}`, { ...editor, ifMatch: version, body })
const list = async (query: string) =>
  (await api(`GET /v1/tags?limit=100&${query}`, { ...editor, expect: 200 })).body.data.map(
    ({ id }: { id: string }) => id
  )
/** Tags that stand above themselves, however far up. */
const cycles = () =>
  db.query(
    {
      text: `WITH RECURSIVE above AS (
          SELECT id, parent_id, 1 AS height FROM tags WHERE parent_id IS NOT NULL
          UNION ALL SELECT a.id, t.parent_id, a.height + 1 FROM above a JOIN tags t ON t.id = a.parent_id WHERE t.parent_id IS NOT NULL AND a.height < 100
        ) SELECT DISTINCT id FROM above WHERE id = parent_id`
    },
    []
  )

t.test('who may', async (t) => {
  for (const who of everyone) {
    t.test(`${who} reads tags: ${who === 'nobody' ? 401 : 200}`, async (t) => {
      const { id } = await tag(room)
      for (const request of ['GET /v1/tags', `GET /v1/tags/${id}`]) {
        if (who === 'nobody') await refused(t, room, request, {}, '401 unauthenticated')
        else await api(request, { as: who, expect: 200 })
      }
    })
  }
  for (const [who, refusal] of [
    ['nobody', '401 unauthenticated'],
    ['contributor', '403 forbidden'],
    ['author', '403 forbidden'],
    ['editor', undefined],
    ['admin', undefined]
  ] as const) {
    t.test(`${who} makes, changes and deletes tags: ${refusal ?? 'done'}`, async (t) => {
      const { id } = await tag(room)
      const make = ['POST /v1/tags', { as: who, body: topic() }] as const
      const change = [`PATCH /v1/tags/${id}`, { as: who, ifMatch: 1, body: { kind: 'place' } }] as const
      const remove = [`DELETE /v1/tags/${id}`, { as: who, ifMatch: 2 }] as const
      if (refusal) {
        for (const [request, options] of [make, change, remove])
          await refused(t, room, request, options, refusal)
        return
      }
      await written(t, room, ...make, { status: 201, type: 'tag.created', fields: ['kind', 'names'] })
      await written(t, room, ...change, { type: 'tag.updated', fields: ['kind'] })
      await written(t, room, ...remove, { status: 204, type: 'tag.deleted', subject: id })
    })
  }
})

t.test('making a tag', async (t) => {
  t.test('with everything', async (t) => {
    const parent = await tag(room)
    const body = {
      kind: 'place',
      slug: unique('port'),
      names: { en: 'Port', ru: 'Порт', 'zh-Hant': '港口' },
      descriptions: { en: 'Where ships lie.' },
      parentId: parent.id,
      aliases: [unique('harbour'), unique('haven')]
    }
    const fields = ['kind', 'slug', 'names', 'descriptions', 'parentId', 'aliases']
    const answer = await written(
      t,
      room,
      'POST /v1/tags',
      { ...editor, body },
      { status: 201, type: 'tag.created', fields }
    )
    t.match(answer.body, { ...body, articleCount: 0, version: 1 })
    t.equal(answer.headers.get('etag'), '"1"')
    t.equal(answer.headers.get('location'), `/v1/tags/${answer.body.id}`)
    const read = await api(`GET /v1/tags/${answer.body.id}`, { as: 'contributor', expect: 200 })
    t.same(read.body, answer.body)
    t.equal(read.headers.get('etag'), '"1"')
    t.equal(read.headers.get('cache-control'), 'private, no-store')
  })

  const made: [string, object, string][] = [
    ['English', { en: 'Shipping & Trade' }, 'shipping-trade'],
    ['an apostrophe', { en: 'The Crew’s Choice' }, 'the-crews-choice'],
    ['Russian', { ru: 'Судоходство и порты' }, 'sudohodstvo-i-porty'],
    ['Ukrainian', { uk: 'Їжа та їжаки' }, 'yizha-ta-yizhaki'],
    ['Greek', { el: 'Λιμάνι' }, 'limani'],
    ['Armenian', { hy: 'Նավեր' }, 'naver'],
    ['accents', { fr: 'Élections à Saint-Étienne' }, 'elections-a-saint-etienne'],
    ['German', { de: 'Straßenbau' }, 'strassenbau'],
    ['Chinese', { zh: '港口' }, 'gang-kou'],
    ['English first, where it is there', { ru: 'Мосты', en: 'Bridges' }, 'bridges'],
    ['signs only', { en: '!?' }, 'tag'],
    ['emoji only', { en: '🚢' }, 'tag-2']
  ]
  t.test('without a slug, from the name', async (t) => {
    for (const [what, names, slug] of made) {
      const answer = await api('POST /v1/tags', { ...editor, body: { kind: 'topic', names }, expect: 201 })
      t.equal(answer.body.slug, slug, what)
    }
    const long = await api('POST /v1/tags', {
      ...editor,
      body: { kind: 'topic', names: { en: 'longer and '.repeat(18) } },
      expect: 201
    })
    t.match(long.body.slug, /^(longer-and-){6}longer(-and)?$/, 'cut at a word')
    const endless = await api('POST /v1/tags', {
      ...editor,
      body: { kind: 'topic', names: { en: 'z'.repeat(200) } },
      expect: 201
    })
    t.match(endless.body.slug, /^z{20,80}$/)
  })

  t.test('without a slug, the name taken by a slug or an alias: the next free one', async (t) => {
    const name = unique('Quay')
    const slug = name.toLowerCase()
    await tag(room, { slug, aliases: [`${slug}-2`] })
    t.equal((await tag(room, { names: { en: name } })).slug, `${slug}-3`)
  })

  t.test('an alias that is the slug is left out, whether chosen or made', async (t) => {
    const name = unique('Pier')
    const slug = name.toLowerCase()
    const made = await tag(room, { names: { en: name }, aliases: [slug, `${slug}-old`] })
    t.match(made, { slug, aliases: [`${slug}-old`] })
    t.equal(made.aliases.length, 1)
    const chosen = await tag(room, { slug: `${slug}-b`, aliases: [`${slug}-b`] })
    t.same(chosen.aliases, [])
  })

  t.test('a slug or an alias that is another tag’s: 409', async (t) => {
    const other = await tag(room, { slug: unique('dock'), aliases: [unique('docks')] })
    const [alias] = other.aliases
    for (const fields of [
      { slug: other.slug },
      { slug: alias },
      { aliases: [other.slug] },
      { slug: unique('free'), aliases: [unique('a'), alias] },
      { aliases: [alias] }
    ]) {
      await refused(t, room, 'POST /v1/tags', { ...editor, body: topic(fields) }, '409 slug_taken')
    }
    const tries = await room.statements(() =>
      api('POST /v1/tags', { ...editor, body: topic({ aliases: [alias] }), expect: 409 })
    )
    t.ok(tries < 20, `it takes ${tries} statements to say so`)
  })

  t.test('an unknown parent: 400', async (t) => {
    await refused(
      t,
      room,
      'POST /v1/tags',
      { ...editor, body: topic({ parentId: UNKNOWN }) },
      '400 invalid_request',
      '/parentId'
    )
  })

  const faults: [string, object, string][] = [
    ['no kind', { kind: undefined }, '/kind'],
    ['an unknown kind', { kind: 'animal' }, '/kind'],
    ['no names', { names: undefined }, '/names'],
    ['an empty map of names', { names: {} }, '/names'],
    ['a blank name', { names: { en: ' ' } }, '/names/en'],
    ['a null name', { names: { en: null } }, '/names/en'],
    ['a name in no locale', { names: { english: 'Port' } }, '/names/english'],
    ['a locale in wrong case', { names: { 'en-gb': 'Port' } }, '/names/en-gb'],
    ['a slug in capitals', { slug: 'Port' }, '/slug'],
    ['a slug with two hyphens', { slug: 'a--b' }, '/slug'],
    ['an empty slug', { slug: '' }, '/slug'],
    ['a null slug', { slug: null }, '/slug'],
    ['one alias twice', { aliases: ['twice', 'twice'] }, '/aliases'],
    ['1,001 aliases', { aliases: Array.from({ length: 1001 }, (_, index) => `alias-${index}`) }, '/aliases'],
    ['an alias that is no slug', { aliases: ['A b'] }, '/aliases/0'],
    ['a parent that is no id', { parentId: '7' }, '/parentId'],
    ['an unknown member', { colour: 'red' }, '/colour'],
    ['a version', { version: 1 }, '/version'],
    ['NUL in a name', { names: { en: 'a\0b' } }, '/names/en'],
    ['half a surrogate pair in a description', { descriptions: { en: '\udc00' } }, '/descriptions/en']
  ]
  for (const [what, fields, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(
        t,
        room,
        'POST /v1/tags',
        { ...editor, body: topic(fields) },
        '400 invalid_request',
        pointer
      )
    })
  }

  t.test('fifty times at once with one chosen slug: one is made', async (t) => {
    const slug = unique('same')
    const answers = await atOnce(50, () => api('POST /v1/tags', { ...editor, body: topic({ slug }) }))
    t.same(tally(answers), { 201: 1, 409: 49 })
    t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'slug_taken'))
    t.same(await db.query({ text: 'SELECT count(*)::int AS tags FROM tags WHERE slug = $1::text' }, [slug]), [
      { tags: 1 }
    ])
  })

  t.test('fifty times at once with one name: fifty slugs', async (t) => {
    const name = unique('Fog')
    const answers = await atOnce(50, () =>
      api('POST /v1/tags', { ...editor, body: { kind: 'topic', names: { en: name } } })
    )
    t.same(tally(answers), { 201: 50 })
    const slugs = new Set(answers.map(({ body }) => body.slug))
    t.equal(slugs.size, 50)
    t.ok([...slugs].every((slug) => slug.startsWith(name.toLowerCase())))
    const events = await db.query(
      {
        text: `SELECT count(*)::int AS events FROM events WHERE type = 'tag.created' AND payload ->> 'slug' = ANY ($1::text[])`
      },
      [[...slugs]]
    )
    t.same(events, [{ events: 50 }], 'those that gave way left no event')
  })
})

t.test('reading a tag', async (t) => {
  t.test('there never was: 404', async (t) => {
    await refused(t, room, `GET /v1/tags/${UNKNOWN}`, editor, '404 not_found')
  })
  t.test('by what is no id: 400', async (t) => {
    await refused(t, room, 'GET /v1/tags/shipping', editor, '400 invalid_request', '/path/id')
  })
  t.test('counts live articles: nobody learns from it of drafts', async (t) => {
    const { id } = await tag(room)
    await draft(room, { tags: [id] })
    t.equal((await get(id)).articleCount, 0)
    const live = await story(room, { tags: [id] })
    await story(room, { tags: [id], locale: 'ru' })
    t.equal((await get(id)).articleCount, 2)
    await api(`POST /v1/articles/${live.id}/unpublish`, { ...editor, expect: 200 })
    const { articleCount, version } = await get(id)
    t.same([articleCount, version], [1, 1], 'and counting changes no version')
  })
})

t.test('the list, by slug', async (t) => {
  const word = unique('Lantern').toLowerCase()
  const root = await tag(room, { slug: `${word}-root`, kind: 'series', names: { en: `${word} root` } })
  const made: { id: string; slug: string }[] = []
  for (let count = 1; count <= 11; count++) {
    made.push(
      await tag(room, {
        slug: `${word}${String(count).padStart(2, '0')}`,
        kind: count % 2 ? 'person' : 'place',
        names: count % 3 ? { en: `Name ${count}` } : { en: `Name ${count}`, ru: `Фонарь ${word} ${count}` },
        parentId: root.id
      })
    )
  }
  const idsOf = (wanted: (count: number) => unknown) =>
    made.filter((_, index) => wanted(index + 1)).map(({ id }) => id)

  const filters: [string, (count: number) => unknown][] = [
    ['', () => true],
    ['kind=person', (count) => count % 2],
    ['kind=place', (count) => !(count % 2)],
    ['kind=series', () => false],
    ['locale=ru', (count) => !(count % 3)],
    ['locale=hy', () => false],
    [`q=${word}`, () => true],
    [`q=${word}0`, (count) => count < 10],
    [`q=${word.toUpperCase()}1`, (count) => count >= 10],
    [`q=${encodeURIComponent(`фонарь ${word}`)}`, (count) => !(count % 3)],
    [`q=${encodeURIComponent('ФОНАРЬ')}&locale=ru&kind=place`, (count) => count === 6],
    ['q=name%201', (count) => count === 1 || count >= 10],
    ['q=ame', () => false],
    ['q=%25', () => false],
    ['q=_', () => false],
    ['q=%5C', () => false]
  ]
  for (const [filter, wanted] of filters) {
    t.test(`with ${filter ? decodeURIComponent(filter) : 'the parent only'}`, async (t) => {
      t.same(await list(`parentId=${root.id}&${filter}`), idsOf(wanted))
    })
  }

  t.test('q finds aliases, and former slugs', async (t) => {
    const alias = unique('bygone')
    const { id, slug } = await tag(room, { aliases: [alias] })
    t.same(await list(`q=${alias}`), [id])
    const moved = unique('moved')
    await patch(id, 1, { slug: moved })
    t.same(await list(`q=${slug}`), [id])
    t.same(await list(`q=${moved}`), [id])
  })

  t.test('a filter that nothing fits: empty', async (t) => {
    const { body } = await api(`GET /v1/tags?parentId=${UNKNOWN}`, { ...editor, expect: 200 })
    t.same(body, { data: [], page: { limit: 20, hasMore: false, next: null, prev: null } })
  })

  for (const limit of [1, 3, 5, 11, 12]) {
    t.test(`${limit} at a time, there and back`, async (t) => {
      const walked = await walk(room, `GET /v1/tags?parentId=${root.id}`, editor, limit)
      t.same(
        walked.there,
        idsOf(() => true)
      )
      t.same(
        walked.back,
        idsOf(() => true)
      )
      t.equal(walked.pages, Math.ceil(11 / limit))
      t.equal(walked.firstPrev, null)
    })
  }

  t.test('tags that come and go meanwhile move nothing', async (t) => {
    const parent = await tag(room)
    const child = (slug: string) => tag(room, { slug: `${word}-${slug}`, parentId: parent.id })
    await child('b')
    const [d, f] = [await child('d'), await child('f')]
    await child('h')
    const page = async (cursor: string | null) =>
      (
        await api(`GET /v1/tags?parentId=${parent.id}&limit=2${cursor ? `&cursor=${cursor}` : ''}`, {
          ...editor,
          expect: 200
        })
      ).body
    const slugs = ({ data }: { data: { slug: string }[] }) =>
      data.map(({ slug }) => slug.slice(word.length + 1))
    const first = await page(null)
    t.same(slugs(first), ['b', 'd'])
    await child('a')
    await child('c')
    await api(`DELETE /v1/tags/${d.id}`, { ...editor, ifMatch: 1, expect: 204 })
    await child('g')
    const second = await page(first.page.next)
    t.same(slugs(second), ['f', 'g'], 'after d, though d is gone')
    await api(`DELETE /v1/tags/${f.id}`, { ...editor, ifMatch: 1, expect: 204 })
    const third = await page(second.page.next)
    t.same(slugs(third), ['h'])
    t.equal(third.page.hasMore, false)
    const back = await page(third.page.prev)
    t.same(slugs(back), ['c', 'g'])
    const further = await page(back.page.prev)
    t.same(slugs(further), ['a', 'b'])
    t.equal(further.page.prev, null)
    t.same(slugs(await page(further.page.next)), ['c', 'g'])
  })

  const faults: [string, string, string][] = [
    ['limit=101', '400 invalid_request', '/query/limit'],
    ['kind=animal', '400 invalid_request', '/query/kind'],
    ['kind=topic&kind=place', '400 invalid_request', '/query/kind'],
    ['locale=english', '400 invalid_request', '/query/locale'],
    ['parentId=7', '400 invalid_request', '/query/parentId'],
    ['parentId=null', '400 invalid_request', '/query/parentId'],
    ['q=', '400 invalid_request', '/query/q'],
    ['q=a%00b', '400 invalid_request', '/query/q'],
    ['slug=x', '400 invalid_request', '/query/slug'],
    ['cursor=x', '400 invalid_cursor', '/query/cursor']
  ]
  for (const [query, refusal, pointer] of faults) {
    t.test(`?${query}: ${refusal}`, async (t) => {
      await refused(t, room, `GET /v1/tags?${query}`, editor, refusal, pointer)
    })
  }

  t.test('a cursor with other filters: 400; with another limit: taken', async (t) => {
    const { next } = (await api(`GET /v1/tags?parentId=${root.id}&limit=2`, { ...editor, expect: 200 })).body
      .page
    for (const query of ['', `parentId=${root.id}&kind=person`, `parentId=${UNKNOWN}`]) {
      await refused(
        t,
        room,
        `GET /v1/tags?${query}&cursor=${next}`,
        editor,
        '400 invalid_cursor',
        '/query/cursor'
      )
    }
    const { data } = (
      await api(`GET /v1/tags?parentId=${root.id}&limit=4&cursor=${next}`, { ...editor, expect: 200 })
    ).body
    t.same(
      data.map(({ id }: { id: string }) => id),
      idsOf((count) => count >= 3 && count <= 6)
    )
  })
})

t.test('changing a tag is a merge patch', async (t) => {
  const full = {
    names: { en: 'Port', ru: 'Порт' },
    descriptions: { en: 'Where ships lie.', ru: 'Где стоят суда.' }
  }
  const { id } = await tag(room, full)
  const cases: [string, object, object, string[]][] = [
    [
      'a locale more',
      { names: { hy: 'Նավահանգիստ' } },
      { names: { ...full.names, hy: 'Նավահանգիստ' } },
      ['names']
    ],
    ['a name anew', { names: { ru: 'Гавань' } }, { names: { en: 'Port', ru: 'Гавань' } }, ['names']],
    ['null takes a name away', { names: { ru: null } }, { names: { en: 'Port' } }, ['names']],
    [
      'null takes all descriptions away',
      { descriptions: { en: null, ru: null } },
      { descriptions: {} },
      ['descriptions']
    ],
    [
      'several at once',
      { kind: 'place', names: { de: 'Hafen' }, descriptions: { en: null } },
      { kind: 'place', names: { ...full.names, de: 'Hafen' }, descriptions: { ru: 'Где стоят суда.' } },
      ['kind', 'names', 'descriptions']
    ]
  ]
  for (const [what, body, expected, fields] of cases) {
    t.test(what, async (t) => {
      const before = await tag(room, full)
      const answer = await written(
        t,
        room,
        `PATCH /v1/tags/${before.id}`,
        { ...editor, ifMatch: 1, body },
        { type: 'tag.updated', fields }
      )
      const { updatedAt, ...after } = answer.body
      const { updatedAt: earlier, ...unchanged } = before
      t.same(after, { ...unchanged, ...expected, version: 2 }, 'and nothing else')
      t.ok(updatedAt >= earlier)
      t.equal(answer.headers.get('etag'), '"2"')
      t.same(await get(before.id), answer.body)
    })
  }

  t.test('arrays are replaced whole', async (t) => {
    const [a, b, c] = [unique('a'), unique('b'), unique('c')]
    const { id } = await tag(room, { aliases: [a, b] })
    const answer = await written(
      t,
      room,
      `PATCH /v1/tags/${id}`,
      { ...editor, ifMatch: 1, body: { aliases: [c, a] } },
      { type: 'tag.updated', fields: ['aliases'] }
    )
    t.same(answer.body.aliases, [c, a])
    await tag(room, { slug: b })
  })

  t.test('as application/merge-patch+json too', async (t) => {
    const { id } = await tag(room)
    const headers = { 'content-type': 'application/merge-patch+json' }
    t.equal(
      (
        await api(`PATCH /v1/tags/${id}`, {
          ...editor,
          ifMatch: 1,
          headers,
          raw: '{"kind":"place"}',
          expect: 200
        })
      ).body.kind,
      'place'
    )
  })

  t.test('what is already so: no change, no new version, no trace', async (t) => {
    const { id, kind, slug, names, descriptions, parentId, aliases } = await tag(room, {
      ...full,
      aliases: [unique('old')]
    })
    for (const body of [
      {},
      { names: { en: 'Port' } },
      { names: { hy: null } },
      { kind, slug, names, descriptions, parentId, aliases }
    ]) {
      const answer = await changesNothing(t, room, `PATCH /v1/tags/${id}`, { ...editor, ifMatch: 1, body })
      t.equal(answer.headers.get('etag'), '"1"')
    }
  })

  const faults: [string, object, string][] = [
    ['the last names taken away', { names: { en: null, ru: null } }, '/names'],
    ['names that are null', { names: null }, '/names'],
    ['descriptions that are null', { descriptions: null }, '/descriptions'],
    ['a blank name', { names: { en: '\t' } }, '/names/en'],
    ['a name of 201 characters', { names: { en: 'x'.repeat(201) } }, '/names/en'],
    ['a null slug', { slug: null }, '/slug'],
    ['a null kind', { kind: null }, '/kind'],
    ['null aliases', { aliases: null }, '/aliases'],
    ['an unknown member', { name: 'Port' }, '/name'],
    ['a version', { version: 1 }, '/version'],
    ['an article count', { articleCount: 0 }, '/articleCount'],
    ['an unknown parent', { parentId: UNKNOWN }, '/parentId'],
    ['an array', [], '']
  ]
  for (const [what, body, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(
        t,
        room,
        `PATCH /v1/tags/${id}`,
        { ...editor, ifMatch: 1, body },
        '400 invalid_request',
        pointer
      )
    })
  }

  t.test('with more locales than a tag may have in the end: 400', async (t) => {
    const locales = (first: string) =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => [
          first + String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26)),
          'Port'
        ])
      )
    const { id } = await tag(room, { names: locales('a') })
    await refused(
      t,
      room,
      `PATCH /v1/tags/${id}`,
      { ...editor, ifMatch: 1, body: { names: locales('b') } },
      '400 invalid_request',
      '/names'
    )
  })

  t.test('names reach live articles at once', async (t) => {
    const { id, slug } = await tag(room, full)
    const live = await story(room, { tags: [id] })
    await patch(id, 1, { names: { en: 'Haven' } })
    const read = await api(`GET /v1/content/articles/${live.slug}`, { expect: 200 })
    t.match(read.body.tags, [{ slug, name: 'Haven' }])
  })
})

t.test('If-Match', async (t) => {
  const { id } = await tag(room)
  await patch(id, 1, { names: { en: 'Second' } })
  const conditions: [string, string | undefined, string | undefined][] = [
    ['missing', undefined, '428 precondition_required'],
    ['a star', '*', '428 precondition_required'],
    ['a star among blanks', ' * ', '428 precondition_required'],
    ['the version before', '"1"', '412 stale_version'],
    ['the version to come', '"3"', '412 stale_version'],
    ['the number without quotes', '2', '412 stale_version'],
    ['a quoted star', '"*"', '412 stale_version'],
    ['the tag of something else', '"abc"', '412 stale_version'],
    ['a number with a zero in front of a wrong one', '"01"', '412 stale_version'],
    ['more digits than a version has', '"22222222222222222222"', '412 stale_version'],
    ['the version', '"2"', undefined],
    ['the version as a proxy that compresses sends it', 'W/"2"', undefined],
    ['the version among others', '"1", "2"', undefined],
    ['the version after a weak one', 'W/"7" ,W/"2"', undefined]
  ]
  for (const [what, ifMatch, refusal] of conditions) {
    t.test(`${what}: ${refusal ?? 200}`, async (t) => {
      const options = {
        ...editor,
        ...(ifMatch !== undefined && { ifMatch }),
        body: { names: { en: 'Second' } }
      }
      if (!refusal) return void (await changesNothing(t, room, `PATCH /v1/tags/${id}`, options))
      const { body: _, ...bodiless } = options
      for (const [request, sent] of [
        [`PATCH /v1/tags/${id}`, { ...options, body: { kind: 'place' } }],
        [`DELETE /v1/tags/${id}`, bodiless],
        [`DELETE /v1/tags/${id}?force=true`, bodiless]
      ] as const) {
        const answer = await refused(t, room, request, sent, refusal)
        if (refusal.startsWith('412')) t.equal(answer.body.currentVersion, 2)
        else t.equal(answer.body.errors[0].pointer, '/header/if-match')
      }
    })
  }

  t.test('of what is not there: 404', async (t) => {
    await refused(
      t,
      room,
      `PATCH /v1/tags/${UNKNOWN}`,
      { ...editor, ifMatch: 1, body: { kind: 'place' } },
      '404 not_found'
    )
    await refused(t, room, `DELETE /v1/tags/${UNKNOWN}`, { ...editor, ifMatch: 1 }, '404 not_found')
  })

  t.test('a hundred changes at once on one version: one is made', async (t) => {
    const { id } = await tag(room)
    const before = await db.query<{ events: number }>(
      { text: 'SELECT count(*)::int AS events FROM events WHERE subject_id = $1::uuid' },
      [id]
    )
    const answers = await atOnce(100, (index) => patch(id, 1, { names: { en: `Name ${index}` } }))
    t.same(tally(answers), { 200: 1, 412: 99 })
    t.ok(
      answers.every(
        ({ status, body }) => status === 200 || (body.code === 'stale_version' && body.currentVersion === 2)
      )
    )
    const winner = answers.find(({ status }) => status === 200)?.body
    t.same(await get(id), winner)
    const after = await db.query<{ events: number }>(
      { text: 'SELECT count(*)::int AS events FROM events WHERE subject_id = $1::uuid' },
      [id]
    )
    t.equal((after[0]?.events ?? 0) - (before[0]?.events ?? 0), 1)
  })

  t.test('a change and a deletion at once: one is done', async (t) => {
    for (let round = 0; round < 10; round++) {
      const { id } = await tag(room)
      const [changed, deleted] = await Promise.all([
        patch(id, 1, { kind: 'place' }),
        api(`DELETE /v1/tags/${id}`, { ...editor, ifMatch: 1 })
      ])
      t.ok(
        (changed.status === 200 && deleted.status === 412) ||
          (changed.status === 404 && deleted.status === 204),
        `${changed.status} and ${deleted.status}`
      )
    }
  })
})

t.test('slugs and aliases', async (t) => {
  t.test('a slug given up becomes an alias, and stays the tag’s', async (t) => {
    const [first, second, third] = [unique('one'), unique('two'), unique('three')]
    const { id } = await tag(room, { slug: first })
    const answer = await written(
      t,
      room,
      `PATCH /v1/tags/${id}`,
      { ...editor, ifMatch: 1, body: { slug: second } },
      { type: 'tag.updated', fields: ['slug', 'aliases'] }
    )
    t.match(answer.body, { slug: second, aliases: [first] })
    t.same((await patch(id, 2, { slug: third })).body.aliases, [first, second])
    for (const slug of [first, second, third])
      await refused(t, room, 'POST /v1/tags', { ...editor, body: topic({ slug }) }, '409 slug_taken')
    const back = await patch(id, 3, { slug: first })
    t.match(back.body, { slug: first, aliases: [second, third] }, 'and can be taken back')
    const slugs = await db.query<{ slug: string }>(
      { text: 'SELECT slug FROM tag_slugs WHERE tag_id = $1::uuid ORDER BY slug' },
      [id]
    )
    t.same(
      slugs.map(({ slug }) => slug),
      [first, second, third].sort()
    )
  })

  t.test('also when other aliases are given with the new slug', async (t) => {
    const [slug, next, alias] = [unique('old'), unique('new'), unique('alias')]
    const { id } = await tag(room, { slug })
    t.same((await patch(id, 1, { slug: next, aliases: [alias] })).body.aliases, [alias, slug])
  })

  t.test('another tag’s slug or alias: 409', async (t) => {
    const other = await tag(room, { aliases: [unique('taken')] })
    const { id } = await tag(room)
    for (const body of [
      { slug: other.slug },
      { slug: other.aliases[0] },
      { aliases: [other.slug] },
      { aliases: [unique('free'), other.aliases[0]] }
    ]) {
      await refused(t, room, `PATCH /v1/tags/${id}`, { ...editor, ifMatch: 1, body }, '409 slug_taken')
    }
  })

  t.test('two tags that take each other’s slug at once: never both', async (t) => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await tag(room), await tag(room)]
      const answers = await Promise.all([patch(a.id, 1, { slug: b.slug }), patch(b.id, 1, { slug: a.slug })])
      t.same(tally(answers), { 409: 2 })
    }
  })

  t.test('one free alias for two tags at once: one gets it', async (t) => {
    for (let round = 0; round < 5; round++) {
      const alias = unique('wanted')
      const [a, b] = [await tag(room), await tag(room)]
      t.same(tally(await Promise.all([a, b].map(({ id }) => patch(id, 1, { aliases: [alias] })))), {
        200: 1,
        409: 1
      })
    }
  })

  t.test('more aliases than a tag may have in the end: 400', async (t) => {
    const aliases = Array.from({ length: 1000 }, () => unique('alias'))
    const { id } = await tag(room, { aliases })
    await refused(
      t,
      room,
      `PATCH /v1/tags/${id}`,
      { ...editor, ifMatch: 1, body: { slug: unique('new') } },
      '400 invalid_request',
      '/aliases'
    )
    t.equal(
      (await patch(id, 1, { slug: aliases[0] })).body.aliases.length,
      1000,
      'one of its own can become its slug'
    )
  })
})

t.test('parents', async (t) => {
  t.test('can be given, changed and taken away', async (t) => {
    const [a, b, child] = [await tag(room), await tag(room), await tag(room)]
    for (const [version, parentId] of [
      [1, a.id],
      [2, b.id],
      [3, null]
    ] as const) {
      const answer = await written(
        t,
        room,
        `PATCH /v1/tags/${child.id}`,
        { ...editor, ifMatch: version, body: { parentId } },
        { type: 'tag.updated', fields: ['parentId'] }
      )
      t.equal(answer.body.parentId, parentId)
    }
  })

  t.test('itself: 409', async (t) => {
    const { id } = await tag(room)
    await refused(
      t,
      room,
      `PATCH /v1/tags/${id}`,
      { ...editor, ifMatch: 1, body: { parentId: id } },
      '409 tag_cycle'
    )
  })

  t.test('in a circle of two or three: 409', async (t) => {
    const a = await tag(room)
    const b = await tag(room, { parentId: a.id })
    const c = await tag(room, { parentId: b.id })
    for (const { id } of [b, c])
      await refused(
        t,
        room,
        `PATCH /v1/tags/${a.id}`,
        { ...editor, ifMatch: 1, body: { parentId: id } },
        '409 tag_cycle'
      )
    t.equal((await patch(c.id, 1, { parentId: a.id })).status, 200, 'but to a brother it may move')
  })

  t.test('closing a circle from both ends at once: never', async (t) => {
    for (let round = 0; round < 20; round++) {
      const [a, b] = [await tag(room), await tag(room)]
      const answers = await Promise.all([
        patch(a.id, 1, { parentId: b.id }),
        patch(b.id, 1, { parentId: a.id })
      ])
      t.same(tally(answers), { 200: 1, 409: 1 }, `round ${round}`)
      t.equal(answers.find(({ status }) => status === 409)?.body.code, 'tag_cycle')
    }
    t.same(await cycles(), [])
  })

  t.test('closing a circle of four at once: never', async (t) => {
    for (let round = 0; round < 5; round++) {
      const four = [await tag(room), await tag(room), await tag(room), await tag(room)]
      const answers = await Promise.all(
        four.map(({ id }, index) => patch(id, 1, { parentId: four[(index + 1) % 4].id }))
      )
      t.same(tally(answers), { 200: 3, 409: 1 }, `round ${round}`)
    }
    t.same(await cycles(), [])
  })

  t.test('deleted at once with being made a parent: never dangling', async (t) => {
    for (let round = 0; round < 10; round++) {
      const [parent, child] = [await tag(room), await tag(room)]
      const [changed, deleted] = await Promise.all([
        patch(child.id, 1, { parentId: parent.id }),
        api(`DELETE /v1/tags/${parent.id}`, { ...editor, ifMatch: 1 })
      ])
      t.ok(
        (changed.status === 200 && deleted.status === 409) ||
          (changed.status === 400 && deleted.status === 204),
        `${changed.status} and ${deleted.status}`
      )
    }
  })
})

t.test('deleting a tag', async (t) => {
  t.test('that nobody uses: gone, and its slugs are free', async (t) => {
    const { id, slug, aliases } = await tag(room, { aliases: [unique('alias')] })
    await written(
      t,
      room,
      `DELETE /v1/tags/${id}`,
      { ...editor, ifMatch: 1 },
      { status: 204, type: 'tag.deleted', subject: id }
    )
    await refused(t, room, `GET /v1/tags/${id}`, editor, '404 not_found')
    await refused(t, room, `DELETE /v1/tags/${id}`, { ...editor, ifMatch: 1 }, '404 not_found')
    await tag(room, { slug, aliases })
  })

  const uses: [string, (id: string) => Promise<unknown>][] = [
    ['a draft', (id) => draft(room, { tags: [id] })],
    ['a live article', (id) => story(room, { tags: [id] })],
    [
      'a live article whose working copy has it no more',
      async (id) => {
        const live = await story(room, { tags: [id] })
        await api(`PATCH /v1/articles/${live.id}`, {
          ...editor,
          ifMatch: live.version,
          body: { tags: [] },
          expect: 200
        })
      }
    ],
    ['a tag below it', (id) => tag(room, { parentId: id })]
  ]
  for (const [what, use] of uses) {
    t.test(`in use by ${what}: 409, unless forced`, async (t) => {
      const { id } = await tag(room)
      await use(id)
      for (const query of ['', '?force=false'])
        await refused(t, room, `DELETE /v1/tags/${id}${query}`, { ...editor, ifMatch: 1 }, '409 tag_in_use')
      const event = what === 'a tag below it' ? ['tag.updated', 'tag.deleted'] : 'tag.deleted'
      const audit = [event].flat()
      await tellsOnce(t, room, { event, audit }, () =>
        api(`DELETE /v1/tags/${id}?force=true`, { ...editor, ifMatch: 1, expect: 204 })
      )
      await refused(t, room, `GET /v1/tags/${id}`, editor, '404 not_found')
    })
  }

  t.test('forced: articles and readers lose it, tags below lose their parent, all else stays', async (t) => {
    const [doomed, other] = [await tag(room), await tag(room)]
    const child = await tag(room, { parentId: doomed.id })
    const live = await story(room, { tags: [doomed.id, other.id] })
    await api(`DELETE /v1/tags/${doomed.id}?force=true`, { ...editor, ifMatch: 1, expect: 204 })
    t.same((await api(`GET /v1/articles/${live.id}`, { ...editor, expect: 200 })).body.tags, [other.id])
    const read = (await api(`GET /v1/content/articles/${live.slug}`, { expect: 200 })).body
    t.same(
      read.tags.map((shown: { slug: string }) => shown.slug),
      [other.slug]
    )
    t.match(await get(child.id), { parentId: null, version: 2, slug: child.slug })
  })

  t.test('force is true, false or absent: else 400', async (t) => {
    const { id } = await tag(room)
    for (const query of ['force=1', 'force=', 'force=TRUE', 'force=true&force=true', 'forced=true']) {
      const pointer = `/query/${query.split('=')[0]}`
      await refused(
        t,
        room,
        `DELETE /v1/tags/${id}?${query}`,
        { ...editor, ifMatch: 1 },
        '400 invalid_request',
        pointer
      )
    }
  })

  t.test('with a body: 400', async (t) => {
    const { id } = await tag(room)
    await refused(
      t,
      room,
      `DELETE /v1/tags/${id}`,
      { ...editor, ifMatch: 1, body: { force: true } },
      '400 unexpected_body'
    )
  })

  t.test('at once with a draft that takes it: never dangling', async (t) => {
    for (let round = 0; round < 10; round++) {
      const { id } = await tag(room)
      const [made, deleted] = await Promise.all([
        api('POST /v1/articles', {
          ...editor,
          body: { locale: 'en', headline: unique('Story'), body: { markdown: 'Text.' }, tags: [id] }
        }),
        api(`DELETE /v1/tags/${id}`, { ...editor, ifMatch: 1 })
      ])
      const states = `${made.status} and ${deleted.status}`
      t.ok(
        (made.status === 201 && deleted.status === 409) ||
          (made.status >= 400 && made.status < 500 && deleted.status === 204),
        states
      )
    }
  })
})
