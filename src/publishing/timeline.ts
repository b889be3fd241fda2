/**
 * The timeline: all publications of an article, past, present and future. What is live is a question of the clock, so
 * nothing has to happen at the moment something goes live. Postgres itself forbids two rows that overlap, per article
 * and per slug; the code here only decides which row should be where.
 */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import type { Content } from '../articles/content.ts'
import { type Locked, lockArticle, refuseOthers } from '../articles/locking.ts'
import { getArticle } from '../articles/reading.ts'
import { type Actor, note } from '../audit/audit.ts'
import { countWords, toHtml, toText } from '../body/render.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { Prisma } from '../database/generated/client.ts'
import { tell } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { Conflict, Invalid } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { NewPublication } from './schema.ts'

export type PublicationView = {
  id: string
  articleId: string
  version: number
  locale: string
  slug: string
  headline: string
  state: 'scheduled' | 'live' | 'ended' | 'cancelled'
  liveFrom: Date
  liveUntil: Date | null
  plannedUntil: Date | null
  publishedAt: Date
  createdBy: string
  createdAt: Date
}

const view = `
  p.id, p.article_id AS "articleId", p.version, p.locale, p.slug, p.headline,
  CASE WHEN p.live_from > clock_timestamp() THEN 'scheduled'
       WHEN p.live_until IS NULL OR p.live_until > clock_timestamp() THEN 'live' ELSE 'ended' END AS state,
  p.live_from AS "liveFrom", p.live_until AS "liveUntil", p.planned_until AS "plannedUntil",
  p.published_at AS "publishedAt", p.created_by AS "createdBy", p.created_at AS "createdAt"`

const readOne = { name: 'get-publication', text: `SELECT ${view} FROM publications p WHERE p.id = $1::uuid` }

async function getPublication(db: Connection, id: string): Promise<PublicationView> {
  const [publication] = await db.query<PublicationView>(readOne, [id])
  return publication as PublicationView
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

type TimelineRow = {
  id: string
  version: number
  live_from: Date
  live_until: Date | null
  planned_until: Date | null
  published_at: Date
}

/**
 * The article's rows from earliest to latest, and now: after the article's row was locked, in whole milliseconds, and
 * later than anything that has begun, so that changes made in the same millisecond keep their order.
 */
async function readTimeline(tx: Transaction, articleId: string) {
  const rows = await tx.prisma.$queryRaw<TimelineRow[]>`
    SELECT id, version, live_from, live_until, planned_until, published_at FROM publications
    WHERE article_id = ${articleId}::uuid ORDER BY live_from`
  const [clock] = await tx.prisma.$queryRaw<
    { now: Date }[]
  >`SELECT date_trunc('milliseconds', clock_timestamp()) AS now`
  const present = (clock as { now: Date }).now
  const begun = rows.filter((row) => row.live_from <= present).at(-1)
  const now = begun && begun.live_from >= present ? new Date(begun.live_from.getTime() + 1) : present
  return { rows, now }
}

const covers = (row: TimelineRow, moment: Date) =>
  row.live_from <= moment && (row.live_until === null || row.live_until > moment)
const earlier = (a: Date | null, b: Date | null) => (a === null ? b : b === null || a <= b ? a : b)
const same = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime()

const GRACE_MS = 60_000

/**
 * Puts a revision on the timeline: now, or at `liveFrom`. The row that covers that moment ends there; the new one runs
 * to its `liveUntil`, or to the next scheduled row if that is earlier. Publishing what is there already changes
 * nothing (`made` false). With `past`, for what was published elsewhere before, `liveFrom` may lie in the past. Throws Stale, timeline_conflict, slug_promised, article_trashed.
 */
export async function publish(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string,
  expected: ReadonlySet<number>,
  order: Static<typeof NewPublication>,
  { past = false } = {}
): Promise<{ made: boolean; publication: PublicationView }> {
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, articleId)
    refuseOthers(user, article, 'publish')
    if (article.trashedAt) throw Conflict('article_trashed', 'The article is in the trash.')
    refuseStale(expected, article.version)
    const version = order.version ?? article.version
    const { rows, now } = await readTimeline(tx, articleId)
    const { from, until, plannedUntil, covering, twin } = place(rows, now, version, order, past)
    if (twin) return { made: false, publication: await getPublication(tx, twin.id) }

    if (covering)
      await tx.prisma
        .$executeRaw`UPDATE publications SET live_until = ${from} WHERE id = ${covering.id}::uuid`
    const first = rows[0]?.published_at ?? from
    const publishedAt = first < from ? first : from
    if (publishedAt < first) await moveFirst(tx, articleId, publishedAt)
    const id = await insertPublication(tx, article, version, user, { from, until, plannedUntil, publishedAt })

    const surrogateKeys = await keysOf(tx, articleId)
    const publication = await getPublication(tx, id)
    const { locale, storyId } = article
    const { slug, state } = publication
    const payload = {
      id: articleId,
      storyId,
      locale,
      slug,
      version,
      publicationId: id,
      liveFrom: from.toISOString(),
      liveUntil: until?.toISOString() ?? null
    }
    await tell(tx, {
      type: state === 'scheduled' ? 'article.scheduled' : 'article.published',
      subjectId: articleId,
      payload,
      surrogateKeys
    })
    await note(tx, actor, {
      action: 'article.published',
      resource: 'article',
      resourceId: articleId,
      fields: Object.keys(order)
    })
    return { made: true, publication }
  })
}

