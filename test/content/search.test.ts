import t from 'tap'
import type { Article } from '../articles/states.ts'
import { author, CANARY, draft, everyone, newsroom, type Options, story, tag } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'

const room = await newsroom(t)
const { api } = room
const { patch, publish, unpublish, withdraw } = desk(room)
const editor = { as: 'editor' } as const

const ask = (q: string, more: Record<string, string> = {}, options: Options = {}) =>
  api(`GET /v1/content/search?${new URLSearchParams({ q, limit: '100', ...more })}`, {
    expect: 200,
    ...options
  })
const found = async (
  q: string,
  more: Record<string, string> = {},
  options: Options = {}
): Promise<string[]> => (await ask(q, more, options)).body.data.map(({ headline }: Article) => headline)

/** A live article in any locale. */
const write = (headline: string, fields: Record<string, unknown> = {}) =>
  story(room, { headline, standfirst: '', body: { markdown: 'Nothing else.' }, ...fields })

t.test('a word counts most in the headline, least in the body', async (t) => {
  const named = await tag(room, { names: { en: 'Quayside' } })
  await write('In the body', { body: { markdown: 'quayside quayside quayside quayside quayside' } })
  await write('In a tag', { tags: [named.id] })
  await write('In the standfirst', { standfirst: 'About the quayside.' })
  await write('Quayside in the headline')
  t.same(await found('quayside'), [
    'Quayside in the headline',
    'In the standfirst',
    'In a tag',
    'In the body'
  ])
})

t.test('newer articles count more', async (t) => {
  for (const year of [2019, 2025, 2022]) {
    const { id } = await write(`Herring season ${year}`)
    for (const table of ['publications', 'publication_tags'])
      await room.db.query(
        { text: `UPDATE ${table} SET published_at = $2::timestamptz WHERE article_id = $1::uuid` },
        [id, `${year}-05-01T00:00:00Z`]
      )
  }
  t.same(await found('herring'), ['Herring season 2025', 'Herring season 2022', 'Herring season 2019'])
})

t.test('what was typed, and which headlines it finds', async (t) => {
  const maya = await author(room, { name: 'Maya Lindqvist' })
  await write('Elections were held in Åland', { authors: [maya.id], kicker: 'Archipelago' })
  await write('Red foxes and a grey wolf', {
    dateline: 'Torrevieja',
    source: { name: 'Heron Wire', url: 'https://heron.example/' }
  })
  await write('The fox of red brick', { standfirst: 'Café society' })
  await write('O’Neill-Brandt signs', { body: { markdown: 'The budget is 3.14 million.' } })
  for (const [locale, headline] of [
    ['ru', 'Выборы прошли в Ёлкине'],
    ['de', 'Die Häuser in der Straße'],
    ['hy', 'Ի՞նչ է պատահել Երևանում'],
    ['uk', 'Кораблі пливуть'],
    ['zh', '我爱北京天安门'],
    ['ar', 'اَلْأَخْبَارُ العاجلة']
  ] as const)
    await write(headline, { locale })
  const fox = 'Red foxes and a grey wolf'
  const brick = 'The fox of red brick'
  const elections = 'Elections were held in Åland'
  const rows: [q: string, locale: string, headlines: string[]][] = [
    ['election', 'en', [elections]],
    ['ELECTION archipelago', 'en', [elections]],
    ['aland', 'en', [elections]],
    ['Åland', 'en', [elections]],
    ['A\u030aland', 'en', [elections]],
    ['cafe', 'en', [brick]],
    ['lindqvist', 'en', [elections]],
    ['maya archipelago', 'en', [elections]],
    ['"maya lindqvist"', 'en', [elections]],
    ['"lindqvist maya"', 'en', [elections]],
    ['torrevieja', 'en', [fox]],
    ['heron wire', 'en', [fox]],
    ['fox red', 'en', [brick, fox]],
    ['“red fox”', 'en', [fox]],
    ['fox -wolf', 'en', [brick]],
    ['fox -"red brick"', 'en', [fox]],
    ['fox -"brick red"', 'en', [brick, fox]],
    ['wolf or brick', 'en', [brick, fox]],
    ['wolf OR aland -foxes', 'en', [fox, elections]],
    ['-elections wolf or brick', 'en', [brick, fox]],
    ['wolf or -brick', 'en', [fox]],
    ['oneill', 'en', ['O’Neill-Brandt signs']],
    ["o'neill-brandt", 'en', ['O’Neill-Brandt signs']],
    ['3.14', 'en', ['O’Neill-Brandt signs']],
    ['14.3', 'en', ['O’Neill-Brandt signs']],
    // Nothing but what is passed over.
    ['-fox', 'en', []],
    ['-fox -wolf', 'en', []],
    ['the', 'en', []],
    ['the and of', 'en', []],
    ['the -fox', 'en', []],
    ['or', 'en', []],
    ['""', 'en', []],
    ['" " -', 'en', []],
    ['😀', 'en', []],
    ['\u0301', 'en', []],
    [':* <-> & | !', 'en', []],
    // One letter wrong, missing, too many, swapped; but not in short words, nor when something is found as it is.
    ['elektions', 'en', [elections]],
    ['electins', 'en', [elections]],
    ['electtions', 'en', [elections]],
    ['elcetions', 'en', [elections]],
    ['lindqvits', 'en', [elections]],
    ['archipellagoe', 'en', [elections]],
    ['fxo', 'en', []],
    ['banana', 'en', []],
    // Other languages, and nothing from one in another.
    ['выбор', 'ru', ['Выборы прошли в Ёлкине']],
    ['елкине', 'ru', ['Выборы прошли в Ёлкине']],
    ['ВЫБОРАМИ', 'ru', ['Выборы прошли в Ёлкине']],
    ['выброы', 'ru', ['Выборы прошли в Ёлкине']],
    ['выборы', 'en', []],
    ['elections', 'ru', []],
    ['haus', 'de', ['Die Häuser in der Straße']],
    ['strasse', 'de', ['Die Häuser in der Straße']],
    ['für', 'de', []],
    ['ինչ', 'hy', ['Ի՞նչ է պատահել Երևանում']],
    // Postgres has no Ukrainian: words as they stand.
    ['КОРАБЛІ', 'uk', ['Кораблі пливуть']],
    ['корабли', 'uk', ['Кораблі пливуть']],
    ['кораблями', 'uk', []],
    ['北京', 'zh', ['我爱北京天安门']],
    ['京北', 'zh', ['我爱北京天安门']],
    ['الأخبار', 'ar', ['اَلْأَخْبَارُ العاجلة']],
    ['fox', 'xx', []]
  ]
  // A phrase that does not stand there is looked for as words, in other spellings: not what these rows are about.
  const loose = new Set(['"lindqvist maya"', '14.3', '京北', 'oneill'])
  for (const [q, locale, headlines] of rows) {
    const answer = (await found(q, { locale })).sort()
    t.same(answer, [...headlines].sort(), `${locale}: ${q}${loose.has(q) ? ' (loosely)' : ''}`)
  }
})

