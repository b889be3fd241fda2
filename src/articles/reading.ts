/** Reading working copies. Who may see which is a condition of every statement here. */
import type { Static } from 'typebox'
import type { StoredBlock } from '../body/input.ts'
import type { Connection, Database } from '../database/database.ts'
import type { Stage } from '../database/generated/enums.ts'
import type { Caller } from '../http/access.ts'
import { NotFound } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import type { Content } from './content.ts'
import type { ArticleQuery } from './schema.ts'

export type ArticleSummaryView = Omit<Content, 'body'> & {
  id: string
  storyId: string
  locale: string
  wordCount: number
  stage: Stage
  version: number
  publication: {
    state: 'none' | 'scheduled' | 'live' | 'ended' | 'withdrawn'
    liveFrom: Date | null
    liveUntil: Date | null
    version: number | null
    hasUnpublishedChanges: boolean
  }
  withdrawal: { at: Date; reason: string } | null
  createdBy: string
  createdAt: Date
  updatedAt: Date
  trashedAt: Date | null
}

export type ArticleView = ArticleSummaryView & { body: { blocks: StoredBlock[] } }

const state = `CASE WHEN a.withdrawn_at IS NOT NULL THEN 'withdrawn' ELSE coalesce(p.state, 'none') END`

/** The one list of columns: what the API shows of a working copy, but its body. */
const summary = `
  a.id, a.story_id AS "storyId", a.locale, a.slug, a.headline, a.kicker, a.standfirst,
  ARRAY(SELECT x.author_id::text FROM article_authors x WHERE x.article_id = a.id ORDER BY x.position) AS authors,
  ARRAY(SELECT x.tag_id::text FROM article_tags x WHERE x.article_id = a.id ORDER BY x.position) AS tags,
  a.source, a.image, a.dateline, a.breaking, a.accessible_for_free AS "accessibleForFree", a.sensitive, a.seo, a.rights,
  a.word_count AS "wordCount", a.stage, a.version,
  ${state} AS state, p.live_from, p.live_until, p.version AS live_version,
  coalesce(p.state = 'live' AND (p.content_hash <> a.content_hash OR
    ARRAY(SELECT x.tag_id FROM article_tags x WHERE x.article_id = a.id ORDER BY x.position) <>
    ARRAY(SELECT x.tag_id FROM publication_tags x WHERE x.publication_id = p.publication_id ORDER BY x.position)), false) AS changed,
  a.withdrawn_at, a.withdrawn_reason, a.created_by AS "createdBy", a.created_at AS "createdAt", a.updated_at AS "updatedAt", a.trashed_at AS "trashedAt"`

const from =
  'FROM articles a LEFT JOIN LATERAL (SELECT * FROM article_publications v WHERE v.article_id = a.id) p ON true'

type Row = Omit<ArticleSummaryView, 'publication' | 'withdrawal'> & {
  state: ArticleSummaryView['publication']['state']
  live_from: Date | null
  live_until: Date | null
  live_version: number | null
  changed: boolean
  withdrawn_at: Date | null
  withdrawn_reason: string | null
}

const shown = ({
  state,
  live_from,
  live_until,
  live_version,
  changed,
  withdrawn_at,
  withdrawn_reason,
  ...article
}: Row): ArticleSummaryView => ({
  ...article,
  withdrawal: withdrawn_at && { at: withdrawn_at, reason: withdrawn_reason ?? '' },
  publication: {
    state,
    liveFrom: live_from,
    liveUntil: live_until,
    version: live_version,
    hasUnpublishedChanges: changed
  }
})

/** "Own": made by them, or signed by the author they are. Contributors see nothing else. */
export const own = (userId: string, authorId: string) =>
  `(a.created_by = ${userId}::uuid OR EXISTS (SELECT FROM article_authors o WHERE o.article_id = a.id AND o.author_id = ${authorId}::uuid))`

/** The same of an article that was read. */
export const isOwn = (user: Caller, { createdBy, authors }: { createdBy: string; authors: string[] }) =>
  createdBy === user.id || (user.authorId !== null && authors.includes(user.authorId))

const visible = `a.id = $1::uuid AND ($2::boolean OR ${own('$3', '$4')})`
const readOne = { name: 'get-article', text: `SELECT ${summary}, a.body ${from} WHERE ${visible}` }
const see = {
  name: 'see-article',
  text: `SELECT a.story_id AS "storyId", a.version FROM articles a WHERE ${visible}`
}
const asking = (user: Caller, id: string) => [id, user.role !== 'contributor', user.id, user.authorId]

/** The working copy. Throws NotFound also for what a contributor may not know of. */
export async function getArticle(db: Connection, user: Caller, id: string): Promise<ArticleView> {
  const [row] = await db.query<Row & { body: StoredBlock[] }>(readOne, asking(user, id))
  if (!row) throw NotFound('article')
  const { body, ...rest } = row
  return { ...shown(rest), body: { blocks: body } }
}

/** Its story and version, and nothing more of it. Throws NotFound as `getArticle` does. */
export async function seeArticle(db: Connection, user: Caller, id: string) {
  const [row] = await db.query<{ storyId: string; version: number }>(see, asking(user, id))
  if (!row) throw NotFound('article')
  return row
}

