/** Writing a version of an article's content: its row, its tags and authors, and the revision that keeps it. */

import { countWords } from '../body/render.ts'
import type { Connection, Transaction } from '../database/database.ts'
import { Prisma } from '../database/generated/client.ts'
import type { Caller } from '../http/access.ts'
import { Forbidden, Invalid } from '../http/errors.ts'
import { type Content, contentHashOf } from './content.ts'
import type { Locked } from './locking.ts'
import { isOwn } from './reading.ts'

type Revised = { slugGenerated: boolean; message?: string; restoredFrom?: number }

/** The next version of a locked article. Answers with its number. Throws Invalid for unknown tags and authors. */
export async function writeVersion(
  tx: Transaction,
  user: Caller,
  article: Locked,
  content: Content,
  { slugGenerated, message, restoredFrom }: Revised
): Promise<number> {
  const { id } = article
  if (user.role === 'contributor' && !isOwn(user, { createdBy: article.createdBy, authors: content.authors }))
    throw Forbidden('Without your byline the article would no longer be yours: ask an editor to take it off.')
  refuseTwice(content)
  await refuseUnknownIds(tx, content)
  const version = article.version + 1
  await tx.prisma.article.update({ where: { id }, data: { ...columnsOf(content), slugGenerated, version } })
  await setTagsAndAuthors(tx, id, content)
  await writeRevision(tx, id, version, content, user.id, { message, restoredFrom })
  return version
}

/** The columns of the articles table that hold content. */
export function columnsOf(whole: Content) {
  const { authors: _, tags: __, source, image, rights, ...content } = whole
  return {
    ...content,
    source: source ?? Prisma.DbNull,
    image: image ?? Prisma.DbNull,
    rights: rights ?? Prisma.DbNull,
    wordCount: countWords(content.body),
    contentHash: contentHashOf(whole)
  }
}

export async function setTagsAndAuthors(tx: Transaction, articleId: string, { tags, authors }: Content) {
  await tx.prisma.articleTag.deleteMany({ where: { articleId } })
  await tx.prisma.articleAuthor.deleteMany({ where: { articleId } })
  await tx.prisma.articleTag.createMany({
    data: tags.map((tagId, position) => ({ articleId, tagId, position }))
  })
  await tx.prisma.articleAuthor.createMany({
    data: authors.map((authorId, position) => ({ articleId, authorId, position }))
  })
}

export async function writeRevision(
  tx: Transaction,
  articleId: string,
  version: number,
  content: Content,
  createdBy: string,
  { message, restoredFrom }: { message?: string; restoredFrom?: number }
) {
  const contentHash = contentHashOf(content)
  await tx.prisma.revision.createMany({
    data: { articleId, version, content, contentHash, message, restoredFrom, createdBy }
  })
}

/** Throws Invalid for a tag or author that is named twice. */
export function refuseTwice({ tags, authors }: Pick<Content, 'tags' | 'authors'>) {
  for (const [name, ids] of Object.entries({ tags, authors })) {
    const twice = ids.findIndex((id, index) => ids.indexOf(id) < index)
    if (twice >= 0) throw Invalid(`/${name}/${twice}`, 'is there twice', 'unique_items')
  }
}

/** Says which id is not there; the foreign keys would only say that one is not. */
export async function refuseUnknownIds(db: Connection, { tags, authors }: Content) {
  const knownTags =
    tags.length > 0 ? await db.prisma.tag.findMany({ where: { id: { in: tags } }, select: { id: true } }) : []
  const knownAuthors =
    authors.length > 0
      ? await db.prisma.author.findMany({ where: { id: { in: authors } }, select: { id: true } })
      : []
  for (const [name, ids, known] of [
    ['tags', tags, knownTags],
    ['authors', authors, knownAuthors]
  ] as const) {
    const there = new Set(known.map((row) => row.id))
    const missing = ids.findIndex((id) => !there.has(id))
    if (missing >= 0) throw Invalid(`/${name}/${missing}`, 'is not the id of one', 'unknown_id')
  }
}
