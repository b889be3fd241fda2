/**
 * Fills a migrated, empty database with a newsroom of any size: two languages, 200 tags, 60 authors, and articles that
 * are all live, each with three tags. People, sites, tags and authors come through Dateline's own functions; articles
 * are too many for that, and are made by Postgres out of a pool of paragraphs.
 */
import { cpus } from 'node:os'
import pg from 'pg'
import { system } from '../../src/audit/audit.ts'
import { createAuthor } from '../../src/authors/authors.ts'
import { type Database, openDatabase, prepareSchema } from '../../src/database/database.ts'
import { sites } from '../../src/demo/sites.ts'
import { createUser } from '../../src/people/users.ts'
import { changeSite } from '../../src/site/site.ts'
import { createTag } from '../../src/tags/tags.ts'
import { makeLinks } from '../samples.ts'
import { articlesBatch, poolTable, SECTIONS, TAGS } from './articles-sql.ts'
import { putAside } from './indexes.ts'
import { LOCALES, paragraphsOf } from './words.ts'

const AUTHORS = 60
/** Stories of one statement. */
const BATCH = 5_000
/** Indexes and analysing take their time at a million. */
const SESSION =
  '-c statement_timeout=0 -c synchronous_commit=off -c maintenance_work_mem=512MB -c work_mem=256MB -c jit=off'

export type Told = (line: string) => void

/** Migrates the database and loads `articles` of them into it. Throws when it has articles already. */
export async function loadNewsroom(url: string, articles: number, told: Told): Promise<void> {
  const db = await openDatabase({ kind: 'server', url, directUrl: url, prepare: true, connections: 4 })
  try {
    await db.alone(prepareSchema)
    if ((await db.prisma.article.count()) + (await db.prisma.site.count()) > 0)
      throw new Error('The database to load into is not empty: name one that is, or drop it first.')
    await makeSurroundings(db)
  } finally {
    await db.close()
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: Math.max(2, Math.min(8, cpus().length)),
    options: SESSION
  })
  try {
    const restore = await putAside(pool)
    await poolTable(pool, LOCALES.flatMap(paragraphsOf))
    await inBatches(pool, Math.ceil(articles / LOCALES.length), told)
    await restore(told)
    await pool.query('DROP TABLE bench_pool')
    await pool.query(makeLinks)
    told('analysing')
    await pool.query('VACUUM (ANALYZE)')
    await pool.query('CHECKPOINT').catch(() => {})
  } finally {
    await pool.end()
  }
}

async function makeSurroundings(db: Database) {
  const unchecked = () => {}
  for (const { locale, ...site } of sites)
    await changeSite(db, system, unchecked, locale, new Set([0]), site, {
      mayMove: true,
      publicUrl: 'http://localhost'
    })
  await createUser(db, system, { email: 'bench@example.org', name: 'Bench desk', role: 'editor' })
  for (let number = 0; number < TAGS; number++) {
    const kind = number < SECTIONS ? ('section' as const) : ('topic' as const)
    const slug = `${kind}-${number}`
    await createTag(db, system, { kind, slug, names: { en: `Subject ${number}`, ru: `Тема ${number}` } })
  }
  for (let number = 0; number < AUTHORS; number++)
    await createAuthor(db, system, { slug: `writer-${number}`, name: `Writer Number ${number}` })
}

/** Several connections take one batch after another. */
async function inBatches(pool: pg.Pool, stories: number, told: Told) {
  let next = 0
  const begun = performance.now()
  const work = async () => {
    while (next < stories) {
      const from = next
      next = Math.min(next + BATCH, stories)
      await pool.query(articlesBatch, [from, Math.min(from + BATCH, stories) - 1, stories])
      if (from % (BATCH * 10) === 0 && from > 0)
        told(`${from * 2} articles after ${Math.round((performance.now() - begun) / 1000)} s`)
    }
  }
  await Promise.all(Array.from({ length: pool.options.max ?? 2 }, work))
}
