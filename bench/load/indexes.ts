/** Indexes and constraints of the tables that fill up: put aside before many rows come, made again afterwards. */
import type pg from 'pg'
import type { Told } from './load.ts'

const TABLES = [
  'articles',
  'article_tags',
  'article_authors',
  'revisions',
  'publications',
  'publication_tags',
  'publication_authors',
  'publication_search'
]

// Foreign keys first, also those of other tables that point here: the keys they point at cannot go before them.
const CONSTRAINTS = `
  SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition, contype AS kind
  FROM pg_constraint WHERE contype IN ('f', 'x', 'u', 'p')
    AND (conrelid = ANY ($1::regclass[]) OR confrelid = ANY ($1::regclass[]))
  ORDER BY contype <> 'f', conrelid::regclass::text, conname`
const INDEXES = `
  SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
  WHERE i.indrelid = ANY ($1::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`

// Triggers of ours that fire for each row, the search's among them: what they would write is written for all at once.
const TRIGGERS = `
  SELECT tgrelid::regclass::text AS "table", quote_ident(tgname) AS name FROM pg_trigger
  WHERE NOT tgisinternal AND tgrelid = ANY ($1::regclass[])`

type Constraint = { table: string; name: string; definition: string; kind: string }

/**
 * Takes them away and answers with what brings them back. Not one transaction, so that several connections can load:
 * a load cut short leaves a database without them, which is of use to nobody.
 */
export async function putAside(pool: pg.Pool): Promise<(told: Told) => Promise<void>> {
  const { rows: constraints } = await pool.query<Constraint>(CONSTRAINTS, [TABLES])
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(INDEXES, [TABLES])
  const { rows: triggers } = await pool.query<{ table: string; name: string }>(TRIGGERS, [TABLES])
  for (const { table, name } of triggers) await pool.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`)
  for (const { table, name } of constraints) await pool.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
  for (const { name } of indexes) await pool.query(`DROP INDEX ${name}`)
  return async (told) => {
    const begun = performance.now()
    const waiting = [...indexes]
    const work = async () => {
      for (let index = waiting.shift(); index; index = waiting.shift()) await pool.query(index.definition)
    }
    await Promise.all([work(), work()])
    told(`${indexes.length} indexes after ${Math.round((performance.now() - begun) / 1000)} s`)
    // Keys before what points at them.
    for (const { table, name, definition } of [...constraints].reverse())
      await pool.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`)
    for (const { table, name } of triggers) await pool.query(`ALTER TABLE ${table} ENABLE TRIGGER ${name}`)
    told(`${constraints.length} constraints after ${Math.round((performance.now() - begun) / 1000)} s`)
  }
}
