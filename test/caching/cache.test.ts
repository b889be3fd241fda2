/** What is kept is served, and goes exactly when what it shows changes. */
import { syncBuiltinESMExports } from 'node:module'
import zlib, { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Kept } from '../../src/caching/store.ts'
import { author, newsroom, story, tag } from '../helper.ts'

const room = await newsroom(t)
const { api, app, url } = room
const editor = { as: 'editor' as const }

const isKept = (path: string) => app.cache.find(path) !== undefined
const settled = async () => {
  const deadline = performance.now() + 20_000
  while (!app.cache.freshness.isFresh()) {
    if (performance.now() > deadline) throw new Error('nothing was fresh for 20 s')
    await new Promise((done) => setTimeout(done, 5))
  }
}

/** Reads each path until it is kept: what is told of twice may drop it once more. */
async function keep(paths: string[]) {
  const deadline = performance.now() + 20_000
  while (!paths.every(isKept)) {
    if (performance.now() > deadline) throw new Error(`not kept: ${paths.filter((path) => !isKept(path))}`)
    for (const path of paths) await api(`GET ${path}`, { expect: [200, 301] })
    await settled()
    // Our own notices have come back when a later one has.
    await new Promise((done) => setTimeout(done, 60))
  }
}

t.test('served again without a statement, however its parameters are written', async (t) => {
  const one = await story(room)
  const path = `/v1/content/articles/${one.slug}`
  await keep([path, `${path}?body=html&locale=en`])
  const first = await api(`GET ${path}`, { expect: 200 })
  t.equal(await room.statements(() => api(`GET ${path}`, { expect: 200 })), 0)
  t.equal(await room.statements(() => api(`HEAD ${path}`, { expect: 200 })), 0)
  t.equal(await room.statements(() => api(`GET ${path}?locale=en&body=html`, { expect: 200 })), 0)
  const again = await api(`GET ${path}`, { expect: 200 })
  t.equal(again.text, first.text)
  for (const name of [
    'etag',
    'content-type',
    'content-language',
    'surrogate-key',
    'vary',
    'x-content-type-options'
  ])
    t.equal(again.headers.get(name), first.headers.get(name), name)
  t.not(again.headers.get('x-request-id'), first.headers.get('x-request-id'))
})

t.test('asked for by many at once, it is read once', async (t) => {
  const one = await story(room)
  await keep(['/v1/content/site'])
  const count = await room.statements(() =>
    Promise.all(
      Array.from({ length: 40 }, () => api(`GET /v1/content/articles/${one.slug}`, { expect: 200 }))
    )
  )
  t.equal(count, 1)
})

t.test('encodings: the same text, an ETag each', async (t) => {
  const one = await story(room, { body: { markdown: 'A long walk along the harbour wall. '.repeat(200) } })
  const path = `/v1/content/articles/${one.slug}`
  const get = async (accept: string, known?: string) => {
    const response = await new Promise<{ status: number; headers: Record<string, string>; bytes: Buffer }>(
      (done, failed) => {
        import('node:http').then(({ get }) =>
          get(
            url + path,
            { headers: { 'accept-encoding': accept, ...(known && { 'if-none-match': known }) } },
            (answer) => {
              const parts: Buffer[] = []
              answer.on('data', (part) => parts.push(part))
              answer.on('end', () =>
                done({
                  status: answer.statusCode ?? 0,
                  headers: answer.headers as Record<string, string>,
                  bytes: Buffer.concat(parts)
                })
              )
            }
          ).on('error', failed)
        )
      }
    )
    return response
  }
  const plain = await get('')
  t.equal(plain.headers['content-encoding'], undefined)
  const etags = new Set([plain.headers.etag])
  for (const round of ['made', 'kept']) {
    for (const [accept, encoding, decode] of [
      ['gzip', 'gzip', gunzipSync],
      ['br', 'br', brotliDecompressSync],
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['br;q=0.5, gzip', 'gzip', gunzipSync],
      ['*', 'br', brotliDecompressSync]
    ] as const) {
      const answer = await get(accept)
      t.equal(answer.headers['content-encoding'], encoding, `${accept}, ${round}`)
      t.equal(decode(answer.bytes).toString(), plain.bytes.toString())
      t.ok(answer.bytes.length < plain.bytes.length / 3)
      t.equal(Number(answer.headers['content-length']), answer.bytes.length)
      t.equal(answer.headers.vary, 'accept-encoding')
      t.equal((await get(accept, answer.headers.etag)).status, 304)
      t.equal((await get(accept, plain.headers.etag)).status, 200, 'other bytes')
      etags.add(answer.headers.etag)
    }
    for (const accept of ['identity', 'deflate', 'br;q=0', 'gzip;q=0, identity', 'identity, gzip;q=0.5'])
      t.equal((await get(accept)).headers['content-encoding'], undefined, `${accept}, ${round}`)
    await keep([path])
  }
  t.equal(etags.size, 3)
})

