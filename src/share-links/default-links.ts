/**
 * The links every article has: one for each channel its site's share bar shows, one to copy and one for QR codes. The
 * database makes them (`make_share_links`), for any number of articles with one statement.
 */
import { v7 as uuid } from 'uuid'
import type { Statement, Transaction } from '../database/database.ts'

/** $1 ids of articles that are on the timeline. Makes what they should have and never had. */
export const makeShareLinks: Statement = {
  name: 'make-share-links',
  text: 'SELECT make_share_links($1::uuid[]) AS made'
}

/** Waits until who is publishing has done so, and keeps others from it: nobody is published past a change of channels. */
async function holdPublishing(tx: Transaction) {
  await tx.prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('dateline:share-channels'))`
}

/** As many articles as one statement makes links for; it may take five seconds. */
const BATCH = 2_000

const nextOfTimeline = {
  text: `
    SELECT a.id FROM articles a
    WHERE a.id > $1::uuid AND a.id IN (SELECT p.article_id FROM publications p WHERE p.id > $3::uuid)
      AND (a.locale = $2::text OR $2::text IS NULL AND NOT EXISTS (SELECT FROM sites s WHERE s.locale = a.locale AND NOT s.is_default))
    ORDER BY a.id LIMIT ${BATCH}`
}

/** Longer than any transaction, and than clocks differ. */
const RECENT_MS = 600_000

/**
 * Makes the links that articles on the timeline lack: those of a locale, or, with null, of the default site and of all
 * locales without a site. Call it when the site was written. Publishing goes on meanwhile, and is held for a moment at the
 * end only, when those are looked at again that were published since.
 */
export async function fillShareLinks(tx: Transaction, locale: string | null) {
  // Ids begin with the time.
  const recently = uuid({ msecs: Date.now() - RECENT_MS })
  await fillSince(tx, locale, NOBODY)
  await holdPublishing(tx)
  await fillSince(tx, locale, recently)
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

async function fillSince(tx: Transaction, locale: string | null, since: string) {
  let after = NOBODY
  for (;;) {
    const articles = await tx.query<{ id: string }>(nextOfTimeline, [after, locale, since])
    if (articles.length === 0) return
    await tx.query(makeShareLinks, [articles.map(({ id }) => id)])
    after = (articles.at(-1) as { id: string }).id
  }
}
