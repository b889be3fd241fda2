/** The hand-written statements: the same content as Dateline's answers, field by field, in the same order. */
type Statement = { name: string; text: string }
/** JSON built by Postgres, and plain rows. */
export type Statements = { postgres: Statement; node: Statement }

export const live = (p: string) =>
  `NOT ${p}.withdrawn AND ${p}.live_from <= now() AND (${p}.live_until IS NULL OR ${p}.live_until > now())`
const LIVE = live('p')

const AUTHORS = `(SELECT coalesce(json_agg(json_build_object('slug', a.slug, 'name', a.name) ORDER BY x.position), '[]')
  FROM publication_authors x JOIN authors a ON a.id = x.author_id WHERE x.publication_id = p.id)`
const TAGS = `(SELECT coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind, 'slug', t.slug, 'name', t.names ->> p.locale, 'locale', p.locale) ORDER BY x.position), '[]')
  FROM publication_tags x JOIN tags t ON t.id = x.tag_id WHERE x.publication_id = p.id)`
const CORRECTIONS = `(SELECT coalesce(json_agg(json_build_object('at', c.live_from, 'text', c.correction) ORDER BY c.live_from), '[]')
  FROM publications c WHERE c.article_id = p.article_id AND c.correction IS NOT NULL AND c.live_from <= p.live_from)`
const UPDATED = 'p.updated_at'
const address = (p: string, site: string) =>
  `replace(replace(${site}.article_url, '{locale}', ${p}.locale), '{slug}', ${p}.slug)`
const TRANSLATIONS = `(SELECT coalesce(json_agg(json_build_object('locale', o.locale, 'slug', o.slug, 'url', ${address('o', 'os')}) ORDER BY o.locale), '[]')
  FROM publications o JOIN sites os ON os.locale = o.locale
  WHERE o.story_id = p.story_id AND o.article_id <> p.article_id AND ${live('o')})`
const stamp = (moment: string) => `to_char(${moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** What a list shows, in its order. */
const FIELDS: [name: string, sql: string][] = [
  ['headline', 'p.headline'],
  ['kicker', 'p.kicker'],
  ['standfirst', 'p.standfirst'],
  ['authors', AUTHORS],
  ['source', 'p.source'],
  ['tags', TAGS],
  ['image', 'p.image'],
  ['dateline', 'p.dateline'],
  ['breaking', 'p.breaking'],
  ['accessibleForFree', 'p.accessible_for_free'],
  ['sensitive', 'p.sensitive'],
  ['wordCount', 'p.word_count'],
  ['seo', 'p.seo'],
  ['rights', 'p.rights'],
  ['corrections', CORRECTIONS]
]
const NAMES: [string, string][] = [
  ['id', 'p.article_id'],
  ['storyId', 'p.story_id'],
  ['locale', 'p.locale'],
  ['slug', 'p.slug']
]
const built = (fields: [string, string][]) =>
  `json_build_object(${fields.map(([name, sql]) => `'${name}', ${sql}`).join(', ')})::text AS json`
const columns = (fields: [string, string][]) => fields.map(([name, sql]) => `${sql} AS "${name}"`).join(', ')

export const inPostgres = (extra: [string, string][] = []) =>
  built([
    ...NAMES,
    ['url', address('p', 's')],
    ...FIELDS,
    ['publishedAt', stamp('p.published_at')],
    ['updatedAt', stamp(UPDATED)],
    ...extra
  ])
export const inNode = (extra: [string, string][] = []) =>
  columns([
    ...NAMES,
    ['template', 's.article_url'],
    ...FIELDS,
    ['publishedAt', 'p.published_at'],
    ['updatedAt', UPDATED],
    ...extra
  ])

const ONE = `FROM publications p JOIN sites s ON s.locale = p.locale WHERE p.locale = $2 AND p.slug = $1 AND ${LIVE}`
const BODY = `json_build_object('html', p.body_html)`

/** $1 slug, $2 locale. */
export const article: Statements = {
  postgres: {
    name: 'article-postgres',
    text: `SELECT ${inPostgres([
      ['body', BODY],
      ['translations', TRANSLATIONS]
    ])} ${ONE}`
  },
  node: {
    name: 'article-node',
    text: `SELECT ${inNode([
      ['html', 'p.body_html'],
      ['translations', TRANSLATIONS]
    ])} ${ONE}`
  }
}

function page(name: string, table: string, where: string, lead: string): Statements {
  const rest = `FROM ${table} JOIN sites s ON s.locale = p.locale WHERE ${lead}.locale = $2 AND ${where} AND ${LIVE}
    ORDER BY ${lead}.published_at DESC, ${lead}.article_id DESC LIMIT $1`
  const position = `p.article_id AS id, p.published_at AS "publishedAt"`
  return {
    postgres: { name: `${name}-postgres`, text: `SELECT ${inPostgres()}, ${position} ${rest}` },
    node: { name: `${name}-node`, text: `SELECT ${inNode()} ${rest}` }
  }
}
const WITH_TAG = 'publication_tags x JOIN publications p ON p.id = x.publication_id'
const HAS_TAG = 'x.tag_id = (SELECT tag_id FROM tag_slugs WHERE slug = $3)'

/** $1 how many, $2 locale, then publishedAt and id of the last one seen. */
export const newest = {
  first: page('newest', 'publications p', 'TRUE', 'p'),
  after: page('newest-after', 'publications p', '(p.published_at, p.article_id) < ($3, $4)', 'p')
}

/** $1 how many, $2 locale, $3 slug of the tag, then publishedAt and id of the last one seen. */
export const tagged = {
  first: page('tagged', WITH_TAG, HAS_TAG, 'x'),
  after: page('tagged-after', WITH_TAG, `${HAS_TAG} AND (x.published_at, x.article_id) < ($4, $5)`, 'x')
}
