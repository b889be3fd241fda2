/** Which slug an article gets. The exclusion constraint on the table is the judge; here it is asked in good order. */
import { v7 as uuid } from 'uuid'
import { type Connection, refusalOf, type Transaction } from '../database/database.ts'
import { slugCandidates } from '../slugs.ts'

/** Taken by whoever is to write an article with this slug, until the transaction ends. */
export const slugLock = (locale: string, slug: string) =>
  `pg_advisory_xact_lock(hashtext(concat('slug ', ${locale}::text, ' ', ${slug}::text)))::text`

/**
 * A slug that nobody in this locale has now outside the trash, and that no other article ever had or is promised: an
 * old address keeps leading where it led. None of those in `given`. Somebody else may be faster to take it.
 */
export async function freeSlug(
  db: Connection,
  locale: string,
  base: string,
  articleId: string | null,
  given: ReadonlySet<string> = new Set()
) {
  const candidates = slugCandidates(base).filter((slug) => !given.has(slug))
  const [row] = await db.query<{ slug: string }>(firstFree, [candidates, locale, articleId])
  return row?.slug ?? `${base}-${uuid().slice(-8)}`
}

/** The same, behind those who want it too: who comes later gets the next one. */
export async function queuedSlug(tx: Transaction, locale: string, base: string, articleId: string | null) {
  await queueForSlug(tx, locale, base)
  return freeSlug(tx, locale, base, articleId)
}

/** Those who want the same slug wait for one another here; at the exclusion constraint they would deadlock. */
export const queueForSlug = (tx: Transaction, locale: string, slug: string) =>
  queueForSlugs(tx, locale, [slug])

async function queueForSlugs(tx: Transaction, locale: string, slugs: string[]) {
  // In one order, whoever takes them, so that nobody waits for somebody who waits for them.
  await tx.query(queue, [locale, [...new Set(slugs)].toSorted()])
}

/** As `queuedSlug` for many, in their order; none is found twice. */
export async function queuedSlugs(tx: Transaction, locale: string, bases: string[]): Promise<string[]> {
  await queueForSlugs(tx, locale, bases)
  return freeSlugs(tx, locale, bases, new Set())
}

/** As `freeSlug` for each of them, in their order, past those in `given`, which takes what is found. */
export async function freeSlugs(db: Connection, locale: string, bases: string[], given: Set<string>) {
  const rows = await db.query<{ slug: string }>(allFree, [bases, locale])
  const free = new Set(rows.map(({ slug }) => slug))
  const found: string[] = []
  for (const base of bases) {
    const slug = free.has(base) && !given.has(base) ? base : await freeSlug(db, locale, base, null, given)
    given.add(slug)
    found.push(slug)
  }
  return found
}

const freeOf = (article: string) => `
    SELECT c.slug FROM unnest($1::text[]) WITH ORDINALITY AS c (slug, place)
    WHERE NOT EXISTS (SELECT FROM articles a WHERE a.locale = $2::text AND a.slug = c.slug AND a.trashed_at IS NULL AND a.id IS DISTINCT FROM ${article})
      AND NOT EXISTS (SELECT FROM publications p WHERE p.locale = $2::text AND p.slug = c.slug AND p.article_id IS DISTINCT FROM ${article})`

const firstFree = { name: 'first-free-slug', text: `${freeOf('$3::uuid')} ORDER BY c.place LIMIT 1` }
const allFree = { text: freeOf('NULL') }
const queue = { text: `SELECT ${slugLock('$1', 's.slug')} FROM unnest($2::text[]) AS s (slug)` }

/** A trashed article’s slug if it may have it again, else one beside it. A chosen one yields to present ones only. */
export async function keptSlug(
  tx: Transaction,
  { id, locale, slug, slugGenerated }: { id: string; locale: string; slug: string; slugGenerated: boolean }
) {
  await queueForSlug(tx, locale, slug)
  const taken = await tx.prisma.article.count({ where: { locale, slug, trashedAt: null } })
  if (!slugGenerated && taken === 0) return slug
  // Cut where it leaves no room for what is put behind it.
  return queuedSlug(tx, locale, slug.slice(0, 190).replace(/-$/, ''), id)
}

/** A slug that was made gives way to one chosen in the same moment: try again with the next. */
export async function whileSlugsMove<T>(made: boolean, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!made || attempt >= 5 || !isSlugTaken(error)) throw error
    }
  }
}

export const isSlugTaken = (error: unknown) => refusalOf(error).constraint === 'articles_slug'
