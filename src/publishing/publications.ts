/** Publications as the API shows them, and the copies of revisions that they are. */
import { type Content, contentHashOf } from '../articles/content.ts'
import type { Locked } from '../articles/locking.ts'
import { getArticle } from '../articles/reading.ts'
import { presentAuthors } from '../authors/authors.ts'
import { countWords, toHtml, toText } from '../body/render.ts'
import { shownBy } from '../content/keys.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { Prisma } from '../database/generated/client.ts'
import type { Caller } from '../http/access.ts'
import { Invalid, NotFound } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import { presentTags } from '../tags/merging.ts'
import type { Row } from './timeline.ts'

export type PublicationView = {
  id: string
  articleId: string
  version: number
  locale: string
  slug: string
  headline: string
  state: 'scheduled' | 'live' | 'ended' | 'cancelled' | 'withdrawn'
  liveFrom: Date
  liveUntil: Date | null
  plannedUntil: Date | null
  publishedAt: Date
  correction: string | null
  minor: boolean
  createdBy: string
  createdAt: Date
}

const view = `
  p.id, p.article_id AS "articleId", p.version, p.locale, p.slug, p.headline,
  CASE WHEN p.withdrawn THEN 'withdrawn' WHEN p.live_from > clock_timestamp() THEN 'scheduled'
       WHEN p.live_until IS NULL OR p.live_until > clock_timestamp() THEN 'live' ELSE 'ended' END AS state,
  p.live_from AS "liveFrom", p.live_until AS "liveUntil", p.planned_until AS "plannedUntil",
  p.published_at AS "publishedAt", p.correction, p.minor, p.created_by AS "createdBy", p.created_at AS "createdAt"`

const readOne = {
  name: 'get-publication',
  text: `SELECT ${view} FROM publications p WHERE p.id = $1::uuid AND p.article_id = $2::uuid`
}

/** A publication of this article. Throws NotFound. */
export async function getPublication(
  db: Connection,
  articleId: string,
  id: string
): Promise<PublicationView> {
  const [publication] = await db.query<PublicationView>(readOne, [id, articleId])
  if (!publication) throw NotFound('publication')
  return publication
}

/** An article's timeline, latest first. */
export async function listPublications(db: Database, user: Caller, articleId: string, walk: Walk) {
  await getArticle(db, user, articleId)
  const values: unknown[] = [walk.take, articleId]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'p.live_from', type: 'timestamptz' },
      { sql: 'p.id', type: 'uuid' }
    ],
    true,
    values
  )
  const text = `SELECT ${view} FROM publications p WHERE p.article_id = $2::uuid AND ${where} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<PublicationView>({ text }, values), (row) => [row.liveFrom, row.id])
}

/** The surrogate keys of whatever readers may be shown of the article, and of all that depends on it. */
export async function keysOf(tx: Transaction, articleId: string): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(shownBy, [[articleId]])
  return rows.map(({ key }) => key)
}

/** What readers get of a revision: its content, with HTML and text rendered once. */
async function copyOf(tx: Transaction, article: Locked, version: number) {
  const revision = await tx.prisma.revision.findUnique({
    where: { articleId_version: { articleId: article.id, version } }
  })
  if (!revision)
    throw Invalid('/version', `is not a version of this article (1 to ${article.version})`, 'unknown_version')
  const whole = revision.content as unknown as Content
  // Of an old revision, the tags and authors that are still there. Locked, so that they stay.
  const { present: tags } = await presentTags(tx, whole.tags)
  const { present: authors } = await presentAuthors(tx, whole.authors)
  const content = { ...whole, tags, authors }
  return { columns: columnsOf(content, version), content }
}

function columnsOf(content: Content, version: number) {
  const { body, tags: _, authors: __, source, image, rights, ...plain } = content
  return {
    ...plain,
    version,
    contentHash: contentHashOf(content),
    body,
    bodyHtml: toHtml(body),
    bodyText: toText(body),
    wordCount: countWords(body),
    source: source ?? Prisma.DbNull,
    image: image ?? Prisma.DbNull,
    rights: rights ?? Prisma.DbNull
  }
}

export type Remarks = { correction: string | null; minor: boolean }

/** Puts a copy of the row's revision into the database. */
export async function insertPublication(
  tx: Transaction,
  user: Caller,
  article: Locked,
  row: Row,
  publishedAt: Date,
  remarks: Remarks
) {
  const copy = await copyOf(tx, article, row.version)
  await insertCopies(tx, user, [{ article, row, publishedAt, remarks, ...copy }])
}

type OnTimeline = Pick<Locked, 'id' | 'locale' | 'storyId'>
type Copy = {
  article: OnTimeline
  row: Row
  publishedAt: Date
  remarks: Remarks
  columns: ReturnType<typeof columnsOf>
  content: Pick<Content, 'tags' | 'authors'>
}

/** Puts into the database the rows of articles whose only version this is, and whose tags and authors are there and stay. */
export async function insertFirstPublications(
  tx: Transaction,
  user: Caller,
  timelines: { article: OnTimeline; content: Content; rows: Row[] }[]
) {
  const copies = timelines.flatMap(({ article, content, rows }) => {
    const columns = columnsOf(content, 1)
    const remarks = { correction: null, minor: false }
    const [first] = rows
    return first
      ? rows.map((row) => ({ article, row, publishedAt: first.from, remarks, columns, content }))
      : []
  })
  await insertCopies(tx, user, copies)
}

async function insertCopies(tx: Transaction, user: Caller, copies: Copy[]) {
  await tx.prisma.publication.createMany({
    data: copies.map(
      ({ article: { id: articleId, locale, storyId }, row, publishedAt, remarks, columns }) => {
        const moments = { liveFrom: row.from, liveUntil: row.until, plannedUntil: row.planned, publishedAt }
        const { id } = row
        return { ...columns, ...moments, ...remarks, id, articleId, storyId, locale, createdBy: user.id }
      }
    )
  })
  await signAndTag(tx, copies)
}

/** Puts a copy of another revision in the place of the one that is there. */
export async function replacePublication(
  tx: Transaction,
  article: Locked,
  { id, version }: Row,
  publishedAt: Date
) {
  const { columns, content } = await copyOf(tx, article, version)
  await tx.prisma.publication.update({ where: { id }, data: columns })
  await tx.prisma.publicationTag.deleteMany({ where: { publicationId: id } })
  await tx.prisma.publicationAuthor.deleteMany({ where: { publicationId: id } })
  await signAndTag(tx, [{ article, row: { id }, publishedAt, content }])
}

type Signing = Pick<Copy, 'article' | 'publishedAt' | 'content'> & { row: Pick<Row, 'id'> }

async function signAndTag(tx: Transaction, copies: Signing[]) {
  const places = copies.map(({ article: { id: articleId, locale }, row, publishedAt, content }) => ({
    ...content,
    at: (position: number) => ({ publicationId: row.id, position, articleId, locale, publishedAt })
  }))
  await tx.prisma.publicationTag.createMany({
    data: places.flatMap(({ tags, at }) => tags.map((tagId, position) => ({ tagId, ...at(position) })))
  })
  await tx.prisma.publicationAuthor.createMany({
    data: places.flatMap(({ authors, at }) =>
      authors.map((authorId, position) => ({ authorId, ...at(position) }))
    )
  })
}
