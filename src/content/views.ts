/** How often articles were read, in all and within the last day. */
import type { Reader } from '../database/database.ts'
import type { ArticleViews } from './view-schema.ts'

/** Of the hour in which the 24 hours begin, the part that lies within them, as trending reckons. */
const SHARE = `least(1, date_part('epoch', v.hour + interval '25 hours' - now()) / 3600)`

const readViews = {
  name: 'content-views',
  text: `
    SELECT a.id, coalesce(t.views, 0)::float8 AS total, round(coalesce(h.views, 0))::float8 AS "last24h"
    FROM unnest($1::uuid[]) WITH ORDINALITY AS a (id, place)
    LEFT JOIN LATERAL (
      SELECT t.views FROM public_article_view_totals t WHERE t.article_id = a.id
    ) t ON true
    LEFT JOIN LATERAL (
      SELECT sum(v.views * ${SHARE}) AS views FROM public_article_views v
      WHERE v.article_id = a.id AND v.hour > now() - interval '25 hours'
    ) h ON true
    ORDER BY a.place`
}

/** A row for each id, in their order; one that is repeated is told once. */
export function countedViews(db: Reader, ids: string[]): Promise<ArticleViews[]> {
  return db.query<ArticleViews>(readViews, [[...new Set(ids)]])
}
