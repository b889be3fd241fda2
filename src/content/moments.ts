/** The moments at which what readers see changes by itself: publications and pins that begin or end. */
import type { Connection } from '../database/database.ts'
import { shownBy } from './keys.ts'

export type Moments = {
  /** By the database's clock, as it writes it, with microseconds. */
  now: string
  /** The same in milliseconds since 1970. */
  at: number
  /** The first moment after `now`, in milliseconds since 1970; null when nothing lies ahead. */
  next: number | null
  /** Surrogate keys of what began or ended after `since`, up to `now`; null when that is too much to name. */
  keys: string[] | null
}

/** Begins statements that no request asked for: who looks at what the database does sees which they are. */
export const BY_ITSELF = '/* cache */'

/** Naming what shows more articles than that takes longer than reading everything anew. */
const MOST_DUE = 500

const milliseconds = (moment: string) => `(extract(epoch FROM ${moment}) * 1000)::float8`
const passed = (column: string) => `${column} > $1::timestamptz AND ${column} <= now()`
const ahead = (column: string, table: string) => `SELECT min(${column}) FROM ${table} WHERE ${column} > now()`

const shownByDue = { name: 'keys-of-due', text: `${BY_ITSELF} ${shownBy.text}` }

const readMoments = {
  name: 'moments',
  text: `${BY_ITSELF}
    SELECT now()::text AS now, ${milliseconds('now()')} AS at,
      ${milliseconds(`least((${ahead('live_from', 'publications')}), (${ahead('live_until', 'publications')}), (${ahead('pinned_until', 'public_list_items')}))`)} AS next,
      ARRAY(SELECT article_id FROM publications WHERE ${passed('live_from')}
        UNION SELECT article_id FROM publications WHERE ${passed('live_until')}) AS articles,
      ARRAY(SELECT DISTINCT 'list:' || list_id FROM public_list_items WHERE ${passed('pinned_until')}) AS lists`
}

type Row = { now: string; at: number; next: number | null; articles: string[]; lists: string[] }

/** Looks at the timeline; `since` is `now` of the look before, or `infinity` for the first. Two statements at most. */
export async function lookAtMoments(db: Pick<Connection, 'query'>, since: string): Promise<Moments> {
  const [row] = (await db.query<Row>(readMoments, [since])) as [Row]
  const { now, at, next, articles, lists } = row
  if (articles.length > MOST_DUE) return { now, at, next, keys: null }
  const shown = articles.length > 0 ? await db.query<{ key: string }>(shownByDue, [articles]) : []
  return { now, at, next, keys: [...shown.map(({ key }) => key), ...lists] }
}
