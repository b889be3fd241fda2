/** One action on many articles: as many single calls, one after another, each with a result of its own. */
import type { Static } from 'typebox'
import type { Actor } from '../../audit/audit.ts'
import type { Database } from '../../database/database.ts'
import type { Role } from '../../database/generated/enums.ts'
import { type Caller, refuseBelow, refuseKey } from '../../http/access.ts'
import { Invalid, Problem } from '../../http/errors.ts'
import type { Scope } from '../../http/scopes.ts'
import type { Check } from '../../http/validation.ts'
import type { PublicationView } from '../../publishing/publications.ts'
import { publish, unpublish } from '../../publishing/publishing.ts'
import { changeArticle, trashArticle } from '../articles.ts'
import type { ArticleView } from '../reading.ts'
import { ArticlePatch } from '../schema.ts'
import type { BulkOrder } from './schema.ts'

type Order = Static<typeof BulkOrder>
type Done = { status: number; article?: ArticleView; publication?: PublicationView }
export type Outcome = ({ id: string } & Done) | { id: string; error: Error }

/** The role and the scope each single call asks for; a test compares them with what their routes say. */
export const leastRole: Record<Order['action'], Role> = {
  publish: 'author',
  unpublish: 'author',
  tag: 'contributor',
  untag: 'contributor',
  trash: 'contributor'
}
export const scopeOf: Record<Order['action'], Scope> = {
  publish: 'articles:publish',
  unpublish: 'articles:publish',
  tag: 'articles:write',
  untag: 'articles:write',
  trash: 'articles:write'
}

/** When nothing more is begun: who waits in front of us has given up soon after. */
const PATIENCE_MS = 30_000

/**
 * Does the action on each item in a transaction of its own, checked as the single call is. Never stops at one that is
 * refused. What was not begun within `patience` ms is told to come again. Throws Invalid when an article is there twice.
 */
export async function doForEach(
  db: Database,
  actor: Actor,
  check: Check,
  user: Caller,
  order: Order,
  patience = PATIENCE_MS
): Promise<Outcome[]> {
  refuseTwice(order)
  const end = performance.now() + patience
  const outcomes: Outcome[] = []
  for (const [index, step] of stepsOf(db, actor, check, user, order).entries()) {
    const { id } = order.items[index] as { id: string }
    try {
      refuseKey(user, [scopeOf[order.action]])
      refuseBelow(user, leastRole[order.action])
      if (performance.now() > end)
        throw new Problem('unavailable', 'Not begun: those before it took too long. Send it again.')
      outcomes.push({ id, ...(await step()) })
    } catch (error) {
      outcomes.push({ id, error: error as Error })
    }
  }
  return outcomes
}

function refuseTwice({ items }: Order) {
  const ids = items.map(({ id }) => id)
  const twice = ids.findIndex((id, index) => ids.indexOf(id) < index)
  if (twice >= 0) throw Invalid(`/items/${twice}/id`, 'is there twice', 'unique_items')
}

/** What is to be done for each item, in their order. */
function stepsOf(
  db: Database,
  actor: Actor,
  check: Check,
  user: Caller,
  order: Order
): (() => Promise<Done>)[] {
  switch (order.action) {
    case 'publish':
      return order.items.map(({ id, version, ...asked }, index) => async () => {
        const { made, publication } = await pointing(
          (pointer) => `/items/${index}${pointer}`,
          () => publish(db, actor, user, id, new Set([version]), asked)
        )
        return { status: made ? 201 : 200, publication }
      })
    case 'unpublish':
      return order.items.map(({ id, ...asked }, index) => async () => {
        const publication = await pointing(
          (pointer) => `/items/${index}${pointer}`,
          () => unpublish(db, actor, user, id, asked)
        )
        return { status: 200, publication }
      })
    case 'trash':
      return order.items.map(({ id, version }) => async () => {
        await trashArticle(db, actor, user, id, new Set([version]))
        return { status: 204 }
      })
    case 'tag':
    case 'untag': {
      const asked = order.tags
      const change = order.action === 'tag' ? add : remove
      return order.items.map(({ id, version }) => async () => {
        let tags: string[] = []
        const article = await pointing(
          (pointer) => askedAt(pointer, tags, asked),
          () =>
            changeArticle(db, actor, check, user, id, new Set([version]), (before) => {
              tags = change(before.tags, asked)
              check(ArticlePatch.properties.tags, tags, '/tags')
              return { tags }
            })
        )
        return { status: 200, article }
      })
    }
  }
}

const add = (tags: string[], asked: string[]) => [...new Set([...tags, ...asked])]
const remove = (tags: string[], asked: string[]) => tags.filter((id) => !asked.includes(id))

/** From a place in the tags an article was to have, to that in the tags asked for. */
function askedAt(pointer: string, tags: string[], asked: string[]) {
  const place = asked.indexOf(tags[Number(pointer.split('/')[2])] ?? '')
  return place < 0 ? '/tags' : `/tags/${place}`
}

/** Refusals of `work` point at where the fault is in this request, and not in a single call's. */
export async function pointing<T>(move: (pointer: string) => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors) throw error
    const { code, message, members, headers } = error
    const errors = error.errors.map((fault) => ({ ...fault, pointer: move(fault.pointer) }))
    throw new Problem(code, message, { errors, members, headers })
  }
}
