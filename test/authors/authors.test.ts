import t from 'tap'
import { author, draft, everyone, newsroom, story, unique } from '../helper.ts'
import { person } from '../people/person.ts'
import { atOnce, changesNothing, refused, tally, walk, written } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room

const editor = { as: 'editor' } as const
const UNKNOWN = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'
const somebody = (fields: object = {}) => ({ name: unique('Rana'), ...fields })
const get = async (id: string) => (await api(`GET /v1/authors/${id}`, { ...editor, expect: 200 })).body
const patch = (id: string, version: number, body: object) =>
  api(`PATCH /v1/authors/${id}`, { ...editor, ifMatch: version, body })
const picture = {
  url: 'https://images.example/rana.jpg',
  alt: 'Rana at her desk',
  caption: 'At work',
  credit: 'Iso Berg',
  width: 800,
  height: 600
}

t.test('who may', async (t) => {
  for (const who of everyone) {
    t.test(`${who} reads authors: ${who === 'nobody' ? 401 : 200}`, async (t) => {
      const { id } = await author(room)
      for (const request of ['GET /v1/authors', `GET /v1/authors/${id}`]) {
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
    t.test(`${who} makes, changes and deletes authors: ${refusal ?? 'done'}`, async (t) => {
      const { id } = await author(room)
      const make = ['POST /v1/authors', { as: who, body: somebody() }] as const
      const change = [
        `PATCH /v1/authors/${id}`,
        { as: who, ifMatch: 1, body: { name: 'Rana Holt' } }
      ] as const
      const remove = [`DELETE /v1/authors/${id}`, { as: who, ifMatch: 2 }] as const
      if (refusal) {
        for (const [request, options] of [make, change, remove])
          await refused(t, room, request, options, refusal)
        return
      }
      await written(t, room, ...make, { status: 201, type: 'author.created', fields: ['name'] })
      await written(t, room, ...change, { type: 'author.updated', fields: ['name'] })
      await written(t, room, ...remove, { status: 204, type: 'author.deleted', subject: id })
    })
  }
})

t.test('making an author', async (t) => {
  t.test('with everything', async (t) => {
    const { id: userId } = await person(room)
    const body = {
      name: 'Rana Holt',
      slug: unique('rana-holt'),
      bios: { en: 'Rana Holt writes about bridges.', 'pt-BR': 'Rana Holt escreve sobre pontes.' },
      image: picture,
      links: [{ label: 'Her site', url: 'https://rana.example/' }],
      userId
    }
    const answer = await written(
      t,
      room,
      'POST /v1/authors',
      { ...editor, body },
      { status: 201, type: 'author.created', fields: Object.keys(body) }
    )
    const { id, articleCount, version, createdAt, updatedAt, ...shown } = answer.body
    t.same(shown, body)
    t.equal(articleCount, 0)
    t.same([version, updatedAt], [1, createdAt])
    t.equal(answer.headers.get('etag'), '"1"')
    t.equal(answer.headers.get('location'), `/v1/authors/${id}`)
    const read = await api(`GET /v1/authors/${id}`, { as: 'contributor', expect: 200 })
    t.same(read.body, answer.body)
    t.equal(read.headers.get('etag'), '"1"')
  })

  t.test('with a name alone: the rest is empty', async (t) => {
    const { body } = await api('POST /v1/authors', {
      ...editor,
      body: { name: 'Ødegård, Þóra' },
      expect: 201
    })
    t.match(body, { name: 'Ødegård, Þóra', slug: 'odegard-thora', image: null, userId: null })
    t.same([body.bios, body.links], [{}, []])
  })

  t.test('with a picture of address and text alone: the rest of it is null', async (t) => {
    const { image } = await author(room, { image: { url: picture.url, alt: '' } })
    t.same(image, { url: picture.url, alt: '', caption: null, credit: null, width: null, height: null })
  })

  const made: [string, string][] = [
    ['Майя Линдквист', 'mayya-lindkvist'],
    ['Anne-Marie O’Neill', 'anne-marie-oneill'],
    ['Нарине Геворкян', 'narine-gevorkyan'],
    ['李 明', 'li-ming'],
    ['Jürgen Groß', 'jurgen-gross'],
    ['…', 'author']
  ]
  t.test('without a slug, from the name', async (t) => {
    for (const [name, slug] of made) t.equal((await author(room, { name })).slug, slug, name)
    t.equal(
      (await author(room, { name: made[0]?.[0] })).slug,
      `${made[0]?.[1]}-2`,
      'a namesake gets the next one'
    )
  })

  t.test('a slug that is taken: 409', async (t) => {
    const { slug } = await author(room)
    await refused(t, room, 'POST /v1/authors', { ...editor, body: somebody({ slug }) }, '409 slug_taken')
  })

  t.test('a user who has an author: 409; no user: 400', async (t) => {
    const { id: userId } = await person(room)
    await author(room, { userId })
    await refused(t, room, 'POST /v1/authors', { ...editor, body: somebody({ userId }) }, '409 user_taken')
    await refused(
      t,
      room,
      'POST /v1/authors',
      { ...editor, body: somebody({ userId: UNKNOWN }) },
      '400 invalid_request',
      '/userId'
    )
  })

  const faults: [string, object, string][] = [
    ['no name', { name: undefined }, '/name'],
    ['a blank name', { name: ' ' }, '/name'],
    ['a name that is a number', { name: 7 }, '/name'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, '/name'],
    ['NUL in the name', { name: 'Ra\0na' }, '/name'],
    ['a slug with a blank', { slug: 'rana holt' }, '/slug'],
    ['a null slug', { slug: null }, '/slug'],
    ['a biography in no locale', { bios: { EN: 'Text.' } }, '/bios/EN'],
    ['a null biography', { bios: { en: null } }, '/bios/en'],
    ['a picture without text', { image: { url: picture.url } }, '/image/alt'],
    ['a picture without address', { image: { alt: '' } }, '/image/url'],
    ['a picture of a script', { image: { ...picture, url: 'javascript:alert(1)' } }, '/image/url'],
    ['a picture of no width', { image: { ...picture, width: 0 } }, '/image/width'],
    ['a link to a script', { links: [{ label: 'x', url: 'javascript:alert(1)' }] }, '/links/0/url'],
    [
      'a link with a password in it',
      { links: [{ label: 'x', url: 'https://a:b@rana.example/' }] },
      '/links/0/url'
    ],
    [
      'a link with an unknown member',
      { links: [{ label: 'x', url: 'https://rana.example/', rel: 'me' }] },
      '/links/0/rel'
    ],
    ['21 links', { links: Array(21).fill({ label: 'x', url: 'https://rana.example/' }) }, '/links'],
    ['a user that is no id', { userId: 'me' }, '/userId'],
    ['an unknown member', { email: 'rana@example.org' }, '/email']
  ]
  for (const [what, fields, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(
        t,
        room,
        'POST /v1/authors',
        { ...editor, body: somebody(fields) },
        '400 invalid_request',
        pointer
      )
    })
  }

  t.test('fifty times at once with one chosen slug: one is made', async (t) => {
    const slug = unique('same')
    const answers = await atOnce(50, () => api('POST /v1/authors', { ...editor, body: somebody({ slug }) }))
    t.same(tally(answers), { 201: 1, 409: 49 })
    t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'slug_taken'))
  })

  t.test('fifty times at once with one name: fifty slugs', async (t) => {
    const name = unique('Namesake')
    const answers = await atOnce(50, () => api('POST /v1/authors', { ...editor, body: { name } }))
    t.same(tally(answers), { 201: 50 })
    t.equal(new Set(answers.map(({ body }) => body.slug)).size, 50)
  })

  t.test('ten times at once for one user: one is made', async (t) => {
    const { id: userId } = await person(room)
    const answers = await atOnce(10, () => api('POST /v1/authors', { ...editor, body: somebody({ userId }) }))
    t.same(tally(answers), { 201: 1, 409: 9 })
    t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'user_taken'))
  })
})

