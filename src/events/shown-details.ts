/**
 * Tags and authors are shown in articles by their present names, so a new name is a change of every live article that
 * shows it. Told of the articles that readers know to be live, whatever their number, in one statement.
 */
import type { Session } from '../database/database.ts'

export type Detail = {
  type: string
  subjectId: string | null
  payload: { into?: string; fields?: string[]; shownIn?: string[] }
  at: Date
}

type Places = { change: number; trimmed: number }

const TAG_FIELDS = ['kind', 'slug', 'names']
const AUTHOR_FIELDS = ['slug', 'name']

const withTag = 'SELECT x.publication_id FROM publication_tags x WHERE x.tag_id = $1::uuid'
const withAuthor = 'SELECT x.publication_id FROM publication_authors x WHERE x.author_id = $1::uuid'
const named = 'SELECT unnest($1::uuid[])'

/** Which publications show something else since the event, and what is said of it. */
function touched({ type, subjectId, payload }: Detail): [reason: string, which: string, value: unknown][] {
  const { fields = [], shownIn = [] } = payload
  const shows = (names: string[]) => fields.some((field) => names.includes(field))
  switch (type) {
    case 'tag.updated':
      return shows(TAG_FIELDS) ? [['tags', withTag, subjectId]] : []
    case 'tag.merged':
      // The survivor may have taken over names in languages it had none in.
      return [shows(TAG_FIELDS) ? ['tags', withTag, subjectId] : ['tags', named, shownIn]]
    case 'tag.deleted':
      return [['tags', named, shownIn]]
    case 'author.updated':
      return shows(AUTHOR_FIELDS) ? [['corrected', withAuthor, subjectId]] : []
    default:
      return []
  }
}

/** Whether articles show something else after it. */
export const isDetail = (event: Detail) => touched(event).length > 0

/**
 * Tells of every article that shows the tag or author the event is about. Those that were told of after it in this same
 * step (`begun`: the last place before it) are not told of again: who fetches them then has the new name already.
 */
export async function tellDetail(session: Session, event: Detail, places: Places, begun: number) {
  for (const [reason, which, value] of touched(event)) {
    // A name that stands in a million articles takes more than half a minute. Refused, it would be refused each time, and all others wait.
    await session.query(`SET LOCAL statement_timeout = '10min'`)
    const [told] = await session.query<{ count: string }>(
      `WITH told AS (
         SELECT a.article_id, a.story_id, a.locale, a.slug, a.change AS was, greatest($2::timestamptz, a.last_at) AS at,
           $3::bigint + row_number() OVER (ORDER BY a.change) AS position
         FROM announced a
         WHERE a.publication_id IN (${which}) AND (a.change <= $4::bigint OR a.last_at <= $2::timestamptz)
       ), written AS (
         INSERT INTO changes (position, type, reason, article_id, story_id, locale, slug, at)
         SELECT position, 'upsert', $5::text, article_id, story_id, locale, slug, at FROM told
       ), noted AS (
         UPDATE announced a SET change = t.position, last_at = t.at FROM told t WHERE a.article_id = t.article_id
       ), old AS (
         DELETE FROM changes c USING told t WHERE c.position = t.was AND c.position <= $6::bigint
       ) SELECT count(*) FROM told`,
      [value, event.at, places.change, begun, reason, places.trimmed]
    )
    places.change += Number(told?.count)
  }
}