t.test('asked for by many at once, it is encoded once', async (t) => {
  const one = await story(room, { body: { markdown: 'Nets were mended all along the quay. '.repeat(60) } })
  const path = `/v1/content/articles/${one.slug}`
  await keep([path])
  const real = zlib.brotliCompress
  let made = 0
  const replace = (brotliCompress: unknown) => {
    Object.assign(zlib, { brotliCompress })
    syncBuiltinESMExports()
  }
  replace((...parameters: Parameters<typeof real>) => {
    made++
    return real(...parameters)
  })
  t.teardown(() => replace(real))
  const get = () =>
    fetch(url + path, { headers: { 'accept-encoding': 'br' } }).then((answer) => answer.text())
  await Promise.all(Array.from({ length: 30 }, get))
  t.equal(made, 1)
})

t.test('what is kept takes no more memory than its bytes', async (t) => {
  const one = await story(room, { body: { markdown: 'The tide table hangs by the door. '.repeat(60) } })
  const path = `/v1/content/articles/${one.slug}`
  await keep([path])
  for (const encoding of ['gzip', 'br'])
    await fetch(url + path, { headers: { 'accept-encoding': encoding } }).then((answer) => answer.text())
  const { plain, encoded } = app.cache.find(path) as Kept
  for (const [name, form] of Object.entries({ plain, ...encoded })) {
    const { buffer, length } = form.content as Buffer
    t.equal(buffer.byteLength, length, name)
  }
  t.same(Object.keys(encoded).toSorted(), ['br', 'gzip'])
})

