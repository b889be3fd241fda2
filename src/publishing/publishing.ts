/**
 * What editors do on the timeline: publish, reschedule, cancel, take down. Each locks the article, reads its line of
 * rows, asks `timeline.ts` how it should be, and writes what changed, with its events and audit row, in one transaction.
 */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import {
  type Locked,
  lockArticle,
  refuseOthers,
  refuseTrashed,
  refuseWithdrawn
} from '../articles/locking.ts'
import { type Actor, type Details, note } from '../audit/audit.ts'
import type { Database, Transaction } from '../database/database.ts'
import { type Fact, tell } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { Conflict, Invalid, NotFound } from '../http/errors.ts'
import { refuseStale } from '../http/preconditions.ts'
import { makeShareLinks } from '../share-links/default-links.ts'
import { firstOf, moveRows, readTimeline } from './moving.ts'
import {
  getPublication,
  insertPublication,
  keysOf,
  type PublicationView,
  replacePublication
} from './publications.ts'
import type { NewPublication, PublicationPatch } from './schema.ts'
import {
  covers,
  type End,
  endedAt,
  momentAsked,
  type Row,
  sameMoment,
  withEnd,
  withoutRow,
  withRow
} from './timeline.ts'

const dateOf = (text: string | null) => (text === null ? null : new Date(text))
const endAsked = (text: string | null | undefined): End | undefined =>
  text === undefined ? undefined : { planned: dateOf(text), asked: true }

/**
 * Puts a revision on the timeline: now, or at `liveFrom`. The row that covers that moment ends there; the new one runs
 * to its `liveUntil`, or to the next scheduled row if that is earlier. Publishing what is there already changes
 * nothing (`made` false). With `past`, for what was published elsewhere before, `liveFrom` may lie in the past. Throws
 * Stale, timeline_conflict, slug_promised, article_trashed, article_withdrawn.
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
    refuseTrashed(article)
    refuseWithdrawn(article)
    refuseStale(expected, article.version)
    const line = await readTimeline(tx, articleId)
    const asked = order.liveFrom === undefined ? undefined : new Date(order.liveFrom)
    const from = past && asked ? asked : momentAsked(asked, line.now, '/liveFrom')
    const row = { id: uuid(), version: order.version ?? article.version, from }
    const end = endAsked(order.liveUntil)

    const covering = line.rows.find((one) => covers(one, from))
    if (covering && (sameMoment(from, line.now) || sameMoment(from, covering.from))) {
      const there = await getPublication(tx, articleId, covering.id)
      if (isSame(there, row.version, end, order)) return { made: false, publication: there }
    }

    const rows = withRow(line.rows, row, end)
    await moveRows(tx, articleId, line, rows)
    const remarks = { correction: order.correction ?? null, minor: order.minor ?? false }
    const made = rows.find(({ id }) => id === row.id) as Row
    await insertPublication(tx, user, article, made, firstOf(rows) as Date, remarks)
    // A link for each channel of its share bar. No events of their own: that of the publication tells of the article.
    if (line.rows.length === 0) await tx.query(makeShareLinks, [[articleId]])

    const publication = await getPublication(tx, articleId, row.id)
    await announce(tx, article, from > line.now ? 'article.scheduled' : 'article.published', publication)
    await noteOn(tx, actor, 'article.published', articleId, Object.keys(order), windowOf(publication))
    return { made: true, publication }
  })
}

/** Whether an order asks for nothing but what is there. */
function isSame(
  there: PublicationView,
  version: number,
  end: End | undefined,
  order: Static<typeof NewPublication>
) {
  return (
    there.version === version &&
    (end === undefined || sameMoment(end.planned, there.plannedUntil)) &&
    (order.correction === undefined || order.correction === there.correction) &&
    (order.minor === undefined || order.minor === there.minor)
  )
}

