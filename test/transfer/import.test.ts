/** An import takes nothing on trust, overwrites nothing, and says of each record what became of it. */
import { Readable } from 'node:stream'
import t from 'tap'
import { peekFormat } from '../../src/transfer/format.ts'
import { exported, notExported } from '../../src/transfer/tables.ts'
import { newsroom, story, tag } from '../helper.ts'
import { emptyRoom, exportOf, importInto, recordsIn, textOf } from './rich.ts'

const room = await newsroom(t)
const topic = await tag(room, { slug: 'harbour', names: { en: 'Harbour' } })
const first = await story(room, { headline: 'First story', tags: [topic.id] })
await story(room, { headline: 'Second story' })
// biome-ignore lint/suspicious/noExplicitAny: records of every kind
const records: any[] = recordsIn(await exportOf(room.db))
const one = (type: string, id?: string) =>
  records.find((record) => record.type === type && (!id || [record.id, record.articleId].includes(id)))
const changed = (record: object, changes: object) =>
  records.map((other) => (other === record ? { ...other, ...changes } : other))
async function all(input: AsyncIterable<Uint8Array>) {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return chunks
}
/** Lines that tell of a record, by what was wrong. */
const lost = ({ lines }: { lines: { kind: string; lost: string[] }[] }) =>
  lines.map(({ kind, lost }) => `${kind}: ${lost.join('; ')}`)