t.test('each change drops what shows it, and nothing else', async (t) => {
  const [sea, land] = [await tag(room, { slug: 'the-sea' }), await tag(room, { slug: 'the-land' })]
  const [iris, jon] = [await author(room), await author(room)]
  const atSea = await story(room, { tags: [sea.id], authors: [iris.id], slug: 'at-sea' })
  const onLand = await story(room, { tags: [land.id], authors: [jon.id], slug: 'on-land' })
  const list = (
    await api('POST /v1/lists', {
      ...editor,
      body: { titles: { en: 'Chosen' }, slug: 'chosen', size: 3 },
      expect: 201
    })
  ).body
  await api(`PUT /v1/lists/${list.id}/items`, {
    ...editor,
    ifMatch: 1,
    body: [{ storyId: onLand.storyId }],
    expect: 200
  })
  await api('POST /v1/redirects', {
    ...editor,
    body: { path: '/old-sea', storyId: atSea.storyId },
    expect: 201
  })

  const c = '/v1/content'
  const all = {
    sea: `${c}/articles/at-sea`,
    land: `${c}/articles/on-land`,
    newest: `${c}/articles`,
    newestRu: `${c}/articles?locale=ru`,
    ofSea: `${c}/articles?tag=the-sea`,
    ofLand: `${c}/articles?tag=the-land`,
    byIris: `${c}/articles?author=${iris.slug}`,
    seaTag: `${c}/tags/the-sea`,
    landTag: `${c}/tags/the-land`,
    tags: `${c}/tags?locale=en`,
    iris: `${c}/authors/${iris.slug}`,
    authors: `${c}/authors?locale=en`,
    list: `${c}/lists/chosen`,
    site: `${c}/site`
  }
  type Name = keyof typeof all
  const version = async (path: string) =>
    Number((await api(`GET ${path}`, { as: 'admin', expect: 200 })).headers.get('etag')?.slice(1, -1))
  const patch = async (path: string, body: object) =>
    api(`PATCH ${path}`, { as: 'admin', ifMatch: await version(path), body, expect: 200 })
  const onTimeline = async (id: string, body: object) =>
    api(`POST /v1/articles/${id}/publications`, {
      ...editor,
      ifMatch: await version(`/v1/articles/${id}`),
      body,
      expect: 201
    })

  const changes: [change: string, work: () => Promise<unknown>, dropped: Name[]][] = [
    ['nothing', async () => {}, []],
    ['a draft is changed', () => patch(`/v1/articles/${atSea.id}`, { headline: 'Not yet' }), []],
    [
      'what was changed is published',
      () => onTimeline(atSea.id, {}),
      ['sea', 'newest', 'ofSea', 'byIris', 'seaTag', 'tags', 'iris', 'authors']
    ],
    [
      'another article of the sea',
      () => story(room, { tags: [sea.id] }),
      ['newest', 'ofSea', 'seaTag', 'tags', 'authors']
    ],
    ['one without tags', () => story(room), ['newest', 'tags', 'authors']],
    ['one in Russian', () => story(room, { locale: 'ru' }), ['newestRu']],
    [
      'one is scheduled',
      () => onTimeline(onLand.id, { liveFrom: '2090-01-01T00:00:00Z' }),
      ['land', 'newest', 'ofLand', 'landTag', 'tags', 'authors', 'list']
    ],
    [
      'a tag is renamed',
      () => patch(`/v1/tags/${sea.id}`, { names: { en: 'The deep' } }),
      ['sea', 'newest', 'ofSea', 'byIris', 'seaTag', 'tags']
    ],
    [
      'an author is renamed',
      () => patch(`/v1/authors/${iris.id}`, { name: 'Iris Falk' }),
      ['sea', 'newest', 'ofSea', 'byIris', 'iris', 'authors']
    ],
    ['the list is renamed', () => patch(`/v1/lists/${list.id}`, { titles: { en: 'Picked' } }), ['list']],
    ['the site gets a new tagline', () => patch('/v1/site/en', { tagline: 'From the coast' }), ['site']],
    [
      'articles move',
      () => patch('/v1/site/en', { articleUrl: 'https://news.example/a/{slug}' }),
      Object.keys(all) as Name[]
    ],
    [
      'a stage is moved',
      () =>
        api(`POST /v1/articles/${onLand.id}/stage`, {
          ...editor,
          ifMatch: 1,
          body: { to: 'ready' },
          expect: 200
        }),
      []
    ],
    ['a tag nobody uses is made', () => tag(room), ['tags']],
    [
      'a redirect is made',
      () => api('POST /v1/redirects', { ...editor, body: { path: '/x', target: '/y' }, expect: 201 }),
      []
    ]
  ]
  for (const [change, work, dropped] of changes) {
    await keep(Object.values(all))
    await work()
    await settled()
    const gone = (Object.keys(all) as Name[]).filter((name) => !isKept(all[name]))
    t.same(gone.toSorted(), dropped.toSorted(), change)
  }
})

