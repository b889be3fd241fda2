/**
 * One step of the sequencer: what was committed and what fell due get their places, in one transaction.
 *
 * **No gaps.** The row of `feed` is locked first and everything is read after that, so steps come one after another on
 * whatever instance, and positions become visible in their order: a reader sees a prefix that only grows.
 *
 * **Nothing is skipped or doubled.** An event has no position until its step commits; an article's moments are those its
 * timeline has since `announced.through`, and only where they change what readers were told last.
 *
 * **The order of truth.** Whoever writes a timeline locks its article and then takes a moment later than all that has
 * begun. The step locks it too before it looks at the clock: what it sees begin or end is past for every later writer,
 * and the past of a timeline is never changed. So due moments can be read off it afterwards. A purge, which takes the
 * timeline away, carries it in its event.
 */
import { v7 as uuid } from 'uuid'
import { shownBy } from '../content/keys.ts'
import type { Session } from '../database/database.ts'
import {
  inOneLine,
  type Moment,
  momentsOf,
  nextMoment,
  type Outbox,
  type Row,
  type Shown,
  type Told
} from './moments.ts'
import { withAll } from './outbox.ts'
import { type Detail, isDetail, tellDetail } from './shown-details.ts'
import { addressEvents } from './webhooks/deliveries.ts'

const EVENTS_AT_ONCE = 500
const ARTICLES_AT_ONCE = 200

/** Events after which an article's timeline is looked at. */
const ON_TIMELINE = new Set(
  ['published', 'scheduled', 'rescheduled', 'unscheduled', 'ended', 'withdrawn', 'reinstated', 'purged'].map(
    (what) => `article.${what}`
  )
)

export type Step = {
  /** There may be more to do at once. */
  more: boolean
  /** Articles somebody is writing at this moment: they come later. */
  busy: number
}

type Article = {
  articleId: string
  /** What readers were told is live; null when nothing is. */
  shown: Shown | null
  through: Date | null
  /** The place of the last change told of it. */
  change: number | null
  rows: Row[]
  /** Purged: there is no such article any more. */
  gone: boolean
}

type Done = { article: Article; moments: Moment[]; last?: { change: number; at: Date } }
type Places = { position: number; change: number; trimmed: number }

/**
 * Gives places to what waits for one. With `patient` it waits for articles that are being written, else they are left
 * for later. Throws what the database says; then nothing has happened.
 */
export async function sequence(session: Session, { patient = false } = {}): Promise<Step> {
  return session.transaction(async () => {
    const [feed] = await session.query<{ position: string; change: string; trimmed: string }>(
      'SELECT position, change, trimmed FROM feed FOR UPDATE'
    )
    const places = {
      position: Number(feed?.position),
      change: Number(feed?.change),
      trimmed: Number(feed?.trimmed)
    }
    const before = { ...places }
    const batch = await readOutbox(session, 'TRUE', [])
    const due = await session.query<{ id: string }>(
      `SELECT article_id AS id FROM announced WHERE next_at <= clock_timestamp() ORDER BY next_at LIMIT ${ARTICLES_AT_ONCE}`
    )
    const changed = batch.flatMap(({ type, subjectId }) => (ON_TIMELINE.has(type) ? [subjectId] : []))
    const wanted = [...new Set([...changed, ...due.map(({ id }) => id)])].filter((id) => id !== null)
    const { free, gone } = await lockArticles(session, wanted, patient)
    const own = free.length > 0 ? await readOutbox(session, 'subject_id = ANY ($1::uuid[])', [free]) : []
    const [clock] = await session.query<{ now: Date }>(
      `SELECT date_trunc('milliseconds', clock_timestamp()) AS now`
    )
    const now = clock?.now as Date

    const lines: Told[][] = []
    const done: Done[] = []
    const late = new Set(wanted.filter((id) => !free.includes(id)))
    for (const article of await readArticles(session, free, gone, own)) {
      const events = own.filter(({ subjectId }) => subjectId === article.articleId)
      // Two writes within a millisecond: the second took a moment that is still a little ahead.
      if (events.some((event) => isAhead(event, article.rows, now))) {
        late.add(article.articleId)
        continue
      }
      const moments = momentsOf(article.rows, article.shown, article.through, now)
      lines.push(inOneLine(events, moments))
      done.push({ article, moments })
    }
    // The events of one article keep their order: those of one that is left for later wait with it.
    const told = new Set([...done.map(({ article }) => article.articleId), ...late])
    // A new name is told after all that was true of an article before it.
    // A full batch of nothing but names is waited for by all the rest: it must not wait for them.
    const isAll = batch.length < EVENTS_AT_ONCE || batch.every((event) => isDetail(event as Detail))
    const whole = late.size === 0 && isAll && due.length < ARTICLES_AT_ONCE
    for (const event of batch) {
      const waits = !whole && !patient && isDetail(event as Detail)
      if (!waits && !told.has(event.subjectId as string)) lines.push([{ event, key: event.at.getTime() }])
    }
    // A stable sort, and keys that never fall along a line: each line keeps its order.
    const all = lines.flat().sort((a, b) => a.key - b.key)

    await writePlaces(session, all, places, done)
    await writeAnnounced(session, done, now, before)
    for (const { event } of all) if (event) await tellDetail(session, event as Detail, places, before.change)
    await session.query('UPDATE feed SET position = $1::bigint, change = $2::bigint', [
      places.position,
      places.change
    ])
    await addressEvents(session, before.position, places.position)
    return {
      more: batch.length === EVENTS_AT_ONCE || due.length === ARTICLES_AT_ONCE,
      busy: late.size
    }
  })
}

