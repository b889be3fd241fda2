/** Tags: what stories are about. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import { tagKeys } from '../content/keys.ts'
import { live, NOW } from '../content/live.ts'
import { type Connection, type Database, refusalOf, type Transaction } from '../database/database.ts'
import type { TagKind } from '../database/generated/enums.ts'
import { tell } from '../events/outbox.ts'
import { Conflict, Invalid, NotFound } from '../http/errors.ts'
import { changedFields, mergePatch } from '../http/merge.ts'
import type { Walk } from '../http/pagination.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { Check } from '../http/validation.ts'
import { moveTails } from '../lists/lists.ts'
import { freeSlug, textForSlug, whileSlugIsTaken } from '../slugs.ts'
import { MergedTag, type NewTag, type TagPatch, type TagQuery } from './schema.ts'

type Texts = Record<string, string>

export type TagView = {
  id: string
  kind: TagKind
  slug: string
  names: Texts
  descriptions: Texts
  parentId: string | null
  aliases: string[]
  articleCount: number
  version: number
  createdAt: Date
  updatedAt: Date
}

const view = `
  t.id, t.kind, t.slug, t.names, t.descriptions, t.parent_id AS "parentId", t.aliases, t.version,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt",
  (SELECT count(*)::int FROM publication_tags x JOIN publications p ON p.id = x.publication_id AND ${live('p', NOW)} WHERE x.tag_id = t.id) AS "articleCount"`

export async function getTag(db: Connection, id: string): Promise<TagView> {
  const [tag] = await db.query<TagView>(
    { name: 'get-tag', text: `SELECT ${view} FROM tags t WHERE t.id = $1::uuid` },
    [id]
  )
  if (!tag) throw NotFound('tag')
  return tag
}

/** Tags by slug. `q` finds the beginning of a name in any locale, of a slug or of an alias. */
export async function listTags(db: Database, query: Static<typeof TagQuery>, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset([{ sql: 't.slug', type: 'text' }], false, values)
  const conditions = [where]
  if (query.kind) conditions.push(`t.kind = $${values.push(query.kind)}::tag_kind`)
  if (query.parentId) conditions.push(`t.parent_id = $${values.push(query.parentId)}::uuid`)
  if (query.locale) conditions.push(`t.names ? $${values.push(query.locale)}::text`)
  if (query.q) {
    const prefix = `$${values.push(`${query.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`)}::text`
    conditions.push(
      `(EXISTS (SELECT FROM jsonb_each_text(t.names) n WHERE lower(n.value) LIKE ${prefix})
        OR EXISTS (SELECT FROM tag_slugs s WHERE s.tag_id = t.id AND s.slug LIKE ${prefix}))`
    )
  }
  const text = `SELECT ${view} FROM tags t WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<TagView>({ text }, values), (tag) => [tag.slug])
}

/** Makes a tag. Throws slug_taken when a chosen slug or alias is another's. */
export async function createTag(db: Database, actor: Actor, input: Static<typeof NewTag>): Promise<TagView> {
  const isTaken = async (error: unknown) =>
    input.slug === undefined &&
    refusalOf(error).constraint === 'tag_slugs_slug' &&
    // Aliases are chosen: when one of them is taken, another slug does not help.
    (await db.prisma.tagSlug.count({ where: { slug: { in: input.aliases ?? [] } } })) === 0
  return whileSlugIsTaken(isTaken, () =>
    db.transaction(async (tx) => {
      const id = uuid()
      const slug = input.slug ?? (await freeTagSlug(tx, input.names))
      const aliases = (input.aliases ?? []).filter((alias) => alias !== slug)
      try {
        await tx.prisma.tag.create({
          data: { ...input, id, slug, aliases, parentId: input.parentId ?? null }
        })
      } catch (error) {
        if (refusalOf(error).constraint === 'tags_parent')
          throw Invalid('/parentId', 'is not a tag', 'unknown_id')
        throw error
      }
      await tell(tx, {
        type: 'tag.created',
        subjectId: id,
        payload: { id, slug },
        surrogateKeys: tagKeys(id, [slug, ...aliases])
      })
      await note(tx, actor, {
        action: 'tag.created',
        resource: 'tag',
        resourceId: id,
        fields: Object.keys(input)
      })
      return getTag(tx, id)
    })
  )
}

const freeTagSlug = (tx: Transaction, names: Texts) =>
  freeSlug(textForSlug(names), 'tag', (slugs) =>
    tx.prisma.tagSlug.findMany({ where: { slug: { in: slugs } }, select: { slug: true } })
  )

/** Changes a tag; a slug given up stays its alias. Throws Stale, slug_taken, tag_cycle. */
export async function changeTag(
  db: Database,
  actor: Actor,
  check: Check,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof TagPatch>
): Promise<TagView> {
  return db.transaction(async (tx) => {
    // NO KEY: a child that names this tag as its parent need not wait, so that two of them never wait for each other.
    await tx.prisma.$queryRaw`SELECT FROM tags WHERE id = ${id}::uuid FOR NO KEY UPDATE`
    const before = await getTag(tx, id)
    refuseStale(expected, before.version)
    const names = mergePatch(before.names, patch.names)
    const descriptions = mergePatch(before.descriptions, patch.descriptions)
    const slug = patch.slug ?? before.slug
    const aliases = new Set(patch.aliases ?? before.aliases)
    if (slug !== before.slug) aliases.add(before.slug)
    aliases.delete(slug)
    check(MergedTag, { names, descriptions, aliases: [...aliases] }, '')
    const after = {
      kind: patch.kind ?? before.kind,
      slug,
      names,
      descriptions,
      parentId: patch.parentId === undefined ? before.parentId : patch.parentId,
      aliases: [...aliases]
    }
    const fields = changedFields(before, after)
    if (fields.length === 0) return before
    try {
      await tx.prisma.tag.update({ where: { id }, data: { ...after, version: { increment: 1 } } })
    } catch (error) {
      if (refusalOf(error).constraint === 'tags_parent')
        throw Invalid('/parentId', 'is not a tag', 'unknown_id')
      throw error
    }
    await tell(tx, {
      type: 'tag.updated',
      subjectId: id,
      payload: { id, slug, fields },
      surrogateKeys: tagKeys(id, slugsMoved(before, after))
    })
    await note(tx, actor, { action: 'tag.updated', resource: 'tag', resourceId: id, fields })
    return getTag(tx, id)
  })
}

/** What the tag answers to no longer, or only now: who lists its articles by that must look again. */
function slugsMoved(before: Pick<TagView, 'slug' | 'aliases'>, after: Pick<TagView, 'slug' | 'aliases'>) {
  const [was, is] = [before, after].map(({ slug, aliases }) => new Set([slug, ...aliases]))
  return [...(was as Set<string>), ...(is as Set<string>)].filter((slug) => !was?.has(slug) || !is?.has(slug))
}

/**
 * Deletes a tag. Throws tag_in_use while articles, lists or tags below use it, unless `force`d: then articles and
 * publications lose it (no version changes: revisions keep what they had), and tags below lose their parent.
 */
export async function deleteTag(
  db: Database,
  actor: Actor,
  id: string,
  expected: ReadonlySet<number>,
  force: boolean
) {
  await db.transaction(async (tx) => {
    if (force) await lockArticlesWith(tx, id)
    const [tag] = await tx.prisma.$queryRaw<
      { version: number; slug: string; aliases: string[] }[]
    >`SELECT version, slug, aliases FROM tags WHERE id = ${id}::uuid FOR UPDATE`
    if (!tag) throw NotFound('tag')
    refuseStale(expected, tag.version)
    const articleIds = await articlesWith(tx, id)
    const children = await tx.prisma.tag.findMany({ where: { parentId: id }, select: { id: true } })
    const lists = await tx.prisma.list.count({ where: { tailTagId: id } })
    if (!force && articleIds.length + children.length + lists > 0) {
      throw Conflict(
        'tag_in_use',
        `${articleIds.length} articles, ${children.length} tags below it and ${lists} lists use this tag.`
      )
    }
    const shownIn = await shownWith(tx, id)
    await tx.prisma.articleTag.deleteMany({ where: { tagId: id } })
    await tx.prisma.publicationTag.deleteMany({ where: { tagId: id } })
    await moveTails(tx, actor, id, null)
    for (const child of children) {
      await tx.prisma.tag.update({
        where: { id: child.id },
        data: { parentId: null, version: { increment: 1 } }
      })
      await tellOfParent(tx, actor, child.id)
    }
    await tx.prisma.tag.delete({ where: { id } })
    await tell(tx, {
      type: 'tag.deleted',
      subjectId: id,
      payload: { id, slug: tag.slug, articleIds, shownIn },
      surrogateKeys: tagKeys(id, [tag.slug, ...tag.aliases])
    })
    await note(tx, actor, { action: 'tag.deleted', resource: 'tag', resourceId: id })
  })
}

/** Articles that have the tag, in their working copy or on their timeline. */
export async function articlesWith(tx: Transaction, tagId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    {
      text: `SELECT article_id AS id FROM article_tags WHERE tag_id = $1::uuid
        UNION SELECT article_id FROM publication_tags WHERE tag_id = $1::uuid`
    },
    [tagId]
  )
  return rows.map(({ id }) => id)
}

/** Publications with the tag that readers see now, or will. */
export async function shownWith(tx: Transaction, tagId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    {
      text: `SELECT p.id FROM publication_tags x JOIN publications p ON p.id = x.publication_id
        WHERE x.tag_id = $1::uuid AND (p.live_until IS NULL OR p.live_until > now())`
    },
    [tagId]
  )
  return rows.map(({ id }) => id)
}

/**
 * Locks the articles that have the tag. Whoever changes an article locks it first and its tags after it; who changes what
 * has a tag does so too: neither waits for the other in a circle, nor writes back a tag that is gone.
 */
export async function lockArticlesWith(tx: Transaction, tagId: string) {
  await tx.query(
    {
      text: `SELECT id FROM articles WHERE id IN (
          SELECT article_id FROM article_tags WHERE tag_id = $1::uuid
          UNION SELECT article_id FROM publication_tags WHERE tag_id = $1::uuid
        ) ORDER BY id FOR UPDATE`
    },
    [tagId]
  )
}

/** A tag that stands elsewhere because the one above it went. */
export async function tellOfParent(tx: Transaction, actor: Actor, id: string) {
  const fields = ['parentId']
  const { slug } = await getTag(tx, id)
  await tell(tx, {
    type: 'tag.updated',
    subjectId: id,
    payload: { id, slug, fields },
    surrogateKeys: tagKeys(id, [])
  })
  await note(tx, actor, { action: 'tag.updated', resource: 'tag', resourceId: id, fields })
}
