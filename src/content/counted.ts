/** What live articles have, with how many of them have it: their tags, their authors. */
import type { Reader } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { asked, liveTagged, momentOf, NOW } from './live.ts'

export type Counted = {
  /** Of the prepared statement that reads one. */
  name: string
  /** What is listed, and as what: `public_tags t`. */
  table: string
  as: string
  /** Its publications: `FROM publication_tags x WHERE x.tag_id = t.id`. */
  publications: string
  /** The id of the one that answers to the slug `$1`. */
  bySlug: string
  /** What is shown of each, beside the table, `asked` (`locale`, `chain`) and `from`. */
  columns: string
  from: string
}

/** Those of the locale live at the moment: all this asks is in one index. An article has one live publication at most. */
const liveOf = ({ publications }: Counted, moment: string) =>
  `${publications} AND x.locale = asked.locale AND ${liveTagged('x', moment)}`

const shown = (what: Counted, moment: string) =>
  `${what.columns}, (SELECT count(*)::int ${liveOf(what, moment)}) AS "articleCount"`

type Asked = { locale?: string; at?: string }

/**
 * By slug, with how many live articles of the locale have each: the page is found first, and only what is on it is
 * counted. `only` is a further condition on `values`.
 */
export async function listCounted<Row extends { slug: string }>(
  db: Reader,
  what: Counted,
  { locale, at }: Asked,
  walk: Walk,
  only: (put: (value: unknown) => string) => string = () => 'TRUE'
) {
  const values: unknown[] = [walk.take, locale ?? null]
  const { as } = what
  const { where, orderBy } = walk.keyset([{ sql: `${as}.slug`, type: 'text' }], false, values)
  const condition = only((value) => `$${values.push(value)}`)
  const moment = momentOf(at, values)
  const text = `
    WITH asked AS (${asked('$2')}), listed AS MATERIALIZED (
      SELECT ${as}.* FROM ${what.table} ${as} CROSS JOIN asked
      WHERE ${where} AND ${condition} AND (SELECT true ${liveOf(what, moment)} LIMIT 1)
      ORDER BY ${orderBy} LIMIT $1::int
    )
    SELECT ${shown(what, moment)} FROM listed ${as} CROSS JOIN asked ${what.from} ORDER BY ${orderBy}`
  return walk.page(await db.query<Row>({ text }, values), (row) => [row.slug])
}

const readOne = (what: Counted, moment: string) => `
  WITH asked AS (${asked('$2')})
  SELECT * FROM (
    SELECT ${shown(what, moment)} FROM ${what.table} ${what.as} CROSS JOIN asked ${what.from}
    WHERE ${what.as}.id = (${what.bySlug})
  ) found WHERE "articleCount" > 0`

/** The one that answers to this slug; null when no live article of the locale has it. */
export async function findCounted<Row extends { slug: string }>(
  db: Reader,
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