t.test('reading an author', async (t) => {
  t.test('there never was: 404', async (t) => {
    await refused(t, room, `GET /v1/authors/${UNKNOWN}`, editor, '404 not_found')
  })
  t.test('by what is no id: 400', async (t) => {
    await refused(t, room, 'GET /v1/authors/rana-holt', editor, '400 invalid_request', '/path/id')
  })
  t.test('who belongs to a user: that user is told so', async (t) => {
    const rana = await person(room)
    const { id } = await author(room, { userId: rana.id })
    t.equal((await api('GET /v1/me', { token: rana.accessToken, expect: 200 })).body.authorId, id)
    await patch(id, 1, { userId: null })
    t.equal((await api('GET /v1/me', { token: rana.accessToken, expect: 200 })).body.authorId, null)
  })
})

t.test('the list, by slug', async (t) => {
  const word = unique('Heron').toLowerCase()
  const made: { id: string }[] = []
  for (let count = 1; count <= 7; count++)
    made.push(
      await author(room, {
        slug: `${word}${count}`,
        name: `${count % 2 ? 'Óskar' : 'Жанна'} ${word}${count}`
      })
    )
  const all = made.map(({ id }) => id)
  const list = async (q: string) =>
    (
      await api(`GET /v1/authors?limit=100&q=${encodeURIComponent(q)}`, { ...editor, expect: 200 })
    ).body.data.map(({ id }: { id: string }) => id)

  const searches: [string, (count: number) => unknown][] = [
    [word, () => true],
    [word.toUpperCase(), () => true],
    [`${word}3`, (count) => count === 3],
    [`óskar ${word}`, (count) => count % 2],
    [`ЖАННА ${word}`, (count) => !(count % 2)],
    [word.slice(1), () => false],
    ['%', () => false],
    ['_', () => false],
    ['\\', () => false]
  ]
  for (const [q, wanted] of searches) {
    t.test(`that begin with ${q}`, async (t) => {
      t.same(
        await list(q),
        all.filter((_, index) => wanted(index + 1))
      )
    })
  }

  for (const limit of [1, 3, 7, 8]) {
    t.test(`${limit} at a time, there and back`, async (t) => {
      const walked = await walk(room, `GET /v1/authors?q=${word}`, editor, limit)
      t.same(walked.there, all)
      t.same(walked.back, all)
      t.equal(walked.pages, Math.ceil(7 / limit))
      t.equal(walked.firstPrev, null)
    })
  }

  t.test('authors who come and go meanwhile move nothing', async (t) => {
    const page = async (cursor: string | null) =>
      (
        await api(`GET /v1/authors?q=${word}&limit=3${cursor ? `&cursor=${cursor}` : ''}`, {
          ...editor,
          expect: 200
        })
      ).body
    const slugs = ({ data }: { data: { slug: string }[] }) => data.map(({ slug }) => slug.slice(word.length))
    const first = await page(null)
    t.same(slugs(first), ['1', '2', '3'])
    await author(room, { slug: `${word}0` })
    await author(room, { slug: `${word}4b` })
    await api(`DELETE /v1/authors/${all[2]}`, { ...editor, ifMatch: 1, expect: 204 })
    const second = await page(first.page.next)
    t.same(slugs(second), ['4', '4b', '5'])
    t.same(slugs(await page(second.page.next)), ['6', '7'])
    const back = await page(second.page.prev)
    t.same(slugs(back), ['0', '1', '2'])
    t.equal(back.page.prev, null)
  })

  const faults: [string, string, string][] = [
    ['limit=0', '400 invalid_request', '/query/limit'],
    ['q=', '400 invalid_request', '/query/q'],
    ['q=a&q=b', '400 invalid_request', '/query/q'],
    ['name=x', '400 invalid_request', '/query/name'],
    ['cursor=x', '400 invalid_cursor', '/query/cursor']
  ]
  for (const [query, refusal, pointer] of faults) {
    t.test(`?${query}: ${refusal}`, async (t) => {
      await refused(t, room, `GET /v1/authors?${query}`, editor, refusal, pointer)
    })
  }
})