t.test('only what is live, and at another moment what is live then', async (t) => {
  const word = 'Kittiwake'
  const live = await write(`${word} one`)
  await draft(room, { headline: `${word} ${CANARY}` })
  const later = await draft(room, { headline: `${word} later`, standfirst: '', body: { markdown: 'Later.' } })
  await publish(later, { liveFrom: Y2089 })
  await unpublish(await write(`${word} ended`), { expect: 200 })
  await withdraw(await write(`${word} withdrawn`), { expect: 200 })
  const trashed = await write(`${word} trashed`)
  await unpublish(trashed, { expect: 200 })
  const { version } = (await api(`GET /v1/articles/${trashed.id}`, { ...editor, expect: 200 })).body
  await api(`DELETE /v1/articles/${trashed.id}`, { ...editor, ifMatch: version, expect: 204 })
  t.same(await found(word), [`${word} one`])
  t.same(await found('kittiwaek'), [`${word} one`], 'neither under another spelling')

  const revised = await patch(live, { headline: 'Shearwater', body: { markdown: 'Corrected.' } })
  t.same(await found('shearwater'), [], 'a working copy is nowhere')
  await publish(revised, { correction: 'It was another bird.' })
  t.same(await found('shearwater'), ['Shearwater'])
  t.same(await found(word), [], 'what was corrected is not found any more')

  const then = { at: '2090-01-01T00:00:00Z' }
  t.same(await found(word, then, editor), [`${word} later`])
  t.same(await found('shearwater', then, editor), ['Shearwater'])
  t.same(await found('shearwater', { at: '2001-01-01T00:00:00Z' }, editor), [])
  for (const who of everyone) {
    const status = { nobody: 401, contributor: 403, author: 403, editor: 200, admin: 200 }[who]
    await ask(word, then, { as: who, expect: status })
  }
})

