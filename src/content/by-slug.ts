/**
 * What is live, by slug. Only the reading tables are named here, so a draft cannot get out: publications with their tags
 * and authors, and the public views.
 */
import type { Reader, Statement } from '../database/database.ts'
import { siteOf } from './items.ts'
import { gone, lastHolder, live, momentOf, NOW, places, wanted } from './live.ts'

export type Asked = { slug: string; locale?: string; at?: string }

/** What is read of the publication `p` and its site `s`. */
export type Shape = {
  /** Unique to the other members. */
  name: string
  /** Columns, those of other publications of `moment`, in the order of their `names`. */
  columns: (moment: string) => string
  names: string[]
}

/** $1 slug, $2 locale: live in just this locale, as nearly all that is asked for is. */
const readHere = (shown: string, locale: string, moment: string) => `
  SELECT p.id AS "publicationId", ${shown} FROM publications p ${siteOf}
  WHERE p.slug = $1::text AND p.locale = ${locale} AND ${live('p', moment)}`

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

/** `here`: in the locale $2. `byDefault`: $2 is null, and it is that of the default site. */
type Statements = { here: Statement; byDefault: Statement; elsewhere: Statement }

function statementsAt(moment: string, { columns, names }: Shape): Statements {
  const shown = columns(moment)
  const nothing = names.map(() => 'NULL').join(', ')
  return {
    here: { text: readHere(shown, '$2::text', moment) },
    byDefault: { text: readHere(shown, wanted('$2'), moment) },
    elsewhere: { text: readElsewhere(shown, nothing, moment) }
  }
}

const statements = new Map<string, Statements>()

function statementsNow(shape: Shape): Statements {
  const known = statements.get(shape.name)
  if (known) return known
  const { here, byDefault, elsewhere } = statementsAt(NOW, shape)
  const named = {
    here: { ...here, name: `content-${shape.name}` },
    byDefault: { ...byDefault, name: `content-default-${shape.name}` },
    elsewhere: { ...elsewhere, name: `content-elsewhere-${shape.name}` }
  }
  statements.set(shape.name, named)
  return named
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
  const values: unknown[] = [slug, locale ?? null]
  const { here, byDefault, elsewhere } =
    at === undefined ? statementsNow(shape) : statementsAt(momentOf(at, values), shape)
  type Live = { publicationId: string } & Columns
  const [live] = await db.query<Live>(locale === undefined ? byDefault : here, values)
  if (live) return Object.assign(live, { state: 'here' as const })
  type Row = Live & {
    state: BySlug<Columns>['state']
    articleId: string
    inLocale: string
    underSlug: string
  }
  const [row] = await db.query<Row>(elsewhere, values)
  if (!row) return null
  const { state, articleId, inLocale, underSlug, ...rest } = row
  if (state === 'gone') return { state }
  return state === 'moved'
    ? { state, articleId, locale: inLocale, slug: underSlug }
    : { ...(rest as unknown as Live), state }
}