type Query = Static<typeof ArticleQuery>

/** Working copies without their bodies; two statements with `count=exact`, else one. */
export async function listArticles(db: Database, user: Caller, query: Query, walk: Walk) {
  const values: unknown[] = [walk.take]
  const conditions = conditionsOf(query, user, values)
  const filterCount = values.length
  const column = query.sort?.endsWith('createdAt') ? 'a.created_at' : 'a.updated_at'
  const descending = !query.sort || query.sort.startsWith('-')
  const { where, orderBy } = walk.keyset(
    [
      { sql: column, type: 'timestamptz' },
      { sql: 'a.id', type: 'uuid' }
    ],
    descending,
    values
  )
  const text = `SELECT ${summary} ${from} WHERE ${[where, ...conditions].join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = (await db.query<Row>({ text }, values)).map(shown)
  const list = walk.page(rows, (article) => [
    column === 'a.created_at' ? article.createdAt : article.updatedAt,
    article.id
  ])
  if (query.count !== 'exact') return list
  const counting = `SELECT count(*)::int AS count ${from} WHERE ${['$1::int IS NOT NULL', ...conditions].join(' AND ')}`
  const [counted] = await db.query<{ count: number }>({ text: counting }, values.slice(0, filterCount))
  return { ...list, page: { ...list.page, count: counted?.count ?? 0 } }
}

/** The other articles of an article's story outside the trash, by locale: one statement more than what sees the article. */
export async function listTranslations(db: Database, user: Caller, id: string, walk: Walk) {
  const { storyId } = await seeArticle(db, user, id)
  const values: unknown[] = [walk.take, id]
  // Outside the trash, a story has one article per locale.
  const { where, orderBy } = walk.keyset([{ sql: 'a.locale', type: 'text' }], false, values)
  const conditions = [where, 'a.id <> $2::uuid', ...conditionsOf({ storyId }, user, values)]
  const text = `SELECT ${summary} ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<Row>({ text }, values)
  return walk.page(rows.map(shown), ({ locale }) => [locale])
}

function conditionsOf(query: Partial<Query>, user: Caller, values: unknown[]) {
  const put = (value: unknown) => `$${values.push(value)}`
  const conditions = [query.trashed ? 'a.trashed_at IS NOT NULL' : 'a.trashed_at IS NULL']
  if (user.role === 'contributor') conditions.push(own(put(user.id), put(user.authorId)))
  if (query.stage) conditions.push(`a.stage = ${put(query.stage)}::stage`)
  if (query.state) conditions.push(`${state} = ${put(query.state)}::text`)
  if (query.locale) conditions.push(`a.locale = ${put(query.locale)}::text`)
  if (query.storyId) conditions.push(`a.story_id = ${put(query.storyId)}::uuid`)
  if (query.tag)
    conditions.push(
      `EXISTS (SELECT FROM article_tags x WHERE x.article_id = a.id AND x.tag_id = ${put(query.tag)}::uuid)`
    )
  if (query.author)
    conditions.push(
      `EXISTS (SELECT FROM article_authors x WHERE x.article_id = a.id AND x.author_id = ${put(query.author)}::uuid)`
    )
  if (query.updatedAfter) conditions.push(`a.updated_at >= ${put(query.updatedAfter)}::timestamptz`)
  if (query.updatedBefore) conditions.push(`a.updated_at < ${put(query.updatedBefore)}::timestamptz`)
  for (const word of query.q?.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10) ?? []) {
    conditions.push(
      `lower(a.headline || ' ' || a.standfirst) LIKE ${put(`%${word.replace(/[\\%_]/g, '\\$&')}%`)}::text`
    )
  }
  return conditions
}

type Named = { tags: string[]; authors: string[] }

/** Names of the tags and authors of these articles, by `include`; one statement for each. */
export async function withNames<T extends Named>(db: Database, articles: T[], include: string | undefined) {
  const wanted = include?.split(',') ?? []
  if (wanted.length === 0) return articles
  const tags = wanted.includes('tags')
    ? await db.query<{ id: string; slug: string; names: Record<string, string> }>(tagNames, [
        articles.flatMap((article) => article.tags)
      ])
    : null
  const authors = wanted.includes('authors')
    ? await db.query<{ id: string; slug: string; name: string }>(authorNames, [
        articles.flatMap((article) => article.authors)
      ])
    : null
  return articles.map((article) => ({
    ...article,
    included: {
      ...(tags && { tags: pick(article.tags, tags) }),
      ...(authors && { authors: pick(article.authors, authors) })
    }
  }))
}

const tagNames = { name: 'tag-names', text: 'SELECT id, slug, names FROM tags WHERE id = ANY ($1::uuid[])' }
const authorNames = {
  name: 'author-names',
  text: 'SELECT id, slug, name FROM authors WHERE id = ANY ($1::uuid[])'
}

function pick<T extends { id: string }>(ids: string[], rows: T[]): T[] {
  return ids.flatMap((id) => rows.find((row) => row.id === id) ?? [])
}
