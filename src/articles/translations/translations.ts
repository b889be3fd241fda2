/** The same story in other languages. Each is an article of its own: its slug, its versions, its timeline. */
import type { Static } from 'typebox'
import type { Actor } from '../../audit/audit.ts'
import type { Database, Transaction } from '../../database/database.ts'
import type { Caller } from '../../http/access.ts'
import { Conflict } from '../../http/errors.ts'
import { slugFrom } from '../../slugs.ts'
import { queuedSlug, whileSlugsMove } from '../article-slugs.ts'
import { contentFrom, inOrder, translated } from '../content.ts'
import { lockArticle, refuseTrashed } from '../locking.ts'
import type { ArticleView } from '../reading.ts'
import { writeArticle } from '../writing.ts'
import type { NewTranslation } from './schema.ts'

/**
 * Begins a translation: a new draft of the same story, with what is given and otherwise what the article has now.
 * Throws translation_exists, article_trashed, slug_taken; Invalid for unknown tags and authors.
 */
export async function translateArticle(
  db: Database,
  actor: Actor,
  user: Caller,
  id: string,
  input: Static<typeof NewTranslation>
): Promise<ArticleView> {
  const { locale, slug, message } = input
  return whileSlugsMove(slug === undefined, () =>
    db.transaction(async (tx) => {
      const article = await lockArticle(tx, user, id)
      refuseTrashed(article)
      if (locale === article.locale)
        throw Conflict('translation_exists', `This is the story’s article in ${locale}.`)
      await queueForStory(tx, article.storyId, locale)
      const content = translated(contentFrom(article), input)
      return writeArticle(tx, tx.query, actor, user, {
        storyId: article.storyId,
        translationOf: id,
        locale,
        slugGenerated: slug === undefined,
        message,
        content: inOrder({
          ...content,
          slug: slug ?? (await queuedSlug(tx, locale, slugFrom(content.headline, 'article'), null))
        }),
        fields: ['storyId', ...Object.keys(input)]
      })
    })
  )
}

/** From different articles of a story, into one language: one after another, or they deadlock at the constraint. */
async function queueForStory(tx: Transaction, storyId: string, locale: string) {
  await tx.prisma.$queryRaw`SELECT pg_advisory_xact_lock(hashtext(${`story ${locale} ${storyId}`}))::text`
}
