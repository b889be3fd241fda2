/** Many share links at once: as many single calls, one after another, each with a result of its own. */
import type { Static } from 'typebox'
import { pointing } from '../articles/bulk/bulk.ts'
import type { Actor } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import type { Caller } from '../http/access.ts'
import { Problem } from '../http/errors.ts'
import type { ShareLinkView } from './reading.ts'
import type { NewShareLink } from './schema.ts'
import { findOrCreateShareLink } from './share-links.ts'

export type Outcome = { articleId: string } & (
  | { status: number; shareLink: ShareLinkView }
  | { error: Error }
)

/** When nothing more is begun: who waits in front of us has given up soon after. */
const PATIENCE_MS = 30_000

/** Finds or makes each link in a transaction of its own, checked as the single call is. Never stops at one that is refused. */
export async function findOrCreateEach(
  db: Database,
  actor: Actor,
  user: Caller,
  publicUrl: string,
  items: Static<typeof NewShareLink>[],
  patience = PATIENCE_MS
): Promise<Outcome[]> {
  const end = performance.now() + patience
  const outcomes: Outcome[] = []
  for (const [index, { articleId, ...wishes }] of items.entries()) {
    try {
      if (performance.now() > end)
        throw new Problem('unavailable', 'Not begun: those before it took too long. Send it again.')
      const { made, link } = await pointing(
        (pointer) => `/items/${index}${pointer}`,
        () => findOrCreateShareLink(db, actor, user, publicUrl, articleId, wishes)
      )
      outcomes.push({ articleId, status: made ? 201 : 200, shareLink: link })
    } catch (error) {
      outcomes.push({ articleId, error: error as Error })
    }
  }
  return outcomes
}
