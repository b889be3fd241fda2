/** What changed of what is live, in the one order the sequencer gave it (see events/sequencing.ts). */
import type { Reader } from '../database/database.ts'
import { Problem } from '../http/errors.ts'
import type { Follower } from '../http/pagination.ts'

export type ChangeRow = {
  position: number
  type: 'upsert' | 'remove'
  reason: 'published' | 'corrected' | 'tags' | 'ended' | 'withdrawn'
  articleId: string
  storyId: string
  locale: string
  slug: string
  at: Date
}

export type Read = {
  rows: ChangeRow[]
  /** The last position given so far. */
  head: number
  /** Up to here all but the last word on what is live went. */
  trimmed: number
}

const read = {
  name: 'read-changes',
  text: `
    SELECT f.head, f.trimmed, c.position, c.type, c.reason, c.article_id AS "articleId", c.story_id AS "storyId",
      c.locale, c.slug, c.at
    FROM public_feed f LEFT JOIN LATERAL (
      SELECT * FROM public_changes WHERE position > $1::bigint ORDER BY position LIMIT $2::int
    ) c ON TRUE ORDER BY c.position`
}
const readOfLocale = {
  name: 'read-changes-of-locale',
  text: read.text.replace('WHERE', 'WHERE locale = $3::text AND')
}

/** Changes after a position, at most `limit`. */
export async function readChanges(
  db: Reader,
  after: number,
  locale: string | undefined,
  limit: number
): Promise<Read> {
  const values = [after, limit, ...(locale === undefined ? [] : [locale])]
  const found = await db.query<
    Omit<ChangeRow, 'position'> & { position: string | null; head: string; trimmed: string }
  >(locale === undefined ? read : readOfLocale, values)
  const [first] = found
  return {
    head: Number(first?.head ?? 0),
    trimmed: Number(first?.trimmed ?? 0),
    rows: found.flatMap(({ position, head: _, trimmed: __, ...row }) =>
      position === null ? [] : [{ ...row, position: Number(position) }]
    )
  }
}

type Asked = { cursor?: string; locale?: string }

export const cursorsOf = (follow: Follower, { locale }: Asked) =>
  follow('changes', { locale: locale ?? null })

type Cursors = ReturnType<typeof cursorsOf>
/** `walk`: how far the changes were trimmed when a walk from the beginning began, while it is not past that. */
type Place = { position: number; walk?: number }

/** Where a cursor points to; the beginning without one. Throws invalid_cursor. */
export function placeOf(cursors: Cursors, cursor: string | undefined, pointer?: string): Place | null {
  if (cursor === undefined) return null
  const [position = 0, walk] = cursors.read(cursor, pointer)
  return { position, walk }
}

/**
 * Throws cursor_expired when something after the place is gone; also for one that was never given, as after a backup was
 * restored.
 */
export function refuseExpired(place: Place | null, { trimmed, head }: Omit<Read, 'rows'>) {
  if (!place || (place.position <= head && (place.position >= trimmed || place.walk === trimmed))) return
  throw new Problem('cursor_expired', 'What comes after this cursor is not kept any more.')
}

/** How far the changes were trimmed when the walk of whoever asks from this place began. */
export const walkOf = (place: Place | null, { trimmed }: Omit<Read, 'rows'>) => place?.walk ?? trimmed

/** Of who is still on the way through what is left of the trimmed ones, it says so. */
const cursorAt = (cursors: Cursors, walk: number, position: number) =>
  cursors.write(position, ...(position < walk ? [walk] : []))

export const shownAs = (
  cursors: Cursors,
  walk: number,
  { position, type, reason, at, articleId, ...article }: ChangeRow
) => ({
  id: cursorAt(cursors, walk, position),
  type,
  article: { id: articleId, storyId: article.storyId, locale: article.locale, slug: article.slug },
  reason,
  at
})

/** A page of changes, and where to go on. Throws invalid_cursor, cursor_expired. */
export async function listChanges(db: Reader, follow: Follower, query: Asked & { limit: number }) {
  const cursors = cursorsOf(follow, query)
  const place = placeOf(cursors, query.cursor)
  const found = await readChanges(db, place?.position ?? 0, query.locale, query.limit + 1)
  refuseExpired(place, found)
  const rows = found.rows.slice(0, query.limit)
  const hasMore = found.rows.length > query.limit
  // At the end, past what other locales had: a quiet locale's cursor does not grow old.
  const end = hasMore ? (rows.at(-1)?.position as number) : found.head
  const walk = walkOf(place, found)
  return {
    data: rows.map((row) => shownAs(cursors, walk, row)),
    page: { limit: query.limit, hasMore, next: cursorAt(cursors, walk, end), prev: null }
  }
}
