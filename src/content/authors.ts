/** Those who signed live articles. */
import type { Static } from 'typebox'
import type { Reader } from '../database/database.ts'
import type { Walk } from '../http/pagination.ts'
import { type GivenPicture, wholePicture } from '../http/picture.ts'
import type { AuthorsQuery } from './author-schema.ts'
import { type Counted, findCounted, listCounted } from './counted.ts'
import { bestText } from './live.ts'

type AuthorRow = {
  /** Not shown. */
  id: string
  slug: string
  name: string
  bio: string | null
  locale: string | null
  image: GivenPicture | null
  links: { label: string; url: string }[]
  articleCount: number
}

const authors: Counted = {
  name: 'content-author',
  table: 'public_authors',
  as: 'a',
  publications: `FROM publication_authors x WHERE x.author_id = a.id`,
  bySlug: `SELECT id FROM public_authors WHERE slug = $1::text`,
  columns: 'a.id, a.slug, a.name, b.value AS bio, b.key AS locale, a.image, a.links',
  from: `LEFT JOIN ${bestText('a.bios', 'asked.chain')} b ON true`
}

const shown = (author: AuthorRow) => ({ ...author, image: wholePicture(author.image) })

/** By slug, with how many live articles of the locale each signed. */
export async function listLiveAuthors(db: Reader, query: Static<typeof AuthorsQuery>, walk: Walk) {
  const { data, page } = await listCounted<AuthorRow>(db, authors, query, walk)
  return { data: data.map(shown), page }
}

/** The author of this slug; null when they signed no live article of the locale. */
export async function findLiveAuthor(db: Reader, slug: string, query: { locale?: string; at?: string }) {
  const author = await findCounted<AuthorRow>(db, authors, slug, query)
  return author && shown(author)
}