/** Where a new row goes. Pure: all moments come in, nothing is read or written. */
export function place(
  rows: TimelineRow[],
  now: Date,
  version: number,
  order: Static<typeof NewPublication>,
  past = false
) {
  const asked = order.liveFrom === undefined ? now : new Date(order.liveFrom)
  if (!past && asked.getTime() < now.getTime() - GRACE_MS)
    throw Invalid('/liveFrom', 'is more than 60 seconds in the past', 'in_the_past')
  const from = asked < now && !past ? now : asked
  const covering = rows.find((row) => covers(row, from))
  const next = rows.find((row) => row.live_from > from)

  let plannedUntil = covering?.planned_until ?? null
  if (order.liveUntil !== undefined)
    plannedUntil = order.liveUntil === null ? null : new Date(order.liveUntil)
  if (order.liveUntil && plannedUntil && plannedUntil <= from)
    throw Invalid('/liveUntil', 'is not later than the beginning', 'not_later')
  if (order.liveUntil && next && plannedUntil && plannedUntil > next.live_from) {
    throw Conflict(
      'timeline_conflict',
      `Another publication begins at ${next.live_from.toISOString()}, before the end asked for.`
    )
  }
  const until = earlier(plannedUntil, next?.live_from ?? null)

  const alike = covering && covering.version === version && same(covering.planned_until, plannedUntil)
  const atOnce = order.liveFrom === undefined || from.getTime() === now.getTime()
  if (covering && alike && (atOnce || same(covering.live_from, from)))
    return { from, until, plannedUntil, covering, twin: covering }
  if (covering && same(covering.live_from, from)) {
    throw Conflict(
      'timeline_conflict',
      'Something else is scheduled at exactly this moment. Change or cancel it, or choose another moment.'
    )
  }
  return { from, until, plannedUntil, covering, twin: undefined }
}

/** What of the reading side may show the article: itself, and every tag any of its publications has. */
async function keysOf(tx: Transaction, articleId: string) {
  const tags = await tx.prisma.publicationTag.findMany({
    where: { articleId },
    distinct: ['tagId'],
    select: { tagId: true }
  })
  return [`article:${articleId}`, ...tags.map(({ tagId }) => `tag:${tagId}`)]
}

/** `publishedAt` is the same on all rows of an article: when it was, or will be, first ever live. */
async function moveFirst(tx: Transaction, articleId: string, publishedAt: Date) {
  await tx.prisma.publication.updateMany({ where: { articleId }, data: { publishedAt } })
  await tx.prisma.publicationTag.updateMany({ where: { articleId }, data: { publishedAt } })
  await tx.prisma.publicationAuthor.updateMany({ where: { articleId }, data: { publishedAt } })
}