/**
 * Changes what is scheduled: its moments, its version, its remarks. Moved, it leaves its place as if cancelled and takes
 * the new one as if published anew. Of a live one only the end may change. Throws publication_begun, timeline_conflict,
 * slug_promised, Invalid.
 */
export async function reschedule(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string,
  id: string,
  patch: Static<typeof PublicationPatch>
): Promise<PublicationView> {
  return db.transaction(async (tx) => {
    const article = await lockOnTimeline(tx, user, articleId, 'reschedule')
    const before = await getPublication(tx, articleId, id)
    const line = await readTimeline(tx, articleId)
    const present = line.rows.find((row) => row.id === id)
    if (!present) throw NotFound('publication')
    const fields = changes(before, patch)
    const begun = present.from <= line.now
    if (begun && (!covers(present, line.now) || fields.some((field) => field !== 'liveUntil'))) {
      throw Conflict(
        'publication_begun',
        covers(present, line.now)
          ? 'It is live: only liveUntil may change.'
          : 'It has ended and stays as it was.'
      )
    }
    if (fields.length === 0) return before

    const row = { ...present, version: patch.version ?? present.version }
    const end = endAsked(patch.liveUntil)
    if (end?.planned && end.planned <= line.now)
      throw Invalid('/liveUntil', 'is in the past: take it down with unpublish', 'in_the_past')
    if (fields.includes('liveFrom'))
      row.from = momentAsked(new Date(patch.liveFrom as string), line.now, '/liveFrom')
    const rows = sameMoment(row.from, present.from)
      ? end
        ? withEnd(line.rows, id, end.planned)
        : line.rows
      : withRow(withoutRow(line.rows, id), row, end ?? { planned: present.planned, asked: false })
    // It may move to a time at which only its new version's slug is free: what counts is how it is in the end.
    await tx.prisma.$executeRaw`SET CONSTRAINTS publications_one_per_slug DEFERRED`
    await moveRows(tx, articleId, line, rows)
    if (row.version !== present.version) await replacePublication(tx, article, row, firstOf(rows) as Date)
    await tx.prisma.$executeRaw`SET CONSTRAINTS publications_one_per_slug IMMEDIATE`
    const { correction, minor } = patch
    if (correction !== undefined || minor !== undefined)
      await tx.prisma.publication.update({ where: { id }, data: { correction, minor } })

    const publication = await getPublication(tx, articleId, id)
    const liveNow = !begun && row.from <= line.now
    await announce(tx, article, liveNow ? 'article.published' : 'article.rescheduled', publication)
    await noteOn(tx, actor, 'article.rescheduled', articleId, fields, windowOf(publication))
    return publication
  })
}

/** Names of the members that ask for something else than what is there. */
function changes(there: PublicationView, patch: Static<typeof PublicationPatch>) {
  return [
    ...(patch.liveFrom !== undefined && !sameMoment(new Date(patch.liveFrom), there.liveFrom)
      ? ['liveFrom']
      : []),
    ...(patch.liveUntil !== undefined && !sameMoment(dateOf(patch.liveUntil), there.plannedUntil)
      ? ['liveUntil']
      : []),
    ...(patch.version !== undefined && patch.version !== there.version ? ['version'] : []),
    ...(patch.correction !== undefined && patch.correction !== there.correction ? ['correction'] : []),
    ...(patch.minor !== undefined && patch.minor !== there.minor ? ['minor'] : [])
  ]
}

/** Takes back what is scheduled: the row it would have taken over from gets its end back. Throws publication_begun, slug_promised. */
export async function cancel(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string,
  id: string
): Promise<PublicationView> {
  return db.transaction(async (tx) => {
    const article = await lockOnTimeline(tx, user, articleId, 'reschedule')
    const publication = await getPublication(tx, articleId, id)
    const line = await readTimeline(tx, articleId)
    if (publication.liveFrom <= line.now)
      throw Conflict('publication_begun', 'Only what is still ahead can be cancelled.')
    const cancelled = { ...publication, state: 'cancelled' as const }
    await announce(tx, article, 'article.unscheduled', cancelled)
    await moveRows(tx, articleId, line, withoutRow(line.rows, id))
    await noteOn(tx, actor, 'article.unscheduled', articleId, [], windowOf(publication))
    return cancelled
  })
}

