/** What is told of what cannot be kept, in a dry run and for real alike, and what the audit has of an import. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { importForeign } from '../../src/importing/importing.ts'
import type { Line } from '../../src/importing/report.ts'
import { callerFor } from '../../src/importing/run.ts'
import { type Newsroom, newsroom } from '../helper.ts'
import { wxrHead, wxrItem, wxrTail } from './made-up.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-told-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let room: Newsroom
t.before(async () => {
  room = await newsroom(t)
})

let files = 0
/** Imports it as if and for real, and answers with what was told of both. */
async function bringTwice(content: string) {
  const input = join(folder, `${++files}`)
  writeFileSync(input, content)
  const run = async (dryRun: boolean) => {
    const lines: Line[] = []
    const source = `https://told-${files}.example`
    const totals = await importForeign(room.db, {
      ...{ input, source, dryRun },
      onLine: (line) => lines.push(line)
    })
    return { totals, lines }
  }
  const dry = await run(true)
  return { dry, real: await run(false), again: await run(false) }
}
const fates = (lines: Line[], key: string) =>
  lines.filter((line) => line.key === key).map(({ kind, fate, lost }) => [kind, fate, ...lost])

const TWICE = 'is there twice in the file: the first counts'
/** Terms are told of when they are kept, which is after what is refused; articles in their order. */
const TOLD_TWICE: Record<string, string[][]> = {
  author: [
    ['author', 'refused', TWICE],
    ['author', 'kept']
  ],
  tag: [
    ['tag', 'refused', TWICE],
    ['tag', 'kept']
  ],
  article: [
    ['article', 'kept'],
    ['article', 'refused', TWICE]
  ]
}
/** The keys of what is twice, each of its kind. */
function toldTwice(t: Test, lines: Line[], keys: Record<string, string>) {
  for (const [kind, key] of Object.entries(keys)) t.same(fates(lines, key), TOLD_TWICE[kind], key)
}
const term = (name: string, slug: string) =>
  `<wp:category><wp:category_nicename>${slug}</wp:category_nicename><wp:cat_name>${name}</wp:cat_name></wp:category>`
const author = (login: string, name: string) =>
  `<wp:author><wp:author_login>${login}</wp:author_login><wp:author_display_name>${name}</wp:author_display_name></wp:author>`
const post = (id: string, slug: string) => wxrItem({ 'wp:post_id': id, 'wp:post_name': slug, title: slug })

t.test('what is twice in a file of WordPress is refused the second time, whatever it is', async (t) => {
  const { dry, real, again } = await bringTwice(
    wxrHead(
      author('ines', 'Ines One') +
        author('ines', 'Ines Two') +
        term('Ports', 'ports-a') +
        term('Docks', 'ports-a')
    ) +
      post('7', 'twice-first') +
      Array.from({ length: 25 }, (_, index) => post(`${100 + index}`, `between-${index}`)).join('') +
      post('7', 'twice-second') +
      wxrTail
  )
  for (const { lines } of [dry, real]) {
    toldTwice(t, lines, { author: 'ines', tag: 'category/ports-a', article: '7' })
  }
  t.same(real.totals, dry.totals)
  t.equal(real.totals.refused, 3)
  t.match(again.totals, { kept: 0, refused: 3 })
  t.equal(await room.db.prisma.author.count({ where: { name: 'Ines One' } }), 1)
  t.equal(await room.db.prisma.author.count({ where: { name: 'Ines Two' } }), 0)
  t.equal(await room.db.prisma.article.count({ where: { slug: 'twice-second' } }), 0)
})

t.test('what is twice in a file of Ghost is refused the second time, whatever it is', async (t) => {
  const one = (id: string, more: object) => ({ id, slug: `${id}-told`, ...more })
  const { dry, real, again } = await bringTwice(
    JSON.stringify({
      data: {
        users: [one('u1', { name: 'Jon One' }), one('u1', { name: 'Jon Two' }), { name: 'Nobody' }],
        tags: [one('t1', { name: 'Quays' }), one('t1', { name: 'Piers' })],
        posts: [one('p1', { title: 'One', status: 'draft' }), one('p1', { title: 'Two', status: 'draft' })]
      }
    })
  )
  for (const { lines } of [dry, real]) {
    toldTwice(t, lines, { author: 'u1', tag: 't1', article: 'p1' })
    t.same(fates(lines, '?'), [['author', 'refused', 'has no id to know it by']])
  }
  t.same(real.totals, dry.totals)
  t.match(again.totals, { kept: 0, alreadyThere: 3, refused: 4 })
  t.equal(await room.db.prisma.author.count({ where: { name: 'Jon One' } }), 1)
})

