/**
 * What is told of articles whose timelines were imported: one event each, whatever the length of their history. Readers
 * of this Dateline were never told of that history, so the change feed begins with how each article stands now.
 */
import { shareKey } from '../content/keys.ts'
import type { Session } from '../database/database.ts'
import type { Fact } from '../events/outbox.ts'

type Standing = {
  id: string
  storyId: string
  locale: string
  withdrawn: boolean
  state: 'live' | 'ahead' | 'past'
  publicationId: string
  slug: string
  version: number
  liveFrom: Date
  liveUntil: Date | null
}

/** Of each article the row that is live, else the next, else the last. */
const readStanding = `
  SELECT a.id, a.story_id AS "storyId", a.locale, a.withdrawn_at IS NOT NULL AS withdrawn, p.*
  FROM articles a CROSS JOIN LATERAL (
    SELECT p.id AS "publicationId", p.slug, p.version, p.live_from AS "liveFrom", p.live_until AS "liveUntil",
      CASE WHEN p.live_from > clock_timestamp() THEN 'ahead'
        WHEN p.live_until IS NULL OR p.live_until > clock_timestamp() THEN 'live' ELSE 'past' END AS state
    FROM publications p WHERE p.article_id = a.id
    ORDER BY array_position(ARRAY['live', 'ahead', 'past'], CASE WHEN p.live_from > clock_timestamp() THEN 'ahead'
        WHEN p.live_until IS NULL OR p.live_until > clock_timestamp() THEN 'live' ELSE 'past' END),
      abs(extract(epoch FROM p.live_from - clock_timestamp())) LIMIT 1
  ) p WHERE a.id = ANY ($1::uuid[]) ORDER BY a.id`

/** As `shownBy` of content/keys.ts, each article by itself. */
const readKeys = `
  WITH own AS (SELECT p.id, p.article_id AS article, p.story_id, p.locale, p.slug FROM publications p WHERE p.article_id = ANY ($1::uuid[])),
  shown AS (
    SELECT article, 'article:' || article AS key FROM own
    UNION SELECT own.article, 'article:' || o.article_id FROM own JOIN publications o ON o.story_id = own.story_id
    UNION SELECT article, 'articles' FROM own
    UNION SELECT article, 'articles:' || locale FROM own
    UNION SELECT article, 'slug:' || slug FROM own
    UNION SELECT own.article, 'tagged:' || g.slug FROM own JOIN publication_tags x ON x.publication_id = own.id
      JOIN tag_slugs g ON g.tag_id = x.tag_id
    UNION SELECT own.article, 'by:' || a.slug FROM own JOIN publication_authors x ON x.publication_id = own.id
      JOIN authors a ON a.id = x.author_id
    UNION SELECT own.article, 'list:' || i.list_id FROM own JOIN list_items i ON i.story_id = own.story_id
    UNION SELECT own.article, 'list:' || l.id FROM own JOIN lists l ON l.tail AND (l.tail_tag_id IS NULL
      OR l.tail_tag_id IN (SELECT x.tag_id FROM publication_tags x WHERE x.publication_id = own.id))
  ) SELECT article AS id, array_agg(key ORDER BY key) AS keys FROM shown GROUP BY article`

/** The sequencer looks at what begins and ends from now on. Who was told of already stays as told. */
const beginNow = `
  INSERT INTO announced (article_id, through)
  SELECT id, date_trunc('milliseconds', clock_timestamp()) FROM unnest($1::uuid[]) AS given (id)
  ON CONFLICT (article_id) DO NOTHING`

export async function tellOfTimelines(session: Session, articles: string[]): Promise<Fact[]> {
  await session.query(beginNow, [articles])
  const rows = await session.query<Standing>(readStanding, [articles])
  const shown = await session.query<{ id: string; keys: string[] }>(readKeys, [articles])
  const keys = new Map(shown.map(({ id, keys }) => [id, keys]))
  return rows.map(({ id, storyId, locale, publicationId, slug, version, liveFrom, liveUntil, ...row }) => ({
    type: typeOf(row),
    subjectId: id,
    payload: {
      ...{ id, storyId, locale, slug, version, publicationId },
      liveFrom: liveFrom.toISOString(),
      liveUntil: liveUntil?.toISOString() ?? null
    },
    surrogateKeys: keys.get(id) ?? []
  }))
}

function typeOf({ withdrawn, state }: Pick<Standing, 'withdrawn' | 'state'>) {
  if (withdrawn) return 'article.withdrawn'
  if (state === 'live') return 'article.published'
  return state === 'ahead' ? 'article.scheduled' : 'article.ended'
}

const KEYS_AT_ONCE = 150

/** Share bars show their links: whoever keeps them hears of it. A notice has room for some hundred keys. */
export async function tellOfShareBars(session: Session, articles: string[]) {
  for (let start = 0; start < articles.length; start += KEYS_AT_ONCE) {
    const keys = articles.slice(start, start + KEYS_AT_ONCE).map(shareKey)
    await session.query(`SELECT pg_notify('dateline', $1::text)`, [[...keys, 'all'].join(' ')])
  }
}
