/** Two tags that mean the same become one, and what named the other names the one that stays. */
import { type Actor, note } from '../audit/audit.ts'
import { tagKeys } from '../content/keys.ts'
import type { Database, Transaction } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import { Invalid, NotFound } from '../http/errors.ts'
import { changedFields } from '../http/merge.ts'
import type { Check } from '../http/validation.ts'
import { moveTails } from '../lists/lists.ts'
import { MergedTag } from './schema.ts'
import { articlesWith, getTag, lockArticlesWith, shownWith, type TagView, tellOfParent } from './tags.ts'

/**
 * Merges a tag into another: working copies and publications move, its slugs become aliases, names it has in other
 * locales are taken over, tags below it stand below the survivor, and it is gone. Changes no article's version.
 * Repeated, it answers with the survivor again. Throws NotFound, Invalid for an `into` that is not another tag.
 */
export async function mergeTag(
  db: Database,
  actor: Actor,
  check: Check,
  id: string,
  into: string
): Promise<TagView> {
  if (id === into) throw Invalid('/into', 'is the tag itself', 'same')
  return db.transaction(async (tx) => {
    await lockArticlesWith(tx, id)
    // In one order, so that two merges never wait for each other.
    const locked = await tx.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM tags WHERE id IN (${id}::uuid, ${into}::uuid) ORDER BY id FOR UPDATE`
    const there = (tag: string) => locked.some((row) => row.id === tag)
    if (!there(id)) return alreadyMerged(tx, id, into)
    if (!there(into)) throw Invalid('/into', 'is not a tag', 'unknown_id')
    const [gone, survivor] = [await getTag(tx, id), await getTag(tx, into)]

    const articleIds = await articlesWith(tx, id)
    const shownIn = await shownWith(tx, id)
    await moveTagged(tx, 'article_tags', 'article_id', id, into)
    await moveTagged(tx, 'publication_tags', 'publication_id', id, into)
    await moveTails(tx, actor, id, into)
    const lists = await tx.prisma.list.findMany({ where: { tailTagId: into }, select: { id: true } })
    await moveChildren(tx, actor, gone, survivor)
    await tx.prisma.tagMerge.updateMany({ where: { intoId: id }, data: { intoId: into } })
    await tx.prisma.tag.delete({ where: { id } })
    await tx.prisma.tagMerge.create({ data: { fromId: id, intoId: into } })

    const aliases = new Set([...survivor.aliases, gone.slug, ...gone.aliases])
    const texts = {
      names: { ...gone.names, ...survivor.names },
      descriptions: { ...gone.descriptions, ...survivor.descriptions },
      aliases: [...aliases].filter((alias) => alias !== survivor.slug)
    }
    check(MergedTag, texts, '/into')
    await tx.prisma.tag.update({ where: { id: into }, data: { ...texts, version: { increment: 1 } } })
    const merged = await getTag(tx, into)
    const fields = changedFields(survivor, { ...texts, parentId: merged.parentId })
    await tell(tx, {
      type: 'tag.merged',
      subjectId: into,
      payload: { id, slug: gone.slug, into, articleIds, shownIn, fields },
      surrogateKeys: [
        ...tagKeys(id, [gone.slug, ...gone.aliases]),
        ...tagKeys(into, [survivor.slug, ...survivor.aliases]),
        ...lists.map((list) => `list:${list.id}`)
      ]
    })
    await note(tx, actor, { action: 'tag.merged', resource: 'tag', resourceId: into, fields })
    return merged
  })
}

/** The merge was done before, perhaps into one that was merged itself since. */
async function alreadyMerged(tx: Transaction, id: string, into: string): Promise<TagView> {
  const merges = await tx.prisma.tagMerge.findMany({ where: { fromId: { in: [id, into] } } })
  const whereTo = (tag: string) => merges.find(({ fromId }) => fromId === tag)?.intoId
  const survivor = whereTo(id)
  if (!survivor || (survivor !== into && survivor !== whereTo(into))) throw NotFound('tag')
  return getTag(tx, survivor)
}

/** What has both keeps one, in the place of the first of them. */
async function moveTagged(
  tx: Transaction,
  table: 'article_tags' | 'publication_tags',
  owner: 'article_id' | 'publication_id',
  id: string,
  into: string
) {
  const both = `f.tag_id = $1::uuid AND s.tag_id = $2::uuid AND f.${owner} = s.${owner}`
  await tx.query(
    {
      text: `UPDATE ${table} s SET position = f.position FROM ${table} f WHERE ${both} AND f.position < s.position`
    },
    [id, into]
  )
  await tx.query({ text: `DELETE FROM ${table} f USING ${table} s WHERE ${both}` }, [id, into])
  await tx.query({ text: `UPDATE ${table} SET tag_id = $2::uuid WHERE tag_id = $1::uuid` }, [id, into])
}

/** Tags below the one that goes: below the survivor, but for those the survivor is itself below, which move up. */
async function moveChildren(tx: Transaction, actor: Actor, gone: TagView, survivor: TagView) {
  const above = await tx.query<{ id: string }>(
    {
      text: `
        WITH RECURSIVE above AS (
          SELECT id, parent_id FROM tags WHERE id = $1::uuid
          UNION SELECT t.id, t.parent_id FROM tags t JOIN above a ON t.id = a.parent_id
        ) SELECT id FROM above`
    },
    [survivor.id]
  )
  const children = await tx.prisma.tag.findMany({ where: { parentId: gone.id }, select: { id: true } })
  const isAbove = (id: string) => above.some((row) => row.id === id)
  // Those above the survivor first: the others then close no circle.
  for (const child of children.toSorted((a, b) => Number(isAbove(b.id)) - Number(isAbove(a.id)))) {
    const parentId = isAbove(child.id) ? gone.parentId : survivor.id
    const version = child.id === survivor.id ? undefined : { increment: 1 }
    await tx.prisma.tag.update({ where: { id: child.id }, data: { parentId, version } })
    if (child.id !== survivor.id) await tellOfParent(tx, actor, child.id)
  }
}

/**
 * Of the tags a revision had, those there are now: merged ones as what they went into, each once, in their order; and
 * those that were deleted. Locked, so that they stay until the transaction ends.
 */
export async function presentTags(
  tx: Transaction,
  ids: string[]
): Promise<{ present: string[]; gone: string[] }> {
  for (let attempt = 1; ; attempt++) {
    const rows = await tx.query<{ was: string; id: string }>(lockPresent, [ids])
    const gone = ids.filter((id) => !rows.some(({ was }) => was === id))
    // One that was waited for while it was merged is found under its new name by another look.
    if (gone.length > 0 && attempt < 3 && (await tx.query(lockPresent, [gone])).length > 0) continue
    const present = ids.flatMap((id) => rows.find(({ was }) => was === id)?.id ?? [])
    return { present: [...new Set(present)], gone }
  }
}

const lockPresent = {
  text: `
    SELECT g.id AS was, t.id FROM unnest($1::uuid[]) AS g (id)
    LEFT JOIN tag_merges m ON m.from_id = g.id JOIN tags t ON t.id = coalesce(m.into_id, g.id)
    ORDER BY t.id FOR KEY SHARE OF t`
}