type Window = { from: Date; until: Date | null; plannedUntil: Date | null; publishedAt: Date }

/** Copies a revision for readers, with its HTML and text rendered once. */
async function insertPublication(
  tx: Transaction,
  article: Locked,
  version: number,
  user: Caller,
  { from, until, plannedUntil, publishedAt }: Window
) {
  const revision = await tx.prisma.revision.findUnique({
    where: { articleId_version: { articleId: article.id, version } }
  })
  if (!revision)
    throw Invalid('/version', `is not a version of this article (1 to ${article.version})`, 'unknown_version')
  const { body, tags, authors, source, image, rights, ...content } = revision.content as unknown as Content
  const id = uuid()
  const articleId = article.id
  const { locale, storyId } = article
  await tx.prisma.publication.createMany({
    data: {
      ...content,
      id,
      articleId,
      storyId,
      locale,
      version,
      contentHash: revision.contentHash,
      liveFrom: from,
      liveUntil: until,
      plannedUntil,
      publishedAt,
      body,
      bodyHtml: toHtml(body),
      bodyText: toText(body),
      wordCount: countWords(body),
      source: source ?? Prisma.DbNull,
      image: image ?? Prisma.DbNull,
      rights: rights ?? Prisma.DbNull,
      createdBy: user.id
    }
  })
  // Of an old revision, only the tags and authors that are still there.
  await tx.prisma.$executeRaw`
    INSERT INTO publication_tags (publication_id, tag_id, position, article_id, locale, published_at)
    SELECT ${id}::uuid, t.id, given.position - 1, ${articleId}::uuid, ${locale}, ${publishedAt}
    FROM unnest(${tags}::uuid[]) WITH ORDINALITY AS given (id, position) JOIN tags t ON t.id = given.id`
  await tx.prisma.$executeRaw`
    INSERT INTO publication_authors (publication_id, author_id, position, article_id, locale, published_at)
    SELECT ${id}::uuid, a.id, given.position - 1, ${articleId}::uuid, ${locale}, ${publishedAt}
    FROM unnest(${authors}::uuid[]) WITH ORDINALITY AS given (id, position) JOIN authors a ON a.id = given.id`
  return id
}

/**
 * Takes an article down: what is live ends now, what is scheduled is cancelled. Answers with the publication that was
 * live, else the one that would have been next. Throws not_on_timeline when there is neither.
 */
export async function unpublish(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string
): Promise<PublicationView> {
  return db.transaction(async (tx) => {
    const article = await lockArticle(tx, user, articleId)
    refuseOthers(user, article, 'take down')
    const { rows, now } = await readTimeline(tx, articleId)
    const live = rows.find((row) => covers(row, now))
    const scheduled = rows.filter((row) => row.live_from > now)
    const answerId = live?.id ?? scheduled[0]?.id
    if (!answerId) throw Conflict('not_on_timeline', 'The article is neither live nor scheduled.')
    const cancelled = live ? null : await getPublication(tx, answerId)

    const surrogateKeys = await keysOf(tx, articleId)
    await tx.prisma.publication.deleteMany({ where: { id: { in: scheduled.map((row) => row.id) } } })
    if (live)
      await tx.prisma
        .$executeRaw`UPDATE publications SET live_until = ${now}, planned_until = ${now} WHERE id = ${live.id}::uuid`
    const payload = {
      id: articleId,
      storyId: article.storyId,
      locale: article.locale,
      at: now.toISOString(),
      publicationId: answerId
    }
    await tell(tx, {
      type: live ? 'article.ended' : 'article.unscheduled',
      subjectId: articleId,
      payload,
      surrogateKeys
    })
    await note(tx, actor, { action: 'article.unpublished', resource: 'article', resourceId: articleId })
    return cancelled ? { ...cancelled, state: 'cancelled' } : getPublication(tx, answerId)
  })
}