t.test('names of tags and authors as they are now', async (t) => {
  const [one, two] = [
    await tag(room, { names: { en: 'Lighthouses' } }),
    await tag(room, { names: { en: 'Foghorns' } })
  ]
  const writer = await author(room, { name: 'Runa Oddsdóttir' })
  await write('Kept bright', { tags: [one.id], authors: [writer.id] })
  await write('Kept loud', { tags: [two.id] })
  t.same(await found('lighthouse'), ['Kept bright'])
  t.same(await found('Oddsdottir lighthouse bright'), ['Kept bright'], 'words from everywhere')

  const rename = (path: string, version: number, body: object) =>
    api(`PATCH ${path}`, { ...editor, ifMatch: version, body, expect: 200 })
  await rename(`/v1/tags/${one.id}`, 1, { names: { en: 'Beacons' } })
  await rename(`/v1/authors/${writer.id}`, 1, { name: 'Runa Berg' })
  t.same(await found('beacon'), ['Kept bright'])
  t.same(await found('berg'), ['Kept bright'])
  t.same(await found('lighthouse'), [])
  t.same(await found('oddsdottir'), [])

  t.same((await found('kept', { tag: one.slug })).sort(), ['Kept bright'])
  t.same(await found('kept', { tag: 'nothing' }), [])
  await api(`POST /v1/tags/${two.id}/merge`, { ...editor, body: { into: one.id }, expect: 200 })
  t.same((await found('beacons')).sort(), ['Kept bright', 'Kept loud'])
  t.same(await found('foghorn'), [])
  for (const slug of [one.slug, two.slug])
    t.same((await found('kept', { tag: slug })).sort(), ['Kept bright', 'Kept loud'], slug)
  const third = await tag(room, { names: { en: 'Signals' } })
  await api(`POST /v1/tags/${one.id}/merge`, { ...editor, body: { into: third.id }, expect: 200 })
  t.same((await found('signal')).sort(), ['Kept bright', 'Kept loud'], 'merged twice')

  await api(`DELETE /v1/tags/${third.id}?force=true`, { ...editor, ifMatch: 2, expect: 204 })
  t.same(await found('signal'), [])

  const both = await tag(room, { names: { en: 'Harbours', ru: 'Гавани' } })
  const english = await tag(room, { names: { en: 'Ferries' } })
  await write('Суда', { locale: 'ru', tags: [both.id, english.id] })
  t.same(await found('гавань', { locale: 'ru' }), ['Суда'])
  t.same(await found('ferries', { locale: 'ru' }), ['Суда'], 'the name it is shown with')
  t.same(await found('harbours', { locale: 'ru' }), [], 'not one it is not shown with')
})

t.test('pages hold each match once, there and back', async (t) => {
  const many = Array.from({ length: 23 }, (_, index) => `Puffin ${'puffin '.repeat(index % 4)}${index}`)
  for (const headline of many) await write(headline.trim())
  for (const q of ['puffin', 'pufffin']) {
    const seen: string[] = []
    const back: string[] = []
    let cursor: string | undefined
    let before: string | null = null
    do {
      const { data, page } = (await ask(q, { limit: '5', ...(cursor && { cursor }) })).body
      seen.push(...data.map(({ headline }: Article) => headline))
      cursor = page.next
      before = page.prev
      if (seen.length < 23) await write(`Gannet ${seen.length}`)
    } while (cursor)
    t.same([...seen].sort(), many.map((headline) => headline.trim()).sort(), q)
    t.same(seen, await found(q), 'in the order of one page')
    while (before) {
      const { data, page } = (await ask(q, { limit: '5', cursor: before })).body
      back.unshift(...data.map(({ headline }: Article) => headline))
      before = page.prev
    }
    t.same(back, seen.slice(0, 20), 'and back')
    const { next } = (await ask(q, { limit: '5' })).body.page
    await ask('other', { cursor: next }, { expect: 400 })
  }
})

t.test('an item is as it is in lists, with where its words stand', async (t) => {
  const named = await tag(room)
  const writer = await author(room)
  await write('😀 Storks, stork; STORK’s nest', {
    kicker: 'Storks',
    standfirst: 'No such bird.',
    dateline: 'Storkby',
    tags: [named.id],
    authors: [writer.id]
  })
  const { body, headers } = await ask('stork')
  const { highlights, ...item } = body.data[0]
  const list = (await api('GET /v1/content/articles?limit=1', { expect: 200 })).body.data
  t.same(item, list[0])
  t.same(highlights, [
    { field: 'headline', start: 3, end: 9 },
    { field: 'headline', start: 11, end: 16 },
    { field: 'headline', start: 18, end: 23 },
    { field: 'kicker', start: 0, end: 6 }
  ])
  t.equal(headers.get('content-language'), 'en')
  t.same((await ask('storkk')).body.data[0].highlights, highlights, 'of the word it was taken for')
  await room.db.query({ text: 'UPDATE publications SET stems = NULL' }, [])
  t.same((await ask('stork')).body.data[0].highlights, highlights, 'from before stems were kept')
  t.same((await ask('bird -stork')).body.data, [])
})

t.test('a body of any words can be published and found', async (t) => {
  const words = Array.from({ length: 18_000 }, (_, index) => `w${index.toString(36)}`).join(' ')
  const beyond = `${'long '.repeat(15_000)}\n\n${'long '.repeat(15_000)} outermost`
  await write('Long', { body: { markdown: `${words}\n\n${'x'.repeat(5000)}` } })
  await write('Longer', { body: { markdown: beyond } })
  t.same(await found('w1 wa'), ['Long'])
  t.same(await found('outermost'), [])
})

t.test('what cannot be asked', async (t) => {
  const long = 'a'.repeat(201)
  for (const query of [
    '',
    'q=',
    `q=${long}`,
    'q=a&q=b',
    'q=a&limit=0',
    'q=a&cursor=x',
    'q=a&x=1',
    'q=a%00b'
  ]) {
    const { status } = await api(`GET /v1/content/search?${query}`)
    t.equal(status, 400, query)
  }
})
