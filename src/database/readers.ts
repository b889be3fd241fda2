/**
 * The role the content side may have of its own (DATABASE_READER_URL): it may read the reading tables and do nothing else, so
 * a draft cannot leak even through a fault of ours. What it may is checked at each start.
 */
import pg from 'pg'
import type { DatabaseSettings } from './database.ts'
import { hangUp } from './ending.ts'

/** What the content side reads. Views are read with the rights of their owner, so what is below them stays closed. */
export const READING_TABLES = [
  'publications',
  'publication_tags',
  'publication_authors',
  'publication_search',
  'search_names',
  'search_words',
  'public_tags',
  'public_tag_slugs',
  'public_tag_merges',
  'public_authors',
  'public_sites',
  'public_lists',
  'public_list_items',
  'public_redirects',
  'public_share_links',
  'share_link_totals',
  'public_article_views',
  'public_article_view_totals',
  'public_changes',
  'public_feed'
]

/** Ours that its statements call. All run with the rights of whoever calls them. */
const FUNCTIONS = [
  'best_locale(jsonb, text[])',
  'share_channels(text)',
  'search_config(text)',
  'search_stems(regconfig, text)',
  'search_text(text)'
]

/** SQL that lets a role do what DATABASE_READER_URL needs and nothing else. Repeated, it changes nothing. */
export function grantsFor(role: string): string {
  const name = pg.escapeIdentifier(role)
  const text = pg.escapeLiteral(role)
  return `BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${name};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM ${name};
REVOKE ALL ON SCHEMA public FROM ${name};
DO $grants$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), ${text});
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), ${text});
END $grants$;
GRANT USAGE ON SCHEMA public TO ${name};
GRANT SELECT ON
  ${READING_TABLES.join(',\n  ')}
  TO ${name};
GRANT EXECUTE ON FUNCTION
  ${FUNCTIONS.join(',\n  ')}
  TO ${name};
COMMIT;`
}

/** So many are named; the first tell enough. */
const NAMED = 10
const WAIT_MS = 10_000

/** Why the role configured cannot be used, each with what to do; none if it can, or there is none. `client` is the main role's. */
export async function readerFaults(client: pg.ClientBase, settings: DatabaseSettings): Promise<string[]> {
  if (settings.kind !== 'server' || !settings.readerUrl) return []
  const reader = new pg.Client({
    connectionString: settings.readerUrl,
    connectionTimeoutMillis: WAIT_MS,
    query_timeout: WAIT_MS
  })
  reader.on('error', () => {})
  try {
    await reader.connect()
    return await faultsOf(reader, client)
  } catch (error) {
    return [`DATABASE_READER_URL cannot be used: ${(error as Error).message}.`]
  } finally {
    await hangUp(reader)
  }
}

async function faultsOf(reader: pg.Client, client: pg.ClientBase): Promise<string[]> {
  const { rows } = await reader.query<{ role: string; standby: boolean; boundless: boolean }>(
    `SELECT current_user AS role, pg_is_in_recovery() AS standby, rolsuper OR rolreplication OR rolcreaterole AS boundless
     FROM pg_roles WHERE rolname = current_user`
  )
  const { role, standby, boundless } = rows[0] as (typeof rows)[number]
  if (standby)
    return ['DATABASE_READER_URL names a standby, and replicas are not supported yet. Name the primary.']
  if (!(await isSameDatabase(reader, client)))
    return [
      'DATABASE_READER_URL names another database than DATABASE_URL. Name the same one, with another role.'
    ]
  if (boundless)
    return [
      `The role ${role} of DATABASE_READER_URL is a superuser, or may replicate or make roles. Use one that may only log in.`
    ]
  const remedy = `Run as the owner of the tables: npm run -s cli -- grants ${role} | psql "$DATABASE_URL"`
  const excess = await reader.query<{ what: string }>(tooMuch, [READING_TABLES])
  const lack = await reader.query<{ what: string }>(tooLittle, [READING_TABLES, FUNCTIONS])
  return [
    ...(excess.rows.length > 0
      ? [
          `The role ${role} of DATABASE_READER_URL may do too much: ${named(excess.rows)}. ${remedy}. What it is granted through PUBLIC or another role must be revoked there.`
        ]
      : []),
    ...(lack.rows.length > 0
      ? [`The role ${role} of DATABASE_READER_URL lacks ${named(lack.rows)}. ${remedy}`]
      : [])
  ]
}

