/** Authors: who signs. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import { authorKeys } from '../content/keys.ts'
import { live, NOW } from '../content/live.ts'
import { type Connection, type Database, refusalOf, type Transaction } from '../database/database.ts'
import { Prisma } from '../database/generated/client.ts'
import { tell } from '../events/outbox.ts'
import { Conflict, NotFound } from '../http/errors.ts'
import { changedFields, mergePatch } from '../http/merge.ts'
import type { Walk } from '../http/pagination.ts'
import { type GivenPicture, Picture, wholePicture } from '../http/picture.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { Check } from '../http/validation.ts'
import { freeSlug, whileSlugIsTaken } from '../slugs.ts'
import { type AuthorPatch, type AuthorQuery, Bios, type NewAuthor } from './schema.ts'

type AuthorView = {
  id: string
  slug: string
  name: string
  bios: Record<string, string>
  image: GivenPicture | null
  links: { label: string; url: string }[]
  userId: string | null
  articleCount: number
  version: number
  createdAt: Date
  updatedAt: Date
}

const view = `
  w.id, w.slug, w.name, w.bios, w.image, w.links, w.user_id AS "userId", w.version,
  w.created_at AS "createdAt", w.updated_at AS "updatedAt",
  (SELECT count(*)::int FROM publication_authors x JOIN publications p ON p.id = x.publication_id AND ${live('p', NOW)} WHERE x.author_id = w.id) AS "articleCount"`

export async function getAuthor(db: Connection, id: string): Promise<AuthorView> {
  const [author] = await db.query<AuthorView>(
    { name: 'get-author', text: `SELECT ${view} FROM authors w WHERE w.id = $1::uuid` },
    [id]
  )
  if (!author) throw NotFound('author')
  return { ...author, image: wholePicture(author.image) }
}

/** Authors by slug. */
export async function listAuthors(db: Database, query: Static<typeof AuthorQuery>, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset([{ sql: 'w.slug', type: 'text' }], false, values)
  const conditions = [where]
  if (query.q) {
    const prefix = `$${values.push(`${query.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`)}::text`
    conditions.push(`(lower(w.name) LIKE ${prefix} OR w.slug LIKE ${prefix})`)
  }
  const text = `SELECT ${view} FROM authors w WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<AuthorView>({ text }, values)
  return walk.page(
    rows.map((author) => ({ ...author, image: wholePicture(author.image) })),
    (author) => [author.slug]
  )
}

/** Makes an author. Throws slug_taken, user_taken. */
export async function createAuthor(
  db: Database,
  actor: Actor,
  input: Static<typeof NewAuthor>
): Promise<AuthorView> {
  const isTaken = (error: unknown) =>
    input.slug === undefined && refusalOf(error).constraint === 'authors_slug'
  return whileSlugIsTaken(isTaken, () =>
    db.transaction(async (tx) => {
      const id = uuid()
      const slug =
        input.slug ??
        (await freeSlug(input.name, 'author', (slugs) =>
          tx.prisma.author.findMany({ where: { slug: { in: slugs } }, select: { slug: true } })
        ))
      await tx.prisma.author.create({
        data: { ...input, id, slug, image: wholePicture(input.image) ?? Prisma.DbNull }
      })
      await tell(tx, {
        type: 'author.created',
        subjectId: id,
        payload: { id, slug },
        surrogateKeys: authorKeys(id, [slug])
      })
      await note(tx, actor, {
        action: 'author.created',
        resource: 'author',
        resourceId: id,
        fields: Object.keys(input)
      })
      return getAuthor(tx, id)
    })
  )
}

/** Changes an author. Throws Stale, slug_taken, user_taken. */
export async function changeAuthor(
  db: Database,
  actor: Actor,
  check: Check,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof AuthorPatch>
): Promise<AuthorView> {
  return db.transaction(async (tx) => {
    await tx.prisma.$queryRaw`SELECT FROM authors WHERE id = ${id}::uuid FOR UPDATE`
    const before = await getAuthor(tx, id)
    refuseStale(expected, before.version)
    const bios = mergePatch(before.bios, patch.bios)
    check(Bios, bios, '/bios')
    const image =
      patch.image === undefined
        ? before.image
        : patch.image && wholePicture({ ...before.image, ...patch.image })
    if (image) check(Picture, image, '/image')
    const after = {
      name: patch.name ?? before.name,
      slug: patch.slug ?? before.slug,
      bios,
      image,
      links: patch.links ?? before.links,
      userId: patch.userId === undefined ? before.userId : patch.userId
    }
    const fields = changedFields(before, after)
    if (fields.length === 0) return before
    await tx.prisma.author.update({
      where: { id },
      data: { ...after, image: image ?? Prisma.DbNull, version: { increment: 1 } }
    })
    await tell(tx, {
      type: 'author.updated',
      subjectId: id,
      payload: { id, slug: after.slug, fields },
      surrogateKeys: authorKeys(id, after.slug === before.slug ? [] : [before.slug, after.slug])
    })
    await note(tx, actor, { action: 'author.updated', resource: 'author', resourceId: id, fields })
    return getAuthor(tx, id)
  })
}

/** Deletes an author. Throws author_in_use while articles, live or not, are signed by them. */
export async function deleteAuthor(db: Database, actor: Actor, id: string, expected: ReadonlySet<number>) {
  await db.transaction(async (tx) => {
    const [author] = await tx.prisma.$queryRaw<{ version: number; slug: string }[]>`
      SELECT version, slug FROM authors WHERE id = ${id}::uuid FOR UPDATE`
    if (!author) throw NotFound('author')
    refuseStale(expected, author.version)
    // Nobody can sign anything as this author while its row is locked: what is counted here is all there is.
    const signed = await tx.prisma.articleAuthor.count({ where: { authorId: id } })
    const published = await tx.prisma.publicationAuthor.count({ where: { authorId: id } })
    if (signed + published > 0) {
      throw Conflict(
        'author_in_use',
        `${signed} articles and ${published} publications are signed by this author.`
      )
    }
    await tx.prisma.author.delete({ where: { id } })
    await tell(tx, {
      type: 'author.deleted',
      subjectId: id,
      payload: { id, slug: author.slug },
      surrogateKeys: authorKeys(id, [author.slug])
    })
    await note(tx, actor, { action: 'author.deleted', resource: 'author', resourceId: id })
  })
}

/** Of the authors a revision had, those there are now, and those that were deleted. Locked, so that they stay. */
export async function presentAuthors(tx: Transaction, ids: string[]) {
  const rows = await tx.query<{ id: string }>(lockPresent, [ids])
  const isThere = (id: string) => rows.some((row) => row.id === id)
  return { present: ids.filter(isThere), gone: ids.filter((id) => !isThere(id)) }
}

const lockPresent = { text: 'SELECT id FROM authors WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE' }