t.test('an alias, a former slug and a fallback go when another takes their place', async (t) => {
  const shipping = await tag(room, { aliases: ['boats'] })
  const one = await story(room, { slug: 'first-name', tags: [shipping.id] })
  await api(`PATCH /v1/articles/${one.id}`, {
    ...editor,
    ifMatch: 1,
    body: { slug: 'second-name' },
    expect: 200
  })
  await api(`POST /v1/articles/${one.id}/publications`, { ...editor, ifMatch: 2, body: {}, expect: 201 })
  const paths = [
    '/v1/content/articles/first-name',
    '/v1/content/articles/second-name?locale=ru',
    '/v1/content/tags/boats',
    '/v1/content/articles?tag=boats'
  ]
  await keep(paths)
  const [moved, fallback, alias, listed] = await Promise.all(paths.map((path) => api(`GET ${path}`)))
  t.match(moved, { status: 301 })
  t.equal(moved?.headers.get('location'), '/v1/content/articles/second-name?locale=en')
  t.match(fallback?.body, { locale: 'en' })
  t.match(alias, { status: 301 })
  t.equal(listed?.body.data.length, 1)

  await story(room, { slug: 'first-name', headline: 'Taken over' })
  t.equal((await api('GET /v1/content/articles/first-name', { expect: 200 })).body.headline, 'Taken over')
  await story(room, { locale: 'ru', slug: 'second-name', headline: 'Свой' })
  t.equal(
    (await api('GET /v1/content/articles/second-name?locale=ru', { expect: 200 })).body.headline,
    'Свой'
  )
  await api(`PATCH /v1/tags/${shipping.id}`, { ...editor, ifMatch: 1, body: { aliases: [] }, expect: 200 })
  await api('GET /v1/content/tags/boats', { expect: 404 })
  t.same((await api('GET /v1/content/articles?tag=boats', { expect: 200 })).body.data, [])
  await tag(room, { slug: 'boats' })
  const other = (await api('GET /v1/tags?q=boats', { ...editor, expect: 200 })).body.data[0]
  await story(room, { tags: [other.id] })
  t.equal((await api('GET /v1/content/articles?tag=boats', { expect: 200 })).body.data.length, 1)
})

t.test('a purge: what was told of its past goes too', async (t) => {
  const one = await story(room, { slug: 'never-again' })
  await api(`POST /v1/articles/${one.id}/withdraw`, { ...editor, body: { reason: 'Order' }, expect: 200 })
  await api(`DELETE /v1/articles/${one.id}`, { ...editor, ifMatch: 1, expect: 204 })
  const path = '/v1/content/resolve?path=/en/never-again'
  await keep([path])
  t.match((await api(`GET ${path}`)).body, { type: 'gone' })
  await api(`DELETE /v1/articles/${one.id}?purge=true`, { as: 'admin', ifMatch: 1, expect: 204 })
  await api(`GET ${path}`, { expect: 404 })
})

t.test('a moment passes: what began is there, what ended is gone', async (t) => {
  const label = await tag(room)
  const ending = await story(room, { tags: [label.id] })
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString()
  const begin = inSeconds(3)
  await api(
    `PATCH /v1/articles/${ending.id}/publications/${(await api(`GET /v1/articles/${ending.id}/publications`, editor)).body.data[0].id}`,
    {
      ...editor,
      body: { liveUntil: begin },
      expect: 200
    }
  )
  const coming = (
    await api('POST /v1/articles', {
      ...editor,
      body: { locale: 'en', headline: 'Coming', tags: [label.id] },
      expect: 201
    })
  ).body
  await api(`POST /v1/articles/${coming.id}/publications`, {
    ...editor,
    ifMatch: 1,
    body: { liveFrom: begin },
    expect: 201
  })
  const path = `/v1/content/articles?tag=${label.slug}`
  const ids = async () =>
    (await api(`GET ${path}`, { expect: 200 })).body.data.map(({ id }: { id: string }) => id)
  const clock = async () => {
    const [row] = await room.db.query<{ at: Date }>({ text: 'SELECT clock_timestamp() AS at' }, [])
    return (row as { at: Date }).at.toISOString()
  }
  await settled()
  let keptBefore = 0
  for (;;) {
    const began = await clock()
    if (isKept(path)) keptBefore++
    const seen = await ids()
    const ended = await clock()
    if (ended < begin) t.same(seen, [ending.id], 'before')
    if (began >= begin) {
      t.same(seen, [coming.id], 'after')
      break
    }
  }
  t.ok(keptBefore > 0, 'it was kept meanwhile')
  await keep([path])
  t.same(await ids(), [coming.id])
})

