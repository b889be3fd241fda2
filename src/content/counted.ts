/** What live articles have, with how many of them have it: their tags, their authors. */
import type { Database } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { asked, live, momentOf, NOW } from './live.ts'

export type Counted = {
  /** Of the prepared statement that reads one. */
  name: string
  /** Which publications have which: `x.tag_id`, beside `JOIN publication_tags x`. */
  key: string
  join: string
  /** The ids of the one that answers to the slug `$1`. */
  bySlug: string
  /** What is shown of each, beside `counted` (`id`, `articles`) and `asked` (`locale`, `chain`). */
  columns: string
  from: string
  /** The column it has its slug in. */
  slug: string
}

const counted = ({ key, join }: Counted, moment: string, only = '') => `
  SELECT ${key} AS id, count(*)::int AS articles FROM asked
  ${join} ON x.locale = asked.locale
  JOIN publications p ON p.id = x.publication_id AND ${live('p', moment)}
  ${only} GROUP BY ${key}`

type Asked = { locale?: string; at?: string }

/** By slug, with how many live articles of the locale have each. `only` is a further condition on `values`. */
export async function listCounted<Row extends { slug: string }>(
  db: Database,
  what: Counted,
  { locale, at }: Asked,
  walk: Walk,
  only: (put: (value: unknown) => string) => string = () => 'TRUE'
) {
  const values: unknown[] = [walk.take, locale ?? null]
  const { where, orderBy } = walk.keyset([{ sql: what.slug, type: 'text' }], false, values)
  const condition = only((value) => `$${values.push(value)}`)
  const text = `
    WITH asked AS (${asked('$2')}), counted AS (${counted(what, momentOf(at, values))})
    SELECT ${what.columns} FROM counted CROSS JOIN asked ${what.from}
    WHERE ${where} AND ${condition} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<Row>({ text }, values), (row) => [row.slug])
}

const readOne = (what: Counted, moment: string) => `
  WITH asked AS (${asked('$2')}), wanted AS (${what.bySlug}),
    counted AS (${counted(what, moment, `WHERE ${what.key} = (SELECT id FROM wanted)`)})
  SELECT ${what.columns} FROM counted CROSS JOIN asked ${what.from}`

/** The one that answers to this slug; null when no live article of the locale has it. */
export async function findCounted<Row extends { slug: string }>(
  db: Database,
  what: Counted,
  slug: string,
  { locale, at }: Asked
) {
  const values: unknown[] = [slug, locale ?? null]
  const statement =
    at === undefined
      ? { name: what.name, text: readOne(what, NOW) }
      : { text: readOne(what, momentOf(at, values)) }
  const [row] = await db.query<Row>(statement, values)
  return row ?? null
}
