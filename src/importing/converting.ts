/** An article of another system as what an editor would send. Nothing of the database is asked here. */
import type { Static } from 'typebox'
import type { NewArticle } from '../articles/schema.ts'
import type { GivenBlock } from '../body/schema.ts'
import { matchTemplate, pathOf } from '../content/paths.ts'
import { fitSlug, webAddress } from './fitting.ts'
import type { ForeignArticle } from './foreign.ts'
import { readLeniently } from './lenient.ts'
import type { Run } from './run.ts'
import { cut } from './texts.ts'

export type Converted = {
  key: string
  input: Static<typeof NewArticle>
  /** The slug it would like to have; null: one made from its headline. */
  slug: string | null
  /** When it went live, and when it was last changed after that, which readers are told; none of a working copy. */
  moments: Date[]
  paths: string[]
  lost: string[]
}

const MOST_AUTHORS = 20
const MOST_TAGS = 50
const MINUTE = 60_000

export function converted(run: Run, article: ForeignArticle): Converted {
  const { lost, seo } = article
  const isBlocks = article.html.includes('<!-- wp:')
  const blocks = readLeniently(article.html, {
    base: run.base,
    lost,
    newlines: article.raw && !isBlocks,
    embeds: article.raw
  })
  const standfirst = cut(article.standfirst, 1000, 'standfirst', lost)
  const headline = cut(article.headline, 300, 'headline', lost) || headlineFrom(standfirst, blocks)
  if (!article.headline) lost.add('has no headline: made from its text')
  const imageUrl = article.image ? webAddress(article.image.url, run.base, 'featured image', lost) : null
  const canonicalUrl = seo.canonicalUrl
    ? webAddress(seo.canonicalUrl, run.base, 'canonical address', lost)
    : null
  const fitted = fitSlug(article.slug, 'article')
  if (fitted !== null && fitted !== article.slug)
    lost.add(`slug changed to fit: ${article.slug.slice(0, 100)}`)
  return {
    key: article.key,
    slug: fitted,
    input: {
      locale: run.locale,
      headline,
      standfirst,
      body: { blocks },
      authors: known(run.authors, article.authors, MOST_AUTHORS, 'author', lost.add),
      tags: known(run.tags, article.tags, MOST_TAGS, 'tag', lost.add),
      accessibleForFree: article.accessibleForFree,
      ...(imageUrl && {
        image: {
          url: imageUrl,
          alt: cut(article.image?.alt ?? '', 500, 'description of the image', lost),
          caption: cut(article.image?.caption ?? '', 1000, 'caption of the image', lost) || null
        }
      }),
      seo: {
        title: cut(seo.title, 300, 'title for search engines', lost) || null,
        description: cut(seo.description, 1000, 'description for search engines', lost) || null,
        canonicalUrl
      },
      message: `Imported from ${run.source}`.slice(0, 500)
    },
    moments: momentsOf(run, article),
    paths: pathsOf(run, article),
    lost: lost.lines()
  }
}

function known(
  ids: Map<string, string>,
  keys: string[],
  most: number,
  what: string,
  tell: (text: string) => void
) {
  const found = [...new Set(keys.flatMap((key) => ids.get(key) ?? []))]
  for (const key of keys) if (!ids.has(key)) tell(`${what} that is not kept: ${key.slice(0, 100)}`)
  if (found.length > most) tell(`more than ${most} ${what}s: the others left out`)
  return found.slice(0, most)
}

function headlineFrom(standfirst: string, blocks: GivenBlock[]): string {
  const text = blocks
    .flatMap((block) => (block._type === 'block' ? block.children.map(({ text }) => text) : []))
    .join(' ')
  const words = (standfirst || text).replace(/\s+/g, ' ').trim()
  if (!words) return 'Untitled'
  return words.length <= 80
    ? words
    : `${words.slice(0, Math.max(words.lastIndexOf(' ', 79), 40)).replace(/[\uD800-\uDBFF]$/, '')}…`
}

function momentsOf(run: Run, { liveFrom, changedAt, dates, lost }: ForeignArticle): Date[] {
  if (!liveFrom) {
    const told = [...dates, changedAt].flatMap((date) => (date ? [date.toISOString()] : []))
    if (told.length > 0)
      lost.add(`dates of what is not published are not kept: ${[...new Set(told)].join(', ')}`)
    return []
  }
  const isLater =
    changedAt !== null && changedAt.getTime() > liveFrom.getTime() + MINUTE && changedAt <= run.now
  if (changedAt && changedAt > run.now && liveFrom <= run.now)
    lost.add(`date of a change that lies ahead is not kept: ${changedAt.toISOString()}`)
  if (liveFrom > run.now) lost.add('scheduled: goes live when its date comes')
  return isLater ? [liveFrom, changedAt] : [liveFrom]
}

/** Paths that led to it, but for the one that will lead to it here. */
function pathsOf(run: Run, { addresses, slug, lost }: ForeignArticle): string[] {
  const paths = new Set<string>()
  for (const address of addresses) {
    const path = pathOf(address)
    if (path === null) lost.add(`old address that is no path left out: ${address.slice(0, 100)}`)
    else if (path !== '/' && !isOurs(run, path, slug)) paths.add(path)
  }
  return [...paths]
}

const isOurs = ({ templates, locale }: Run, path: string, slug: string) =>
  templates.some((site) => {
    const made = matchTemplate(site.articleUrl, path)
    return made !== null && made.slug === slug && (made.locale ?? site.locale) === locale
  })