function named(rows: { what: string }[]) {
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : ''
  return (
    rows
      .slice(0, NAMED)
      .map(({ what }) => what)
      .join('; ') + more
  )
}

/** A lock that one holds is seen by the other in the same database of the same server, and nowhere else. */
async function isSameDatabase(reader: pg.Client, client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ key: number }>('SELECT (random() * 2147483647)::int AS key')
  const lock = [72707371, rows[0]?.key]
  await client.query('SELECT pg_advisory_lock($1::int, $2::int)', lock)
  try {
    const seen = await reader.query(
      `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
       WHERE l.locktype = 'advisory' AND l.classid = $1::int::oid AND l.objid = $2::int::oid AND l.objsubid = 2 AND l.granted`,
      lock
    )
    return seen.rows.length > 0
  } finally {
    await client.query('SELECT pg_advisory_unlock($1::int, $2::int)', lock)
  }
}

/** Also through the roles it belongs to, which it could become. What extensions bring along is none of ours. */
const tooMuch = `
  WITH mine AS (SELECT oid, rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')),
  place AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
  thing AS (
    SELECT c.oid, c.relkind, c.relowner, c.oid::regclass::text AS name FROM pg_class c JOIN place ON place.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ), allowed AS (SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name)
  SELECT what FROM (
    SELECT 1 AS rank, rolname::text AS name, 'membership of ' || rolname AS what FROM mine
    WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
    UNION ALL
    SELECT 2, thing.name, string_agg(DISTINCT right_, ', ') || ' on ' || thing.name
    FROM thing CROSS JOIN mine CROSS JOIN unnest(
      CASE relkind WHEN 'S' THEN ARRAY['SELECT', 'UPDATE', 'USAGE']
        ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES', 'DELETE', 'TRUNCATE', 'TRIGGER', 'OWNER'] END) AS right_
    WHERE CASE
        WHEN right_ = 'OWNER' THEN relowner = mine.oid
        WHEN relkind = 'S' THEN has_sequence_privilege(mine.oid, thing.oid, right_)
        WHEN right_ IN ('DELETE', 'TRUNCATE', 'TRIGGER') THEN has_table_privilege(mine.oid, thing.oid, right_)
        ELSE has_any_column_privilege(mine.oid, thing.oid, right_) END
      AND NOT (right_ = 'SELECT' AND thing.oid IN (SELECT oid FROM allowed WHERE oid IS NOT NULL))
    GROUP BY thing.name
    UNION ALL
    SELECT DISTINCT 3, nspname::text, 'CREATE in the schema ' || nspname FROM place CROSS JOIN mine
    WHERE has_schema_privilege(mine.oid, place.oid, 'CREATE')
    UNION ALL
    SELECT DISTINCT 4, '', 'CREATE in the database' FROM mine WHERE has_database_privilege(mine.oid, current_database(), 'CREATE')
  ) found ORDER BY rank, name`

const tooLittle = `
  SELECT 'USAGE on the schema public' AS what WHERE NOT has_schema_privilege('public', 'USAGE')
  UNION ALL
  SELECT 'SELECT on ' || name FROM unnest($1::text[]) AS name
  WHERE has_schema_privilege('public', 'USAGE') AND NOT coalesce(has_table_privilege(to_regclass(name)::oid, 'SELECT'), false)
  UNION ALL
  SELECT 'EXECUTE on ' || name FROM unnest($2::text[]) AS name
  WHERE has_schema_privilege('public', 'USAGE') AND NOT coalesce(has_function_privilege(to_regprocedure(name)::oid, 'EXECUTE'), false)`
