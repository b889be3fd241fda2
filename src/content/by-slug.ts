/**
 * What is live, by slug. Only the reading tables are named here, so a draft cannot get out: publications with their tags
 * and authors, and the public views.
 */
import type { Reader, Statement } from '../database/database.ts'
import { Group } from '../groups.ts'
import { siteOf } from './items.ts'
import { gone, lastHolder, live, NOW, places, wanted } from './live.ts'

export type Asked = { slug: string; locale?: string; at?: string }

/** What is read of the publication `p` and its site `s`. */
export type Shape = {
  /** Unique to the other members. */
  name: string
  /** Columns, those of other publications of `moment`, in the order of their `names`. */
  columns: (moment: string) => string
  names: string[]
}

/**
 * $1 what is asked for: each a slug, a locale or null, and its `place`. Live in just this locale, as nearly all that is
 * asked for is. JSON, for which Postgres keeps one plan: see `counting/views.ts`.
 */
const readHere = (shown: string, moment: string) => `
  SELECT asked.place, p.id AS "publicationId", ${shown}
  FROM json_to_recordset($1::json) AS asked (place int, slug text, locale text)
  JOIN publications p ON p.slug = asked.slug AND p.locale = ${wanted('asked.locale')} AND ${live('p', moment)} ${siteOf}`

/**
 * The same along the chain of fallbacks; that it was withdrawn, and none of its text; else where the article that last
 * had this slug is live now. `nothing` stands for the columns.
 */
const readElsewhere = (shown: string, nothing: string, moment: string) => `
  WITH chain AS (${places('$2')}), found AS MATERIALIZED (
    SELECT p.* FROM chain JOIN publications p ON p.locale = chain.locale AND p.slug = $1::text
    WHERE ${gone('p', moment)} OR ${live('p', moment)} ORDER BY chain.place, p.withdrawn LIMIT 1
  )
  SELECT 'here' AS state, p.id AS "publicationId", ${shown}, NULL::uuid AS "articleId", NULL AS "inLocale", NULL AS "underSlug"
  FROM found p ${siteOf} WHERE NOT p.withdrawn
  UNION ALL SELECT 'gone', id, ${nothing}, NULL, NULL, NULL FROM found WHERE withdrawn
  UNION ALL (
    SELECT 'moved', p.id, ${nothing}, p.article_id, p.locale, p.slug FROM chain
    CROSS JOIN ${lastHolder('chain.locale', '$1::text', moment)} former
    JOIN publications p ON p.article_id = former.article_id AND ${live('p', moment)}
    WHERE NOT EXISTS (SELECT FROM found) ORDER BY chain.place LIMIT 1)`

type Statements = { here: Statement; elsewhere: Statement }

/** Where the moment stands among the values, when another one is asked for. */
const THEN = { here: '$2::timestamptz', elsewhere: '$3::timestamptz' }

function statementsAt(moments: { here: string; elsewhere: string }, { columns, names }: Shape): Statements {
  const nothing = names.map(() => 'NULL').join(', ')
  return {
    here: { text: readHere(columns(moments.here), moments.here) },
    elsewhere: { text: readElsewhere(columns(moments.elsewhere), nothing, moments.elsewhere) }
  }
}

const statements = new Map<string, Statements>()

function statementsNow(shape: Shape): Statements {
  const known = statements.get(shape.name)
  if (known) return known
  const { here, elsewhere } = statementsAt({ here: NOW, elsewhere: NOW }, shape)
  const named = {
    here: { ...here, name: `content-${shape.name}` },
    elsewhere: { ...elsewhere, name: `content-elsewhere-${shape.name}` }
  }
  statements.set(shape.name, named)
  return named
}

type Sought = { slug: string; locale: string | null }
type Found = { place: number; publicationId: string }

/** In the order of what is sought; undefined where nothing is live. `more` are the values after it. */
async function readAll(db: Reader, here: Statement, sought: Sought[], more: unknown[] = []) {
  const asked = JSON.stringify(sought.map((one, place) => ({ place, ...one })))
  const found: (Found | undefined)[] = sought.map(() => undefined)
  for (const row of await db.query<Found>(here, [asked, ...more])) found[row.place] = row
  return found
}

/** For each shape: so few that one of them alone leaves most connections free, in statements that stay short. */
const TOGETHER = { lanes: 4, most: 20 }
type Together = Group<Sought, Found | undefined>
const groups = new WeakMap<Reader, Map<string, Together>>()

/** What is asked for while others are read is read in one statement: most of its price is paid once. */
function togetherIn(db: Reader, { name }: Shape, here: Statement): Together {
  const byName = groups.get(db) ?? new Map<string, Together>()
  groups.set(db, byName)
  const known = byName.get(name)
  if (known) return known
  const group: Together = new Group((sought) => readAll(db, here, sought), TOGETHER)
  byName.set(name, group)
  return group
}

export type BySlug<Columns> =
  | ({ state: 'here'; publicationId: string } & Columns)
  | { state: 'gone' }
  | { state: 'moved'; articleId: string; locale: string; slug: string }

/**
 * What is live under this slug, in the locale or along its fallbacks; that it was withdrawn; or where the article that
 * had this slug is now. Null when there is none of these. One statement, or two when it is not live in the locale.
 */
export async function findBySlug<Columns extends object>(
  db: Reader,
  { slug, locale, at }: Asked,
  shape: Shape
): Promise<BySlug<Columns> | null> {
  const sought: Sought = { slug, locale: locale ?? null }
  const { here, elsewhere } = at === undefined ? statementsNow(shape) : statementsAt(THEN, shape)
  const more = at === undefined ? [] : [at]
  const found =
    at === undefined
      ? await togetherIn(db, shape, here).ask(sought)
      : (await readAll(db, here, [sought], more))[0]
  const live = found as (Found & Columns) | undefined
  if (live) return Object.assign(live, { state: 'here' as const })
  type Row = Found &
    Columns & { state: BySlug<Columns>['state']; articleId: string; inLocale: string; underSlug: string }
  const [row] = await db.query<Row>(elsewhere, [slug, sought.locale, ...more])
  if (!row) return null
  const { state, articleId, inLocale, underSlug, ...rest } = row
  if (state === 'gone') return { state }
  return state === 'moved'
    ? { state, articleId, locale: inLocale, slug: underSlug }
    : { ...(rest as unknown as Found & Columns), state }
}