function isAhead({ type, payload }: Outbox, rows: Row[], now: Date) {
  const row = type === 'article.published' && rows.find(({ id }) => id === payload.publicationId)
  return row && row.from > now && row.from.getTime() < now.getTime() + 1000
}

async function readOutbox(session: Session, where: string, values: unknown[]): Promise<Outbox[]> {
  const rows = await session.query<Omit<Outbox, 'number'> & { number: string }>(
    `SELECT id, type, subject_id AS "subjectId", payload, at, number FROM events
     WHERE position IS NULL AND ${where} ORDER BY number ${values.length === 0 ? `LIMIT ${EVENTS_AT_ONCE}` : ''}`,
    values
  )
  return rows.map((row) => ({ ...row, number: Number(row.number) }))
}

/** Those that are ours until the step ends, and those there are no more. In one order, so that nobody waits in a circle. */
async function lockArticles(session: Session, ids: string[], patient: boolean) {
  if (ids.length === 0) return { free: [], gone: [] }
  const locked = await session.query<{ id: string }>(
    `SELECT id FROM articles WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE ${patient ? '' : 'SKIP LOCKED'}`,
    [ids]
  )
  const there = await session.query<{ id: string }>('SELECT id FROM articles WHERE id = ANY ($1::uuid[])', [
    ids
  ])
  const gone = ids.filter((id) => !there.some((row) => row.id === id))
  return { free: [...locked.map(({ id }) => id), ...gone], gone }
}

/** What was told of the articles before, and what of their timelines is not past yet; of purged ones, what there was. */
async function readArticles(
  session: Session,
  ids: string[],
  gone: string[],
  events: Outbox[]
): Promise<Article[]> {
  if (ids.length === 0) return []
  const known = await session.query<{
    articleId: string
    publicationId: string | null
    storyId: string
    locale: string
    slug: string
    through: Date
    change: string | null
  }>(
    `SELECT article_id AS "articleId", publication_id AS "publicationId", story_id AS "storyId", locale, slug, through, change
     FROM announced WHERE article_id = ANY ($1::uuid[])`,
    [ids]
  )
  const rows = await session.query<Row>(
    `SELECT p.id, p.article_id AS "articleId", p.story_id AS "storyId", p.locale, p.slug, p.version,
       p.live_from AS "from", p.live_until AS "until"
     FROM publications p LEFT JOIN announced a ON a.article_id = p.article_id
     WHERE p.article_id = ANY ($1::uuid[]) AND (a.through IS NULL OR p.live_until IS NULL OR p.live_until >= a.through)
     ORDER BY p.article_id, p.live_from`,
    [ids]
  )
  return ids.map((articleId) => {
    const was = known.find((row) => row.articleId === articleId)
    const purge = events.find((event) => event.type === 'article.purged' && event.subjectId === articleId)
    return {
      articleId,
      gone: gone.includes(articleId),
      through: was?.through ?? null,
      change: was?.change ? Number(was.change) : null,
      shown: was?.publicationId
        ? { id: was.publicationId, articleId, storyId: was.storyId, locale: was.locale, slug: was.slug }
        : null,
      rows: purge ? rowsIn(purge) : rows.filter((row) => row.articleId === articleId)
    }
  })
}

function rowsIn({ subjectId, payload }: Outbox): Row[] {
  const timeline = (payload.timeline ?? []) as Record<string, string>[]
  return timeline.map(
    ({ id, storyId, locale, slug, version, liveFrom, liveUntil }) =>
      ({
        ...{ id, storyId, locale, slug, version: Number(version) },
        articleId: subjectId,
        from: new Date(liveFrom as string),
        until: liveUntil ? new Date(liveUntil) : null
      }) as Row
  )
}