t.test('a term that articles name before the file declares it is kept as it is declared', async (t) => {
  const { real } = await bringTwice(
    wxrHead() +
      wxrItem(
        { 'wp:post_id': '1', 'wp:post_name': 'early' },
        '<category domain="category" nicename="early-term"><![CDATA[early]]></category>'
      ) +
      '<wp:category><wp:category_nicename>early-term</wp:category_nicename><wp:cat_name>Early term</wp:cat_name><wp:category_description>Said later.</wp:category_description></wp:category>' +
      wxrTail
  )
  t.match(real.totals, { refused: 0 })
  const tag = await room.db.prisma.tag.findFirstOrThrow({ where: { slug: 'early-term' } })
  t.match(tag, { names: { en: 'Early term' }, descriptions: { en: 'Said later.' } })
})

t.test('dates of what is not published are told as lost', async (t) => {
  const [begun, changed] = ['2019-05-03T08:15:00.000Z', '2020-02-01T12:00:00.000Z']
  const told = `dates of what is not published are not kept: ${begun}, ${changed}`
  const dated: Record<string, string>[] = [
    { 'wp:post_id': '1', 'wp:post_name': 'dated-draft', 'wp:status': 'draft' },
    { 'wp:post_id': '2', 'wp:post_name': 'dated-page', 'wp:post_type': 'page' },
    { 'wp:post_id': '3', 'wp:post_name': 'dated-post' }
  ]
  const items = dated.map((fields) => wxrItem({ 'wp:post_modified_gmt': '2020-02-01 12:00:00', ...fields }))
  const ahead = wxrItem({
    'wp:post_id': '4',
    'wp:post_name': 'ahead',
    'wp:post_modified_gmt': '2100-01-01 00:00:00'
  })
  const { dry, real } = await bringTwice(wxrHead() + items.join('') + ahead + wxrTail)
  for (const { lines } of [dry, real]) {
    t.same(fates(lines, '1'), [['article', 'kept', told]])
    t.same(fates(lines, '2'), [['article', 'kept', 'a page: kept as a working copy, not published', told]])
    t.same(fates(lines, '3'), [['article', 'kept']])
    t.match(fates(lines, '4'), [['article', 'kept', /date of a change that lies ahead is not kept: 2100/]])
  }
  const posts = [
    { id: 'g1', slug: 'ghost-draft', title: 'D', status: 'draft', created_at: begun, updated_at: changed }
  ]
  const ghost = await bringTwice(JSON.stringify({ data: { users: [], posts } }))
  for (const { lines } of [ghost.dry, ghost.real]) t.same(fates(lines, 'g1'), [['article', 'kept', told]])
})

const audited = async () =>
  (
    await room.db.prisma.auditEntry.findMany({
      where: { resource: 'import' },
      orderBy: { id: 'asc' },
      select: { action: true, resourceId: true, userId: true, details: true }
    })
  ).map((entry) => ({ ...entry, details: entry.details as Record<string, unknown> }))

t.test('the audit tells when an import began and when it was through, with its totals', async (t) => {
  const before = (await audited()).length
  const { real } = await bringTwice(wxrHead() + post('1', 'audited') + wxrTail)
  const entries = (await audited()).slice(before)
  t.match(
    entries.map(({ action }) => action),
    ['import.begun', 'import.finished', 'import.begun', 'import.finished'],
    'none of the dry run'
  )
  const [begun, finished] = entries
  t.same(finished?.details, { format: 'wxr', ...real.totals })
  t.match(begun?.details, { format: 'wxr', read: 0 })
  t.equal(begun?.resourceId, finished?.resourceId)
  t.equal(begun?.userId, (await callerFor(room.db, undefined)).user.id)
})

t.test('of an import that is ended in the middle, the audit tells that it began', async (t) => {
  const before = (await audited()).length
  const input = join(folder, 'ended.xml')
  writeFileSync(input, wxrHead() + post('1', 'ended') + wxrTail)
  const onLine = ({ kind }: Line) => {
    if (kind === 'article') throw new Error('the report cannot be written')
  }
  await t.rejects(importForeign(room.db, { input, source: 'https://ended.example', onLine }))
  writeFileSync(input, `${wxrHead()}<item>`)
  await t.rejects(importForeign(room.db, { input, source: 'https://ended.example' }))
  const actions = (await audited()).slice(before).map(({ action }) => action)
  t.same(actions, ['import.begun'], 'and nothing of one that never began')
})