t.test('changing an author is a merge patch', async (t) => {
  const full = {
    bios: { en: 'Writes about bridges.', ru: 'Пишет о мостах.' },
    image: picture,
    links: [{ label: 'Site', url: 'https://rana.example/' }]
  }
  const links = [{ label: 'Letters', url: 'https://letters.example/' }]
  const cases: [string, object, object, string[]][] = [
    ['another name', { name: 'Rana Holt-Berg' }, { name: 'Rana Holt-Berg' }, ['name']],
    [
      'a biography more',
      { bios: { de: 'Schreibt über Brücken.' } },
      { bios: { ...full.bios, de: 'Schreibt über Brücken.' } },
      ['bios']
    ],
    [
      'null takes a biography away',
      { bios: { ru: null } },
      { bios: { en: 'Writes about bridges.' } },
      ['bios']
    ],
    ['null takes the last ones away too', { bios: { ru: null, en: null } }, { bios: {} }, ['bios']],
    [
      'one member of the picture',
      { image: { caption: null } },
      { image: { ...picture, caption: null } },
      ['image']
    ],
    ['null takes the picture away', { image: null }, { image: null }, ['image']],
    ['links are replaced whole', { links }, { links }, ['links']],
    [
      'several at once',
      { name: 'R. Holt', bios: { ru: null }, links: [] },
      { name: 'R. Holt', bios: { en: 'Writes about bridges.' }, links: [] },
      ['name', 'bios', 'links']
    ]
  ]
  for (const [what, body, expected, fields] of cases) {
    t.test(what, async (t) => {
      const { updatedAt: earlier, ...before } = await author(room, full)
      const answer = await written(
        t,
        room,
        `PATCH /v1/authors/${before.id}`,
        { ...editor, ifMatch: 1, body },
        { type: 'author.updated', fields }
      )
      const { updatedAt, ...after } = answer.body
      t.same(after, { ...before, ...expected, version: 2 }, 'and nothing else')
      t.ok(updatedAt >= earlier)
      t.equal(answer.headers.get('etag'), '"2"')
      t.same(await get(before.id), answer.body)
    })
  }

  t.test('a slug: the old one is free', async (t) => {
    const { id, slug } = await author(room)
    await written(
      t,
      room,
      `PATCH /v1/authors/${id}`,
      { ...editor, ifMatch: 1, body: { slug: unique('new') } },
      { type: 'author.updated', fields: ['slug'] }
    )
    await author(room, { slug })
  })

  t.test('what is already so: no change, no new version, no trace', async (t) => {
    const { id, name, slug, bios, image, links, userId } = await author(room, full)
    for (const body of [
      {},
      { bios: { hy: null } },
      { image: {} },
      { image: { alt: picture.alt } },
      { name, slug, bios, image, links, userId }
    ]) {
      const answer = await changesNothing(t, room, `PATCH /v1/authors/${id}`, { ...editor, ifMatch: 1, body })
      t.equal(answer.headers.get('etag'), '"1"')
    }
  })

  t.test('another’s slug or user: 409; no user: 400', async (t) => {
    const { id: userId } = await person(room)
    const other = await author(room, { userId })
    const { id } = await author(room)
    const options = (body: object) => ({ ...editor, ifMatch: 1, body })
    await refused(t, room, `PATCH /v1/authors/${id}`, options({ slug: other.slug }), '409 slug_taken')
    await refused(t, room, `PATCH /v1/authors/${id}`, options({ userId }), '409 user_taken')
    await refused(
      t,
      room,
      `PATCH /v1/authors/${id}`,
      options({ userId: UNKNOWN }),
      '400 invalid_request',
      '/userId'
    )
    await patch(other.id, 1, { userId: null })
    t.equal((await patch(id, 1, { userId })).body.userId, userId, 'once it is given up it can be had')
  })

  t.test('a picture made piece by piece must be whole: 400', async (t) => {
    const { id } = await author(room)
    await refused(
      t,
      room,
      `PATCH /v1/authors/${id}`,
      { ...editor, ifMatch: 1, body: { image: { caption: 'x' } } },
      '400 invalid_request',
      '/image/url'
    )
    await refused(
      t,
      room,
      `PATCH /v1/authors/${id}`,
      { ...editor, ifMatch: 1, body: { image: { url: picture.url } } },
      '400 invalid_request',
      '/image/alt'
    )
  })

  const faults: [string, object, string][] = [
    ['a null name', { name: null }, '/name'],
    ['a blank name', { name: ' ' }, '/name'],
    ['a null slug', { slug: null }, '/slug'],
    ['null biographies', { bios: null }, '/bios'],
    ['an empty biography', { bios: { en: '' } }, '/bios/en'],
    ['null links', { links: null }, '/links'],
    ['a picture with a null address', { image: { url: null } }, '/image/url'],
    ['an unknown member of the picture', { image: { size: 1 } }, '/image/size'],
    ['an unknown member', { version: 1 }, '/version'],
    ['an array', [], '']
  ]
  for (const [what, body, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      const { id } = await author(room, { image: picture })
      await refused(
        t,
        room,
        `PATCH /v1/authors/${id}`,
        { ...editor, ifMatch: 1, body },
        '400 invalid_request',
        pointer
      )
    })
  }

  t.test('names reach live articles at once', async (t) => {
    const { id, slug } = await author(room)
    const live = await story(room, { authors: [id] })
    await patch(id, 1, { name: 'Rana of the Bridges' })
    t.same((await api(`GET /v1/content/articles/${live.slug}`, { expect: 200 })).body.authors, [
      { slug, name: 'Rana of the Bridges' }
    ])
  })
})

