/** Curated lists: which stories stand where, and what fills them up. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import { type Connection, type Database, refusalOf, type Transaction } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import { Invalid, NotFound } from '../http/errors.ts'
import { changedFields, mergePatch } from '../http/merge.ts'
import type { Walk } from '../http/pagination.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { Check } from '../http/validation.ts'
import { freeSlug, textForSlug, whileSlugIsTaken } from '../slugs.ts'
import { type ListItems, type ListPatch, MergedList, type NewList } from './schema.ts'

type Tail = { tag: string | null } | null
type Item = { storyId: string; pinnedUntil: Date | null }

type SummaryView = {
  id: string
  slug: string
  titles: Record<string, string>
  size: number
  tail: Tail
  itemCount: number
  version: number
  createdAt: Date
  updatedAt: Date
}

export type ListView = Omit<SummaryView, 'itemCount'> & { items: Item[] }

const view = `
  l.id, l.slug, l.titles, l.size, CASE WHEN l.tail THEN json_build_object('tag', l.tail_tag_id) END AS tail,
  l.version, l.created_at AS "createdAt", l.updated_at AS "updatedAt"`

const readList = {
  name: 'get-list',
  text: `
    SELECT ${view}, (
      SELECT coalesce(json_agg(json_build_object('storyId', i.story_id, 'pinnedUntil', i.pinned_until) ORDER BY i.position), '[]')
      FROM list_items i WHERE i.list_id = l.id) AS items
    FROM lists l WHERE l.id = $1::uuid`
}

type Row = Omit<ListView, 'items'> & { items: { storyId: string; pinnedUntil: string | null }[] }

/** The list with its items, also those whose time is over. Throws NotFound. */
export async function getList(db: Connection, id: string): Promise<ListView> {
  const [list] = await db.query<Row>(readList, [id])
  if (!list) throw NotFound('list')
  const items = list.items.map(({ storyId, pinnedUntil }) => ({
    storyId,
    pinnedUntil: pinnedUntil === null ? null : new Date(pinnedUntil)
  }))
  return { ...list, items }
}

