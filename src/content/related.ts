/** Stories like one that is being read. */
import type { Reader, Statement } from '../database/database.ts'
import { type Found, itemOf, readItems } from './items.ts'
import { live, liveTagged, momentOf, NOW } from './live.ts'

/** How many are shown. */
export const RELATED = 6
/** The newest of each tag are looked at, so that a tag of a hundred thousand stories costs no more than one of hundreds. */
const NEWEST = 300
/** From here on a tag is common, and all common ones count alike. */
const COMMON = 1000
/** Of an article with more tags, its first ones. */
const TAGS = 20

/**
 * $1 the publication that is read. Each tag an article shares with it counts the more the fewer live articles have that
 * tag, its primary tag twice; the newest of those that count alike come first. Translations are the same story.
 */
const readRelated = (moment: string) => {
  const inTag = `FROM publication_tags x WHERE x.tag_id = mine.tag_id AND x.locale = own.locale AND ${liveTagged('x', moment)}`
  const before = `
    own AS (SELECT p.id, p.article_id, p.story_id, p.locale FROM publications p WHERE p.id = $1::uuid),
    mine AS (SELECT x.tag_id, x.position FROM publication_tags x WHERE x.publication_id = $1::uuid ORDER BY x.position LIMIT ${TAGS}),
    alike AS (
      SELECT near.id, round(sum(CASE WHEN mine.position = 0 THEN 2 ELSE 1 END / ln(1 + size.articles))::numeric, 9) AS likeness
      FROM mine CROSS JOIN own
      CROSS JOIN LATERAL (SELECT count(*) AS articles FROM (SELECT ${inTag} LIMIT ${COMMON}) few) size
      CROSS JOIN LATERAL (
        SELECT x.publication_id AS id ${inTag} AND x.article_id <> own.article_id
        ORDER BY x.published_at DESC, x.article_id DESC LIMIT ${NEWEST}
      ) near
      GROUP BY near.id
    ),`
  const page = (columns: string) => `
    SELECT ${columns}, alike.likeness FROM alike JOIN publications p ON p.id = alike.id CROSS JOIN own
    WHERE p.story_id <> own.story_id AND ${live('p', moment)}
    ORDER BY alike.likeness DESC, p.published_at DESC, p.article_id DESC LIMIT ${RELATED}`
  return readItems(page, 'p.likeness DESC, p.published_at DESC, p.article_id DESC', undefined, { before })
}

const readRelatedNow: Statement = { name: 'content-related', text: readRelated(NOW) }

/** Live articles in the publication's language with most in common with it, at most six: one statement. */
export async function findRelated(db: Reader, publicUrl: string, publicationId: string, at?: string) {
  const values: unknown[] = [publicationId]
  const statement = at === undefined ? readRelatedNow : { text: readRelated(momentOf(at, values)) }
  const rows = await db.query<Found>(statement, values)
  return { rows, data: rows.map((row) => itemOf(row, publicUrl)) }
}