t.test('If-Match', async (t) => {
  const { id } = await author(room)
  await patch(id, 1, { name: 'Second' })
  const conditions: [string, string | undefined, string | undefined][] = [
    ['missing', undefined, '428 precondition_required'],
    ['a star', '*', '428 precondition_required'],
    ['the version before', '"1"', '412 stale_version'],
    ['the number without quotes', '2', '412 stale_version'],
    ['the version', '"2"', undefined],
    ['the version as a proxy that compresses sends it', 'W/"2"', undefined]
  ]
  for (const [what, ifMatch, refusal] of conditions) {
    t.test(`${what}: ${refusal ?? 200}`, async (t) => {
      const condition = ifMatch === undefined ? {} : { ifMatch }
      if (!refusal)
        return void (await changesNothing(t, room, `PATCH /v1/authors/${id}`, {
          ...editor,
          ...condition,
          body: {}
        }))
      for (const [request, body] of [
        [`PATCH /v1/authors/${id}`, { name: 'Third' }],
        [`DELETE /v1/authors/${id}`, undefined]
      ] as const) {
        const answer = await refused(t, room, request, { ...editor, ...condition, body }, refusal)
        if (refusal.startsWith('412')) t.equal(answer.body.currentVersion, 2)
      }
    })
  }

  t.test('of what is not there: 404', async (t) => {
    await refused(
      t,
      room,
      `PATCH /v1/authors/${UNKNOWN}`,
      { ...editor, ifMatch: 1, body: { name: 'x' } },
      '404 not_found'
    )
    await refused(t, room, `DELETE /v1/authors/${UNKNOWN}`, { ...editor, ifMatch: 1 }, '404 not_found')
  })

  t.test('a hundred changes at once on one version: one is made', async (t) => {
    const { id } = await author(room)
    const answers = await atOnce(100, (index) => patch(id, 1, { name: `Name ${index}` }))
    t.same(tally(answers), { 200: 1, 412: 99 })
    t.same(await get(id), answers.find(({ status }) => status === 200)?.body)
    const events = await db.query(
      {
        text: `SELECT count(*)::int AS events FROM events WHERE subject_id = $1::uuid AND type = 'author.updated'`
      },
      [id]
    )
    t.same(events, [{ events: 1 }])
  })
})

