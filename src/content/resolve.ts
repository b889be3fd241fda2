/** What an old or outside path is now. Three statements at most, whatever the path. */
import type { Reader } from '../database/database.ts'
import { articleAddress } from './addresses.ts'
import { templateOf } from './items.ts'
import { gone, lastHolder, live, momentOf, places } from './live.ts'
import { cutQuery, LONGEST_SLUG, matchTemplate } from './paths.ts'
import { findLiveTag } from './tags.ts'

type Asked = { locale?: string; at?: string }
type Site = { locale: string; isDefault: boolean; articleUrl: string }
type Redirect = { storyId: string | null; target: string | null; nextStoryId: string | null }
type Found = { locale: string; slug: string; withdrawn: boolean; articleUrl: string | null }

export type Resolved = {
  type: 'article' | 'tag' | 'redirect' | 'gone'
  locale: string | null
  slug: string | null
  url: string | null
  path: string | null
}

const nothing = { locale: null, slug: null, url: null, path: null }

/** $1 the path, $2 the same without its query. A target is looked up once more, and never further: nothing can loop. */
const readRedirect = {
  name: 'content-redirect',
  text: `
    SELECT coalesce((SELECT json_agg(json_build_object('locale', s.locale, 'isDefault', s.is_default, 'articleUrl', s.article_url) ORDER BY NOT s.is_default, s.locale)
      FROM public_sites s), '[]') AS sites,
    (SELECT json_build_object('storyId', r.story_id, 'target', r.target, 'nextStoryId', (
        SELECT n.story_id FROM public_redirects n WHERE n.path IN (r.target, split_part(r.target, '?', 1))
        ORDER BY n.path = r.target DESC LIMIT 1))
     FROM public_redirects r WHERE r.path IN ($1::text, $2::text) ORDER BY r.path = $1::text DESC LIMIT 1) AS redirect`
}

/**
 * What a path, as `normalPath` writes it, is now: a redirect of this path, else an article whose address it is, else
 * an article and then a tag with its last part as the slug. Null when it is nothing.
 */
export async function resolvePath(
  db: Reader,
  publicUrl: string,
  path: string,
  asked: Asked
): Promise<Resolved | null> {
  const [row] = await db.query<{ sites: Site[]; redirect: Redirect | null }>(readRedirect, [
    path,
    cutQuery(path)[0]
  ])
  const { sites, redirect } = row as { sites: Site[]; redirect: Redirect | null }
  const shown = (found: Found): Resolved =>
    found.withdrawn
      ? { ...nothing, type: 'gone' }
      : {
          ...nothing,
          type: 'article',
          locale: found.locale,
          slug: found.slug,
          url: articleAddress(found.articleUrl, publicUrl, found.locale, found.slug)
        }

  const resolveStory = async (storyId: string) => {
    const found = await findStory(db, storyId, asked)
    return found && shown(found)
  }

  const resolveSlug = async (address: string): Promise<Resolved | null> => {
    const slug = lastPart(address)
    const made = matchTemplates(sites, address)
    const found = slug || made.length > 0 ? await findBySlug(db, made, slug, asked) : null
    if (found) return shown(found)
    const tag = slug ? await findLiveTag(db, slug, asked) : null
    const locale = asked.locale ?? sites.find((site) => site.isDefault)?.locale ?? null
    return tag && { ...nothing, type: 'tag', locale, slug: tag.slug }
  }

  if (!redirect) return resolveSlug(path)
  const { storyId, target, nextStoryId } = redirect
  if (storyId) return resolveStory(storyId)
  const there = nextStoryId ? await resolveStory(nextStoryId) : await resolveSlug(target as string)
  return there && there.type !== 'gone' ? there : { ...nothing, type: 'redirect', path: target }
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** The last part of the path, if it could be a slug. */
function lastPart(path: string): string | null {
  const part = cutQuery(path)[0].split('/').at(-1) ?? ''
  return part.length <= LONGEST_SLUG && SLUG.test(part) ? part : null
}

/** Locale and slug of the articles whose address this would be, by the templates of the sites. */
function matchTemplates(sites: Site[], path: string): { locale: string; slug: string }[] {
  const pairs = new Map<string, { locale: string; slug: string }>()
  for (const site of sites) {
    const match = matchTemplate(site.articleUrl, path)
    if (!match) continue
    const { locale = site.locale, slug } = match
    pairs.set(`${locale}/${slug}`, { locale, slug })
  }
  return [...pairs.values()]
}

const columns = (p: string, withdrawn: string) =>
  `${p}.locale, ${p}.slug, ${withdrawn} AS withdrawn, ${templateOf(`(SELECT s.article_url FROM public_sites s WHERE s.locale = ${p}.locale)`)} AS "articleUrl"`

/** The live article of a story in the locale or along its fallbacks; when there is none, one that was withdrawn. */
async function findStory(db: Reader, storyId: string, { locale, at }: Asked): Promise<Found | null> {
  const values: unknown[] = [storyId, locale ?? null]
  const text = `
    WITH chain AS (${places('$2')})
    SELECT ${columns('p', 'p.withdrawn')} FROM chain JOIN publications p ON p.locale = chain.locale AND p.story_id = $1::uuid
    WHERE p.withdrawn OR ${live('p', momentOf(at, values))} ORDER BY p.withdrawn, chain.place LIMIT 1`
  const [row] = await db.query<Found>(named('content-by-story', text, at), values)
  return row ?? null
}

/** With another moment the text is another one, and rare. */
const named = (name: string, text: string, at: string | undefined) =>
  at === undefined ? { name, text } : { text }

/**
 * By the locales and slugs of templates that matched (step 1), then by the last part along the chain (step 2): in each
 * step first who has the slug, or had it when withdrawn (way 1), then where the last one who had it is now (way 2).
 */
async function findBySlug(
  db: Reader,
  made: { locale: string; slug: string }[],
  slug: string | null,
  { locale, at }: Asked
): Promise<Found | null> {
  const values: unknown[] = [
    made.map((pair) => pair.locale),
    made.map((pair) => pair.slug),
    slug,
    locale ?? null
  ]
  const moment = momentOf(at, values)
  const text = `
    WITH chain AS (${places('$4')}), wanted AS (
      SELECT 1 AS step, made.place, made.locale, made.slug FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS made (locale, slug, place)
      UNION ALL SELECT 2, chain.place, chain.locale, $3::text FROM chain WHERE $3::text IS NOT NULL
    )
    SELECT found.locale, found.slug, found.withdrawn, found."articleUrl" FROM (
      SELECT wanted.step, 1 AS way, wanted.place, ${columns('p', 'p.withdrawn')}
      FROM wanted JOIN publications p ON p.locale = wanted.locale AND p.slug = wanted.slug
      WHERE ${gone('p', moment)} OR ${live('p', moment)}
      UNION ALL
      SELECT wanted.step, 2, wanted.place, ${columns('p', 'false')}
      FROM wanted CROSS JOIN ${lastHolder('wanted.locale', 'wanted.slug', moment)} former
      JOIN publications p ON p.article_id = former.article_id AND ${live('p', moment)}
    ) found ORDER BY found.step, found.way, found.place, found.withdrawn LIMIT 1`
  const [row] = await db.query<Found>(named('content-by-slug', text, at), values)
  return row ?? null
}