t.test('every table is exported, or there is a reason why not', async (t) => {
  const rows = await room.db.query<{ name: string }>(
    { text: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1` },
    []
  )
  t.same(
    rows.map(({ name }) => name),
    [...Object.keys(exported), ...Object.keys(notExported)].sort()
  )
})

t.test('what is no export is refused whole', async (t) => {
  for (const text of ['', '<?xml version="1.0"?>', '{"db":[]}', '{"type":"person"}\n', '\0'])
    await t.rejects(importInto(room.db, text), { message: /no export of Dateline/ }, text)
  await t.rejects(importInto(room.db, '{"type":"dateline","format":2}\n'), { message: /format 2/ })
})

t.test('a file is known by its beginning', async (t) => {
  for (const [beginning, format] of [
    ['{"type":"dateline","format":1}\n{"type":"person"', 'ndjson'],
    ['\uFEFF<?xml version="1.0"?>\n<!-- made by hand -->\n<rss version="2.0">', 'wxr'],
    ['{\n  "db": [{"meta": {}}]', 'ghost'],
    ['<html><body>', null],
    ['{"type":"person"}', null],
    ['', null]
  ] as const) {
    const bytes = Buffer.from(beginning)
    const { format: found, whole } = await peekFormat(
      Readable.from([...bytes].map((byte) => Buffer.from([byte])))
    )
    t.equal(found, format, beginning)
    t.same(Buffer.concat(await all(whole)), bytes, 'and read from there')
  }
})

t.test('bad lines are listed with line and pointer, and stop none but those that need them', async (t) => {
  const article = one('article', first.id)
  const publication = one('publication', first.id)
  const cases: [string, unknown[] | string, RegExp[], number?][] = [
    [
      'a wrong type',
      changed(one('tag'), { version: 'one' }),
      [/^tag: \/version: must be integer/, /^article: \/tags\/0: .* is not here/]
    ],
    [
      'an unknown member',
      changed(publication, { bodyHtml: '<script>' }),
      [/^publication: \/bodyHtml: is not known/]
    ],
    [
      'a body that is none',
      changed(article, { body: [{ _type: 'html', html: '<b>' }] }),
      [/^article: \/body\/0\/_type/, /^revision: \/articleId/]
    ],
    [
      'a script as a link',
      changed(article, { body: [{ _type: 'embed', url: 'javascript:alert(1)' }] }),
      [/^article: \/body\/0\/url/]
    ],
    [
      'an empty window',
      changed(publication, { liveUntil: publication.liveFrom, plannedUntil: publication.liveFrom }),
      [/^publication: liveUntil is not after liveFrom/]
    ],
    [
      'a version there is not',
      changed(publication, { version: 7 }),
      [/^publication: \/version: is not a version/]
    ],
    [
      'a revision that is still to come',
      records.flatMap((record) =>
        record === one('revision', first.id) ? [record, { ...record, version: 2 }] : [record]
      ),
      [/^revision: \/version: is ahead of the article, which is at 1$/]
    ],
    [
      'a code that is reserved',
      changed(one('share_link'), { code: 'admin' }),
      [/^share_link: \/code: is a reserved word/]
    ],
    [
      'an address elsewhere',
      changed(one('share_link'), { expiredUrl: 'https://evil.example/' }),
      [/^share_link: \/expiredUrl: is not on a host/]
    ],
    [
      'a template that is none',
      changed(one('site'), { articleUrl: 'javascript:{slug}' }),
      [/^site: \/document\/articleUrl/]
    ],
    ['no JSON', textOf([...records.slice(0, 3), '{"type":"tag",', ...records.slice(3)]), [/^line: /]],
    ['an unknown kind', textOf([...records, { type: 'webhook' }]), [/^line: \/type: there is no kind/]],
    [
      'a NUL',
      textOf([...records, '{"type":"tag","slug":"a\\u0000b"}']),
      [/^line: \/slug: holds a character/]
    ],
    [
      'a cut-off end',
      textOf(records).split('\n').slice(0, -3).join('\n'),
      [/^file: the last line.*is missing/]
    ],
    [
      'a wrong end',
      textOf(records).replace(/"records":\d+/, '"records":3'),
      [/^file: the last line tells of 3/]
    ]
  ]
  const other = await emptyRoom(t)
  for (const [name, given, patterns] of cases) {
    const done = await importInto(other.db, typeof given === 'string' ? given : textOf(given), {
      dryRun: true
    })
    const told = lost(done)
    for (const pattern of patterns)
      t.ok(
        told.some((line) => pattern.test(line)),
        `${name}: ${pattern} in ${told.join(' | ')}`
      )
    t.ok(done.refused > 0, name)
    t.match(done.lines[0]?.key, /line \d+|its end/, name)
    t.ok(done.kept >= 10, `${name}: the rest is kept`)
  }
  t.equal(recordsIn(await exportOf(other.db)).length, 0, 'all of them were dry runs')
  const halved = await importInto(other.db, textOf(changed(publication, { minor: 'no' })))
  t.same(lost(halved), ['publication: /minor: must be boolean'])
  t.match(
    await importInto(other.db, textOf(records)),
    { kept: 1, refused: 0 },
    'put right, the rest comes too'
  )
  t.equal(await exportOf(other.db), await exportOf(room.db))
})

t.test(
  'an article without the revision of its version is refused, and all that is a part of it',
  async (t) => {
    const article = one('article', first.id)
    const revision = one('revision', first.id)
    const wants = 'article: /version: revision 1 of it is not in the file, or cannot be kept'
    // biome-ignore lint/suspicious/noExplicitAny: a record of any kind
    const isPart = (record: any) => record.articleId === first.id
    const parts = records.filter(isPart).length
    t.ok(parts > 1)
    const other = await emptyRoom(t)
    for (const [what, given, reason] of [
      ['none at all', records.filter((record) => record !== revision), wants],
      ['of another version', changed(article, { version: 2 }), wants.replace('1', '2')],
      ['one that is refused', changed(revision, { content: { ...revision.content, breaking: 'no' } }), wants],
      [
        'one whose body is refused',
        changed(revision, { content: { ...revision.content, body: [{ _type: 'nothing' }] } }),
        wants
      ],
      [
        'before its article only',
        [
          ...records.filter(({ type }) => type === 'person'),
          revision,
          ...records.filter((record) => record !== revision && record.type !== 'person')
        ],
        wants
      ]
    ] as const) {
      for (const dryRun of [true, false]) {
        const done = await importInto(other.db, textOf([...given]), { dryRun })
        t.equal(lost(done).filter((line) => line.startsWith('article: '))[0], reason, what)
        const was = done.lines.filter(({ fate }) => fate === 'refused').length
        t.equal(was, what === 'none at all' ? parts : parts + 1, `${what}: it, and its parts`)
        t.match(lost(done).join(), /publication: is a part of/)
      }
      const kept = await other.db.prisma.article.findMany({ select: { slug: true } })
      t.equal(kept.length, 1, 'the other article came')
    }
    const whole = await importInto(other.db, textOf(records))
    t.match(whole, { refused: 0 }, 'put right, it comes too')
    t.equal(await exportOf(other.db), await exportOf(room.db))
    const again = await importInto(other.db, textOf(records.filter((record) => record !== revision)))
    t.match(again, { refused: 0, kept: 0 }, 'what is here already needs none')
  }
)

t.test('what is here is left as it is', async (t) => {
  const { api } = room
  const before = await exportOf(room.db)
  const article = one('article', first.id)
  const clash = {
    ...one('article'),
    id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a99',
    storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a98'
  }
  const part = { ...one('revision', clash.id), ...one('revision'), articleId: clash.id }
  const newer = [
    ...changed(article, { headline: 'Another headline', version: 2 }),
    { ...one('revision', first.id), version: 2 },
    clash,
    part
  ]
  const done = await importInto(room.db, textOf(newer))
  t.same(
    lost(done).map((line) => line.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')),
    [
      'article: is here already, and differs in /headline, /version',
      'revision: is a part of ID, which is not here as the file has it',
      'article: another article here has this slug in this locale',
      'revision: is a part of ID, which is not here as the file has it'
    ]
  )
  t.equal(await exportOf(room.db), before)
  t.equal((await api(`GET /v1/articles/${first.id}`, { as: 'editor' })).body.headline, 'First story')
})

t.test('people, tags and authors who are here under other ids are linked', async (t) => {
  const other = await newsroom(t)
  const here = await tag(other, { slug: 'harbour', names: { en: 'The harbour' } })
  const done = await importInto(other.db, textOf(records))
  t.same(
    [...new Set(done.lines.filter(({ fate }) => fate === 'refused').map(({ kind }) => kind))],
    ['site'],
    'its own sites stay'
  )
  t.match(
    lost(done).filter((line) => line.startsWith('tag')),
    [new RegExp(`^tag: is here as ${here.id}: what names it is linked to that; left as it is here: /names`)]
  )
  const { body } = await other.api(`GET /v1/articles/${first.id}`, { as: 'editor', expect: 200 })
  t.same(body.tags, [here.id])
  t.equal(body.createdBy, other.userIds.editor)
  const seen = await other.api(`GET /v1/content/articles/${first.slug}`, { expect: 200 })
  t.equal(seen.body.tags[0].name, 'The harbour')
  const again = await importInto(other.db, textOf(records))
  t.equal(again.kept, 0, 'a second time there is nothing to do')
  t.same(again.refused, done.refused)
})

t.test('readers see what was imported at once, though they had asked before', async (t) => {
  const other = await newsroom(t)
  const ask = async () => (await other.api('GET /v1/content/articles', { expect: 200 })).body.data.length
  t.equal(await ask(), 0)
  t.equal(await ask(), 0)
  await importInto(other.db, textOf(records.filter(({ type }) => type !== 'site')))
  const deadline = Date.now() + 5_000
  while ((await ask()) < 2 && Date.now() < deadline);
  t.equal(await ask(), 2)
  const { body } = await other.api('GET /v1/content/tags?locale=en', { expect: 200 })
  t.equal(body.data.length, 1)
})
