/**
 * The hand-written statements of counting: what is counted goes up by one, committed before the answer. They know no
 * visitors, no hours and no origins.
 */
import { live } from './hand-sql-statements.ts'

/** A row for each thing that is counted. */
export const COUNTS = 'CREATE TABLE hand_counts (id uuid PRIMARY KEY, count bigint NOT NULL DEFAULT 0)'

/** $1 id of the article. */
export const countView = {
  name: 'count-view',
  text: 'UPDATE hand_counts SET count = count + 1 WHERE id = $1'
}

export type Leading = { url: string; utm: Record<string, string | null> }

/** $1 code of the link: where it leads, and one click more. */
export const follow = {
  name: 'follow',
  text: `
    UPDATE hand_counts c SET count = c.count + 1
    FROM share_links l JOIN publications p ON p.article_id = l.article_id AND ${live('p')} JOIN sites s ON s.locale = p.locale
    WHERE c.id = l.id AND l.code = $1 AND l.archived_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > now())
    RETURNING replace(replace(s.article_url, '{locale}', p.locale), '{slug}', p.slug) AS url, l.utm`
}

export function addressOf({ url, utm }: Leading): string {
  const address = new URL(url)
  for (const name of ['source', 'medium', 'campaign', 'term', 'content'])
    if (utm[name]) address.searchParams.set(`utm_${name}`, utm[name])
  return address.href
}