t.test('nobody else keeps it past the next moment of the timeline, nor longer than a minute', async (t) => {
  const one = await story(room)
  const path = `/v1/content/articles/${one.slug}`
  const seconds = async () => {
    await settled()
    const control = (await api(`GET ${path}`, { expect: 200 })).headers.get('cache-control') ?? ''
    const [, fresh, stale] =
      /^public, max-age=0, s-maxage=(\d+), stale-while-revalidate=(\d+)$/.exec(control) ?? []
    return Number(fresh) + Number(stale)
  }
  await keep([path])
  t.equal(await seconds(), 60)
  const other = await story(room)
  await api(`POST /v1/articles/${other.id}/unpublish`, {
    ...editor,
    body: { at: new Date(Date.now() + 20_000).toISOString() },
    expect: 200
  })
  for (const round of [1, 2]) {
    await keep([path])
    const left = await seconds()
    t.ok(left <= 20 && left > 5, `${left} s, round ${round}`)
  }
})

t.test('an answer that was overtaken while it was made is for nobody to keep', async (t) => {
  const one = await story(room)
  const path = `/v1/content/articles/${one.slug}`
  await keep([path])
  app.cache.store.clear()
  const { reader } = app
  const query = reader.query
  t.teardown(() => {
    reader.query = query
  })
  reader.query = async (statement, values) => {
    const rows = await query(statement, values)
    if (statement.name === 'content-article-html') {
      reader.query = query
      await api(`POST /v1/articles/${one.id}/unpublish`, { ...editor, expect: 200 })
      await settled()
    }
    return rows as never
  }
  const { headers } = await api(`GET ${path}`, { expect: 200 })
  t.equal(headers.get('cache-control'), 'public, max-age=0, s-maxage=0, stale-while-revalidate=0')
  t.notOk(isKept(path))
})

t.test('with a token nothing is kept by anybody', async (t) => {
  const one = await story(room)
  const path = `/v1/content/articles/${one.slug}`
  for (const round of ['read', 'kept']) {
    const { headers } = await api(`GET ${path}`, { ...editor, expect: 200 })
    t.equal(headers.get('cache-control'), 'private, no-store', round)
    await keep([path])
  }
  const at = `${path}?at=2090-01-01T00:00:00Z`
  await api(`GET ${at}`, { ...editor, expect: 200 })
  t.notOk(isKept(at))
  await api(`GET ${at}`, { expect: 401 })
})

t.test('too many keys for a header: one that every change tells of', async (t) => {
  const labels = await Promise.all(Array.from({ length: 20 }, () => tag(room)))
  for (let number = 0; number < 100; number++)
    await story(room, { tags: [labels[number % 20]?.id as string, labels[(number + 7) % 20]?.id as string] })
  const keys = async (limit: number) =>
    (await api(`GET /v1/content/articles?limit=${limit}`, { expect: 200 })).headers.get('surrogate-key')
  t.match(await keys(2), /^articles:en .*article:/)
  t.equal(await keys(100), 'all')
  const [event] = await room.db.query<{ keys: string[] }>(
    {
      text: `SELECT surrogate_keys AS keys FROM events WHERE type = 'article.published' ORDER BY at DESC LIMIT 1`
    },
    []
  )
  t.ok(event?.keys.includes('all'))
})