/** Lists by slug, with how many items each has. */
export async function listLists(db: Database, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset([{ sql: 'l.slug', type: 'text' }], false, values)
  const text = `
    SELECT ${view}, (SELECT count(*)::int FROM list_items i WHERE i.list_id = l.id) AS "itemCount"
    FROM lists l WHERE ${where} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<SummaryView>({ text }, values), (list) => [list.slug])
}

/** Makes an empty list. Throws slug_taken when a chosen slug is another's; Invalid for an unknown tag. */
export async function createList(
  db: Database,
  actor: Actor,
  input: Static<typeof NewList>
): Promise<ListView> {
  const isTaken = (error: unknown) => input.slug === undefined && refusalOf(error).constraint === 'lists_slug'
  return whileSlugIsTaken(isTaken, () =>
    db.transaction(async (tx) => {
      const id = uuid()
      const { titles, size, tail } = input
      const slug =
        input.slug ??
        (await freeSlug(textForSlug(titles), 'list', (slugs) =>
          tx.prisma.list.findMany({ where: { slug: { in: slugs } }, select: { slug: true } })
        ))
      const data = { id, slug, titles, size, ...tailColumns(tail ?? null) }
      await refusingUnknownTag(() => tx.prisma.list.create({ data }))
      await record(tx, actor, 'list.created', { id, slug, fields: Object.keys(input) })
      return getList(tx, id)
    })
  )
}

/** Changes a list, but not its items. Throws Stale, slug_taken; Invalid for an unknown tag. */
export async function changeList(
  db: Database,
  actor: Actor,
  check: Check,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof ListPatch>
): Promise<ListView> {
  return db.transaction(async (tx) => {
    const before = await lockList(tx, id, expected)
    const after = {
      slug: patch.slug ?? before.slug,
      titles: mergePatch(before.titles, patch.titles),
      size: patch.size ?? before.size,
      tail: patch.tail === undefined ? before.tail : patch.tail
    }
    check(MergedList, { titles: after.titles }, '')
    const fields = changedFields(before, after)
    if (fields.length === 0) return before
    const { tail, ...rest } = after
    const data = { ...rest, ...tailColumns(tail), version: { increment: 1 } }
    await refusingUnknownTag(() => tx.prisma.list.update({ where: { id }, data }))
    await record(tx, actor, 'list.updated', { id, slug: after.slug, fields })
    return getList(tx, id)
  })
}

/**
 * Replaces the items of a list. Throws Stale; Invalid for a story that is there twice or has no article outside the
 * trash, and for a `pinnedUntil` that is past and is not what the list has already.
 */
export async function setListItems(
  db: Database,
  actor: Actor,
  id: string,
  expected: ReadonlySet<number>,
  input: Static<typeof ListItems>
): Promise<ListView> {
  return db.transaction(async (tx) => {
    const before = await lockList(tx, id, expected)
    const twice = firstTwice(input.map(({ storyId }) => storyId))
    if (twice >= 0) throw Invalid(`/${twice}/storyId`, 'is there twice', 'unique_items')
    const told = await tx.query<Told>(tellOfItems, [JSON.stringify(input)])
    if (areSame(before.items, told)) return before
    for (const [index, item] of told.entries()) {
      // What stands in it already may stay and move, though its story was put in the trash.
      if (!item.known && !before.items.some(({ storyId }) => storyId === item.storyId))
        throw Invalid(`/${index}/storyId`, 'is not the story of an article outside the trash', 'unknown_id')
      if (item.past && !before.items.some((one) => isSame(one, item)))
        throw Invalid(`/${index}/pinnedUntil`, 'is in the past', 'in_the_past')
    }
    await tx.prisma.listItem.deleteMany({ where: { listId: id } })
    await tx.prisma.listItem.createMany({
      data: told.map(({ storyId, pinnedUntil }, position) => ({ listId: id, storyId, position, pinnedUntil }))
    })
    await tx.prisma.list.update({ where: { id }, data: { version: { increment: 1 } } })
    await record(tx, actor, 'list.updated', { id, slug: before.slug, fields: ['items'] })
    return getList(tx, id)
  })
}

/** Deletes a list with its items. Throws Stale. */
export async function deleteList(db: Database, actor: Actor, id: string, expected: ReadonlySet<number>) {
  await db.transaction(async (tx) => {
    const { slug } = await lockList(tx, id, expected)
    await tx.prisma.list.delete({ where: { id } })
    await record(tx, actor, 'list.deleted', { id, slug })
  })
}

/** Locks a list, so that its changes come one after another. Throws NotFound, Stale. */
async function lockList(tx: Transaction, id: string, expected: ReadonlySet<number>) {
  await tx.prisma.$queryRaw`SELECT FROM lists WHERE id = ${id}::uuid FOR UPDATE`
  const list = await getList(tx, id)
  refuseStale(expected, list.version)
  return list
}

/** Lists that are filled up from a tag that goes: from the one it was merged into, or with null no more. */
export async function moveTails(tx: Transaction, actor: Actor, tagId: string, into: string | null) {
  const lists = await tx.prisma.list.findMany({
    where: { tailTagId: tagId },
    select: { id: true, slug: true },
    orderBy: { id: 'asc' }
  })
  const tail = tailColumns(into === null ? null : { tag: into })
  for (const { id, slug } of lists) {
    await tx.prisma.list.update({ where: { id }, data: { ...tail, version: { increment: 1 } } })
    await record(tx, actor, 'list.updated', { id, slug, fields: ['tail'] })
  }
}

type Change = { id: string; slug: string; fields?: string[] }

async function record(tx: Transaction, actor: Actor, type: string, { id, slug, fields }: Change) {
  const payload = type === 'list.updated' ? { id, slug, fields: fields ?? [] } : { id, slug }
  await tell(tx, { type, subjectId: id, payload, surrogateKeys: [`list:${id}`] })
  await note(tx, actor, { action: type, resource: 'list', resourceId: id, ...(fields && { fields }) })
}

const tailColumns = (tail: Tail) => ({ tail: tail !== null, tailTagId: tail?.tag ?? null })

async function refusingUnknownTag(write: () => Promise<unknown>) {
  try {
    await write()
  } catch (error) {
    if (refusalOf(error).constraint === 'lists_tail_tag')
      throw Invalid('/tail/tag', 'is not a tag', 'unknown_id')
    throw error
  }
}

type Told = Item & { known: boolean; past: boolean }

/** Moments as the table keeps them, and compared with the clock of the database. */
const tellOfItems = {
  text: `
    SELECT e.story_id AS "storyId", e.pinned_until AS "pinnedUntil",
      EXISTS (SELECT FROM articles a WHERE a.story_id = e.story_id AND a.trashed_at IS NULL) AS known,
      coalesce(e.pinned_until <= clock_timestamp(), false) AS past
    FROM (
      SELECT (item ->> 'storyId')::uuid AS story_id, (item ->> 'pinnedUntil')::timestamptz(3) AS pinned_until, place
      FROM json_array_elements($1::json) WITH ORDINALITY AS given (item, place)
    ) e ORDER BY e.place`
}

const firstTwice = (ids: string[]) => ids.findIndex((id, index) => ids.indexOf(id) < index)

const isSame = (a: Item, b: Item) =>
  a.storyId === b.storyId && a.pinnedUntil?.getTime() === b.pinnedUntil?.getTime()

const areSame = (before: Item[], after: Item[]) =>
  before.length === after.length && before.every((item, index) => isSame(item, after[index] as Item))
