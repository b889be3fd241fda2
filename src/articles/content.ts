/** An article's content: what a revision holds, what a publication copies, what makes a new version. */
import { createHash } from 'node:crypto'
import type { Static } from 'typebox'
import type { StoredBlock } from '../body/input.ts'
import { readBody } from '../body/input.ts'
import { type GivenPicture, wholePicture } from '../http/picture.ts'
import type { ArticlePatch, NewArticle, Rights, Seo, Source } from './schema.ts'
import type { NewTranslation } from './translations/schema.ts'

export type Content = {
  headline: string
  kicker: string
  standfirst: string
  body: StoredBlock[]
  slug: string
  authors: string[]
  tags: string[]
  source: Static<typeof Source> | null
  image: ReturnType<typeof wholePicture>
  dateline: string
  breaking: boolean
  accessibleForFree: boolean
  sensitive: boolean
  seo: Static<typeof Seo>
  rights: Static<typeof Rights> | null
}

const noSeo = { title: null, description: null, canonicalUrl: null }
const noRights = { licence: null, notice: null }

/** The content of a new article; the slug is still to be made when none was chosen. */
export function contentOf(input: Static<typeof NewArticle>): Omit<Content, 'slug'> {
  return inOrder({
    headline: input.headline,
    kicker: input.kicker ?? '',
    standfirst: input.standfirst ?? '',
    body: input.body ? readBody(input.body) : [],
    authors: input.authors ?? [],
    tags: input.tags ?? [],
    source: input.source ?? null,
    image: wholePicture(input.image as GivenPicture | null | undefined),
    dateline: input.dateline ?? '',
    breaking: input.breaking ?? false,
    accessibleForFree: input.accessibleForFree ?? true,
    sensitive: input.sensitive ?? false,
    seo: { ...noSeo, ...input.seo },
    rights: input.rights ? { ...noRights, ...input.rights } : null
  })
}

/** The content of a working copy as it was read. */
export function contentFrom(article: Omit<Content, 'body'> & { body: { blocks: StoredBlock[] } }): Content {
  return inOrder({ ...article, body: article.body.blocks })
}

/** A merge patch over the content there is. The members of `source` and `image` may be incomplete: check them. */
export function patched(before: Content, { message: _, ...patch }: Static<typeof ArticlePatch>): Content {
  const { source, image, seo, rights, body, slug, ...plain } = patch
  return inOrder({
    ...before,
    ...plain,
    ...(slug && { slug }),
    ...(body && { body: readBody(body) }),
    ...(source !== undefined && { source: source && ({ ...before.source, ...source } as Content['source']) }),
    ...(image !== undefined && {
      image: image && wholePicture({ ...before.image, ...(image as GivenPicture) })
    }),
    ...(seo && { seo: { ...before.seo, ...seo } }),
    ...(rights !== undefined && { rights: rights && { ...noRights, ...before.rights, ...rights } })
  })
}

/**
 * What a translation begins with: what is given, and for the rest what the article has. Its slug is still to be made, and
 * the address search engines go to is its own.
 */
export function translated(source: Content, given: Static<typeof NewTranslation>): Omit<Content, 'slug'> {
  const { slug: _, ...copied } = { ...source, seo: { ...source.seo, canonicalUrl: null } }
  const begun = contentOf({ ...given, headline: given.headline ?? source.headline })
  const chosen = Object.entries(begun).filter(([field]) => Object.hasOwn(given, field))
  return inOrder({ ...copied, ...Object.fromEntries(chosen) })
}

const FIELDS = [
  'headline',
  'kicker',
  'standfirst',
  'body',
  'slug',
  'authors',
  'tags',
  'source',
  'image',
  'dateline',
  'breaking',
  'accessibleForFree',
  'sensitive',
  'seo',
  'rights'
] as const satisfies (keyof Content)[]

/** The content fields and nothing else, in one order, ids in one case, so that equal contents are equal text. */
export function inOrder<T extends Omit<Content, 'slug'>>(content: T): T {
  const { authors, tags, source, seo, rights } = content
  const picked = Object.fromEntries(
    FIELDS.filter((field) => field in content).map((field) => [field, (content as unknown as Content)[field]])
  )
  return {
    ...(picked as T),
    authors: authors.map((id) => id.toLowerCase()),
    tags: tags.map((id) => id.toLowerCase()),
    source: source && { name: source.name, url: source.url },
    seo: { title: seo.title, description: seo.description, canonicalUrl: seo.canonicalUrl },
    rights: rights && { licence: rights.licence, notice: rights.notice }
  }
}

const HASHED = FIELDS.filter((field) => field !== 'tags')

/**
 * Whether two contents are the same: SHA-256 over all fields but tags, in one order. Tags are compared where they
 * stand, because merging and deleting them moves those of working copies and publications alike.
 */
export function contentHashOf(content: Content): string {
  return createHash('sha256')
    .update(JSON.stringify(HASHED.map((field) => content[field])))
    .digest('base64url')
}

/** Names of the content fields that differ. */
export function changedContent(before: Content, after: Content): string[] {
  return FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
}