t.test('deleting an author', async (t) => {
  t.test('whom nobody names: gone, and the slug and the user are free', async (t) => {
    const { id: userId } = await person(room)
    const { id, slug } = await author(room, { userId })
    await written(
      t,
      room,
      `DELETE /v1/authors/${id}`,
      { ...editor, ifMatch: 1 },
      { status: 204, type: 'author.deleted', subject: id }
    )
    await refused(t, room, `GET /v1/authors/${id}`, editor, '404 not_found')
    await author(room, { slug, userId })
  })

  const uses: [string, (id: string) => Promise<unknown>][] = [
    ['a draft', (id) => draft(room, { authors: [id] })],
    ['a live article', (id) => story(room, { authors: [id] })],
    [
      'a live article whose working copy names another',
      async (id) => {
        const live = await story(room, { authors: [id] })
        await api(`PATCH /v1/articles/${live.id}`, {
          ...editor,
          ifMatch: live.version,
          body: { authors: [] },
          expect: 200
        })
      }
    ]
  ]
  for (const [what, use] of uses) {
    t.test(`named by ${what}: 409`, async (t) => {
      const { id } = await author(room)
      await use(id)
      await refused(t, room, `DELETE /v1/authors/${id}`, { ...editor, ifMatch: 1 }, '409 author_in_use')
    })
  }

  t.test('at once with a draft that names them: never dangling', async (t) => {
    for (let round = 0; round < 10; round++) {
      const { id } = await author(room)
      const [made, deleted] = await Promise.all([
        api('POST /v1/articles', {
          ...editor,
          body: { locale: 'en', headline: unique('Story'), body: { markdown: 'Text.' }, authors: [id] }
        }),
        api(`DELETE /v1/authors/${id}`, { ...editor, ifMatch: 1 })
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

t.test('how many live articles they sign', async (t) => {
  const [rana, other] = [await author(room), await author(room)]
  const authors = [rana.id, other.id]
  await draft(room, { authors })
  t.equal((await get(rana.id)).articleCount, 0)
  const live = await story(room, { authors })
  await story(room, { authors, locale: 'ru' })
  t.equal((await get(rana.id)).articleCount, 2)
  await api(`POST /v1/articles/${live.id}/unpublish`, { ...editor, expect: 200 })
  t.equal((await get(rana.id)).articleCount, 1)
  const { data } = (await api(`GET /v1/authors?q=${rana.slug}`, { ...editor, expect: 200 })).body
  t.match(data, [{ id: rana.id, articleCount: 1 }])
  t.match(await patch(rana.id, 1, { name: 'Rana' }), { status: 200, body: { articleCount: 1 } })
})