/**
 * Takes an article down, now or at a moment ahead: what is live then ends there, what is scheduled from then on is
 * cancelled. Answers with the publication that ends, else the first one cancelled. Throws not_on_timeline when there is
 * neither.
 */
export async function unpublish(
  db: Database,
  actor: Actor,
  user: Caller,
  articleId: string,
  { at }: { at?: string } = {}
): Promise<PublicationView> {
  return db.transaction(async (tx) => {
    const article = await lockOnTimeline(tx, user, articleId, 'take down')
    const line = await readTimeline(tx, articleId)
    const moment = momentAsked(at === undefined ? undefined : new Date(at), line.now, '/at')
    const rows = endedAt(line.rows, moment)
    const last = rows.at(-1)
    const ends = last && sameMoment(last.until, moment) ? last : undefined
    const gone = line.rows.filter((row) => !rows.some(({ id }) => id === row.id))
    if (!ends && gone.length === 0)
      throw Conflict('not_on_timeline', 'The article is neither live nor scheduled at that moment.')
    const cancelled = await Promise.all(gone.map(({ id }) => getPublication(tx, articleId, id)))
    for (const publication of cancelled)
      await announce(tx, article, 'article.unscheduled', { ...publication, state: 'cancelled' })
    await moveRows(tx, articleId, line, rows)
    if (ends && line.rows.some((row) => row.id === ends.id && !sameMoment(row.planned, ends.planned))) {
      const publication = await getPublication(tx, articleId, ends.id)
      await announce(tx, article, moment > line.now ? 'article.rescheduled' : 'article.ended', publication)
    } else if (cancelled.length === 0) return getPublication(tx, articleId, (ends as Row).id)
    const fields = at === undefined ? [] : ['at']
    await noteOn(tx, actor, 'article.unpublished', articleId, fields, { at: moment.toISOString() })
    if (ends) return getPublication(tx, articleId, ends.id)
    return { ...(cancelled[0] as PublicationView), state: 'cancelled' }
  })
}

async function lockOnTimeline(tx: Transaction, user: Caller, articleId: string, doing: string) {
  const article = await lockArticle(tx, user, articleId)
  refuseOthers(user, article, doing)
  return article
}

/** One event about one publication, with everything of the reading side that may show it. */
export async function announce(tx: Transaction, article: Locked, type: string, publication: PublicationView) {
  await tell(tx, factOf(article, type, publication, await keysOf(tx, article.id)))
}

export type Window = Pick<PublicationView, 'id' | 'version' | 'liveFrom' | 'liveUntil'>

/** What is told of a publication. */
export function factOf(
  { id, storyId, locale }: Pick<Locked, 'id' | 'storyId' | 'locale'>,
  type: string,
  publication: Window & Pick<PublicationView, 'slug'>,
  surrogateKeys: string[]
): Fact {
  const { slug, version, liveFrom, liveUntil } = publication
  const payload = {
    id,
    storyId,
    locale,
    slug,
    version,
    publicationId: publication.id,
    liveFrom: liveFrom.toISOString(),
    liveUntil: liveUntil?.toISOString() ?? null
  }
  return { type, subjectId: id, payload, surrogateKeys }
}

export async function noteOn(
  tx: Transaction,
  actor: Actor,
  action: string,
  articleId: string,
  fields?: string[],
  details?: Details
) {
  await note(tx, actor, { action, resource: 'article', resourceId: articleId, fields, details })
}

export const windowOf = ({ id, version, liveFrom, liveUntil }: Window): Details => ({
  publicationId: id,
  version,
  liveFrom: liveFrom.toISOString(),
  liveUntil: liveUntil?.toISOString() ?? null
})
