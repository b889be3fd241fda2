/** What an article was: its revisions listed, read, compared, and brought back. */
import { type Actor, note } from '../../audit/audit.ts'
import { presentAuthors } from '../../authors/authors.ts'
import type { StoredBlock } from '../../body/input.ts'
import type { Connection, Database } from '../../database/database.ts'
import { tell } from '../../events/outbox.ts'
import type { Caller } from '../../http/access.ts'
import { NotFound } from '../../http/errors.ts'
import type { Walk } from '../../http/pagination.ts'
import { refuseStale } from '../../http/preconditions.ts'
import { presentTags } from '../../tags/merging.ts'
import { type Content, changedContent, contentFrom, inOrder } from '../content.ts'
import { lockArticle, refuseUneditable } from '../locking.ts'
import { type ArticleView, getArticle, seeArticle } from '../reading.ts'
import { writeVersion } from '../versions.ts'
import { type BlockChange, compareBodies, compareFields, type FieldChange } from './diff.ts'

export type RevisionSummaryView = {
  version: number
  headline: string
  message: string | null
  restoredFrom: number | null
  createdBy: string
  createdByName: string | null
  createdAt: Date
}

export type RevisionView = RevisionSummaryView & {
  content: Omit<Content, 'body'> & { body: { blocks: StoredBlock[] } }
}

// The headline is the first member, so the beginning of the text is enough; `->>` would unpack and read all of it.
const headline = `coalesce(
  substring(substr(r.content::text, 1, 2000) FROM '^\\{"headline":("(?:[^"\\\\]|\\\\.)*")')::json #>> '{}',
  r.content ->> 'headline')`

const summary = `
  r.version, ${headline} AS headline, r.message, r.restored_from AS "restoredFrom",
  r.created_by AS "createdBy", u.name AS "createdByName", r.created_at AS "createdAt"`
const from = 'FROM revisions r LEFT JOIN users u ON u.id = r.created_by'

/** The revisions of an article, newest first, without their content. Throws NotFound as `getArticle` does. */
export async function listRevisions(db: Database, user: Caller, articleId: string, walk: Walk) {
  await seeArticle(db, user, articleId)
  const values: unknown[] = [walk.take, articleId]
  const { where, orderBy } = walk.keyset([{ sql: 'r.version', type: 'int' }], true, values)
  const text = `SELECT ${summary} ${from} WHERE r.article_id = $2::uuid AND ${where} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<RevisionSummaryView>({ text }, values), (row) => [row.version])
}

const readOne = {
  name: 'get-revision',
  text: `SELECT ${summary}, r.content ${from} WHERE r.article_id = $1::uuid AND r.version = $2::int`
}

/** One revision with its content. Throws NotFound, also for what a contributor may not know of. */
export async function getRevision(
  db: Database,
  user: Caller,
  articleId: string,
  version: number
): Promise<RevisionView> {
  await seeArticle(db, user, articleId)
  const [row] = await db.query<RevisionSummaryView & { content: Content }>(readOne, [articleId, version])
  if (!row) throw NotFound('revision')
  return { ...row, content: { ...row.content, body: { blocks: row.content.body } } }
}

const readContent = {
  name: 'revision-contents',
  text: 'SELECT version, content FROM revisions WHERE article_id = $1::uuid AND version = ANY ($2::int[])'
}

async function contentsOf(db: Connection, articleId: string, versions: number[]): Promise<Content[]> {
  const rows = await db.query<{ version: number; content: Content }>(readContent, [articleId, versions])
  return versions.map((version) => {
    const row = rows.find((row) => row.version === version)
    if (!row) throw NotFound('revision')
    return row.content
  })
}

export type DiffView = { from: number; to: number; fields: FieldChange[]; body: BlockChange[] }

/** What differs from one version to another, the current one if absent. Throws NotFound for an article or version. */
export async function compareRevisions(
  db: Database,
  user: Caller,
  articleId: string,
  from: number,
  to?: number
): Promise<DiffView> {
  const { version } = await seeArticle(db, user, articleId)
  const later = to ?? version
  const [before, after] = (await contentsOf(db, articleId, [from, later])) as [Content, Content]
  return {
    from,
    to: later,
    fields: compareFields(before, after),
    body: compareBodies(before.body, after.body)
  }
}

export type RestoredView = ArticleView & { dropped: { tags: string[]; authors: string[] } }

/**
 * Writes the content of an old version as a new one; slug and stage stay as they are. Tags merged since are those they
 * went into, and what was deleted since is dropped and listed. Changes nothing when there is nothing to change. Throws
 * NotFound, Stale, article_trashed, and Forbidden as an edit does.
 */
export async function restoreRevision(
  db: Database,
  actor: Actor,
  user: Caller,
  id: string,
  expected: ReadonlySet<number>,
  from: number
): Promise<RestoredView> {
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, id)
    refuseUneditable(user, article)
    refuseStale(expected, article.version)
    const [content] = (await contentsOf(tx, id, [from])) as [Content]
    const tags = await presentTags(tx, content.tags)
    const authors = await presentAuthors(tx, content.authors)
    const dropped = { tags: tags.gone, authors: authors.gone }
    const before = contentFrom(article)
    const after = inOrder({ ...content, slug: before.slug, tags: tags.present, authors: authors.present })
    const fields = changedContent(before, after)
    if (fields.length === 0) return { ...article, dropped }
    const { slugGenerated } = article
    const version = await writeVersion(tx, user, article, after, { slugGenerated, restoredFrom: from })
    await tell(tx, {
      type: 'article.restored_revision',
      subjectId: id,
      payload: { id, version, from },
      surrogateKeys: []
    })
    await note(tx, actor, {
      action: 'article.restored_revision',
      resource: 'article',
      resourceId: id,
      fields
    })
    return { ...(await getArticle(tx, user, id)), dropped }
  })
}
