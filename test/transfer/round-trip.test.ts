/** What is exported, imported into an empty Dateline and exported again is the same file, and readers see the same. */
import t from 'tap'
import { newsroom } from '../helper.ts'
import { emptyRoom, exportOf, fillRichly, importInto, recordsIn } from './rich.ts'

type Change = { type: string; reason: string; article: { id: string } }

const room = await newsroom(t)
const { long, ru, both, ended, withdrawn, sea } = await fillRichly(room)
const text = await exportOf(room.db)
const records = recordsIn(text)
const other = await emptyRoom(t)

t.test('the export holds something of every kind, and no secrets', async (t) => {
  const types = [...new Set(records.map(({ type }) => type))]
  t.same(types, [
    ...['person', 'site', 'tag', 'tag_merge', 'author', 'article', 'revision', 'stage_move', 'share_link'],
    ...['former_code', 'publication', 'list', 'redirect', 'clicks', 'click_total', 'views', 'view_total']
  ])
  t.equal(records.filter(({ type, articleId }) => type === 'revision' && articleId === long.id).length, 15)
  t.notMatch(text, /\$argon2|password|hash|token|secret|bodyHtml/i)
  const lines = text.trim().split('\n')
  t.equal(lines[0], '{"type":"dateline","format":1}')
  t.equal(lines.at(-1), `{"type":"end","records":${records.length}}`)
  t.equal(await exportOf(room.db), text, 'the same again while nothing changes')
})

t.test('imported into an empty Dateline, it exports the same', async (t) => {
  const tried = await importInto(other.db, text, { dryRun: true })
  t.same(tried, {
    read: records.length,
    kept: records.length,
    alreadyThere: 0,
    refused: 0,
    leftOut: 0,
    withLosses: 0,
    lines: []
  })
  t.equal(recordsIn(await exportOf(other.db)).length, 0, 'a dry run leaves nothing')
  const done = await importInto(other.db, text)
  t.same(done, tried)
  t.equal(await exportOf(other.db), text)
  const again = await importInto(other.db, text)
  t.match(again, { kept: 0, refused: 0, alreadyThere: records.length }, 'a second time all of it is there')
  t.equal(await exportOf(other.db), text)
})

t.test('readers are answered the same', async (t) => {
  const slugs = records.filter(({ type }) => type === 'article').map(({ slug, locale }) => [slug, locale])
  const paths = [
    ...['en', 'ru'].flatMap((locale) => [
      `/v1/content/articles?locale=${locale}&include=tags,authors&limit=100`,
      `/v1/content/tags?locale=${locale}`,
      `/v1/content/authors?locale=${locale}`,
      `/v1/content/lists/top?locale=${locale}`,
      `/v1/content/site?locale=${locale}`,
      `/v1/content/search?q=${encodeURIComponent(locale === 'ru' ? 'паром' : 'ferry')}&locale=${locale}`,
      `/v1/content/articles?locale=${locale}&tag=ferry`,
      `/feeds/rss.xml?locale=${locale}`
    ]),
    ...slugs.flatMap(([slug, locale]) => [
      `/v1/content/articles/${slug}?locale=${locale}&body=html,blocks,markdown,text&include=share,related,jsonld`,
      `/v1/content/articles/${slug}/share?locale=${locale}`
    ]),
    ...[sea.slug, 'ships', 'ferry'].map((slug) => `/v1/content/tags/${slug}?locale=en`),
    `/v1/content/articles/${long.slug}?locale=en`,
    `/v1/content/articles/${withdrawn.slug}?locale=en`,
    `/v1/content/articles/${ended.slug}?locale=en`,
    `/v1/content/views?ids=${long.id},${ru.id},${both.id}`,
    `/v1/content/resolve?path=${encodeURIComponent('/2019/ferry')}`,
    `/v1/content/resolve?path=${encodeURIComponent('/старое')}`
  ]
  const statuses: number[] = []
  for (const path of paths) {
    const [here, there] = await Promise.all(
      [room.url, other.url].map((url) => fetch(`${url}${path}`, { redirect: 'manual' }))
    )
    statuses.push(here?.status ?? 0)
    const [one, two] = [await here?.text(), await there?.text()].map((body) =>
      body?.replace(/"requestId":"[^"]*"/, '')
    )
    t.equal(there?.status, here?.status, path)
    t.equal(two?.replaceAll(other.url, room.url), one, path)
    t.equal(there?.headers.get('location'), here?.headers.get('location'), path)
  }
  t.ok(statuses.filter((status) => status === 200).length > 25, `${statuses}`)
  t.ok(statuses.includes(410) && statuses.includes(404) && statuses.includes(301), `${statuses}`)
})

t.test(
  'one entry of the audit and the chain is whole; readers are told of what is live, once each',
  async (t) => {
    const audit = await other.db.query<{ action: string; details: { kept: number } }>(
      { text: `SELECT action, details FROM audit WHERE resource = 'import' ORDER BY at` },
      []
    )
    t.same(
      audit.map(({ action }) => action),
      ['import.begun', 'import.finished', 'import.begun', 'import.finished']
    )
    t.equal(audit[1]?.details.kept, records.length)
    const ask = async (path: string) =>
      ((await (await fetch(`${other.url}${path}`)).json()) as { data: Change[] }).data
    const live = (await ask('/v1/content/articles?locale=en')).length + 1
    const deadline = Date.now() + 20_000
    let changes: Change[] = []
    while (changes.length < live && Date.now() < deadline) changes = await ask('/v1/content/changes')
    t.equal(changes.length, live)
    t.same([...new Set(changes.map(({ type, reason }) => `${type} ${reason}`))], ['upsert published'])
    t.equal(new Set(changes.map(({ article }) => article.id)).size, live)
  }
)