/** Events and moments get their places; a moment that no event tells of gets one. */
async function writePlaces(session: Session, all: Told[], places: Places, done: Done[]) {
  const placed: { id: string; position: number }[] = []
  const made: object[] = []
  const changes: object[] = []
  for (const { event, moment } of all) {
    places.position++
    if (event) placed.push({ id: event.id, position: places.position })
    else if (moment) made.push(await eventOf(session, moment, places.position))
    if (!moment) continue
    const { type, reason, at, row } = moment
    places.change++
    changes.push({ ...row, position: places.change, type, reason, at })
    const told = done.find(({ article }) => article.articleId === row.articleId)
    if (told) told.last = { change: places.change, at }
  }
  const write = async (text: string, rows: object[]) => {
    if (rows.length > 0) await session.query(text, [JSON.stringify(rows)])
  }
  await write(
    `UPDATE events e SET position = x.position, sequenced_at = clock_timestamp()
     FROM jsonb_to_recordset($1::jsonb) AS x (id uuid, position bigint) WHERE e.id = x.id`,
    placed
  )
  await write(
    `INSERT INTO events (id, type, subject_id, payload, surrogate_keys, at, position, sequenced_at)
     SELECT id, type, "articleId", payload, ARRAY(SELECT jsonb_array_elements_text(keys)), at, position, clock_timestamp()
     FROM jsonb_to_recordset($1::jsonb)
       AS x (id uuid, type text, "articleId" uuid, payload jsonb, keys jsonb, at timestamptz, position bigint)`,
    made
  )
  await write(
    `INSERT INTO changes (position, type, reason, article_id, story_id, locale, slug, at)
     SELECT position, type, reason, "articleId", "storyId", locale, slug, at FROM jsonb_to_recordset($1::jsonb)
       AS x (position bigint, type text, reason text, "articleId" uuid, "storyId" uuid, locale text, slug text, at timestamptz)`,
    changes
  )
}

/** The event of a moment that came by itself: as the write tells of one that is made at once. */
async function eventOf(session: Session, { type, at, row }: Moment, position: number) {
  const { id: publicationId, articleId, storyId, locale, slug, version, from, until } = row as Row
  const keys = await session.query<{ key: string }>(shownBy.text, [[articleId]])
  const payload = { id: articleId, storyId, locale, slug, version, publicationId }
  return {
    id: uuid(),
    type: type === 'upsert' ? 'article.published' : 'article.ended',
    articleId,
    payload: { ...payload, liveFrom: from ?? null, liveUntil: until ?? null },
    keys: withAll(keys.map(({ key }) => key)),
    at,
    position
  }
}

/** What readers are told of these articles now, and when to look again. News of one makes trimmed news of it old. */
async function writeAnnounced(session: Session, done: Done[], now: Date, { trimmed }: Places) {
  const rows = done.map(({ article, moments, last }) => {
    const moment = moments.at(-1)
    const shown = moment ? (moment.type === 'upsert' ? moment.row : null) : article.shown
    return {
      ...{ articleId: article.articleId, publicationId: shown?.id ?? null },
      ...{ storyId: shown?.storyId ?? null, locale: shown?.locale ?? null, slug: shown?.slug ?? null },
      ...{
        through: now,
        nextAt: nextMoment(article.rows, now),
        change: last?.change ?? article.change,
        lastAt: last?.at
      }
    }
  })
  if (rows.length === 0) return
  await session.query(
    `INSERT INTO announced AS a (article_id, publication_id, story_id, locale, slug, through, next_at, change, last_at)
     SELECT "articleId", "publicationId", "storyId", locale, slug, through, "nextAt", change, "lastAt"
     FROM jsonb_to_recordset($1::jsonb) AS x ("articleId" uuid, "publicationId" uuid, "storyId" uuid, locale text,
       slug text, through timestamptz, "nextAt" timestamptz, change bigint, "lastAt" timestamptz)
     ON CONFLICT (article_id) DO UPDATE SET publication_id = excluded.publication_id, story_id = excluded.story_id,
       locale = excluded.locale, slug = excluded.slug, through = excluded.through, next_at = excluded.next_at,
       change = excluded.change, last_at = coalesce(excluded.last_at, a.last_at)`,
    [JSON.stringify(rows)]
  )
  const old = done.flatMap(({ article, last }) =>
    last && article.change !== null && article.change <= trimmed ? [article.change] : []
  )
  if (old.length > 0) await session.query('DELETE FROM changes WHERE position = ANY ($1::bigint[])', [old])
  const gone = done.flatMap(({ article }) => (article.gone ? [article.articleId] : []))
  if (gone.length > 0)
    await session.query('DELETE FROM announced WHERE article_id = ANY ($1::uuid[])', [gone])
}
