/** What a Ghost export holds, in our one form. Read twice: what belongs to a post stands behind it. */
import { momentFrom } from './dates.ts'
import type { Foreign, ForeignArticle, ForeignAuthor, ForeignTag } from './foreign.ts'
import { type Row, readRows, type TableRow } from './ghost-json.ts'
import { fromLexical, fromMobiledoc } from './lexical.ts'
import { type Line, type Losses, losses } from './report.ts'
import { plain } from './texts.ts'
import { FileFault } from './wxr.ts'

const READ = new Set(['posts', 'users', 'tags', 'posts_authors', 'posts_tags', 'posts_meta', 'settings'])
/** A file of nothing else would fill the memory with what is told of it. */
const MOST_FAULTS = 1_000
/** Of these nothing is told: they hold what is read elsewhere, or how Ghost itself works. */
const QUIET = new Set([
  ...READ,
  'roles',
  'roles_users',
  'permissions',
  'permissions_roles',
  'permissions_users',
  'migrations',
  'sessions',
  'post_revisions',
  'mobiledoc_revisions'
])
const PEOPLE =
  /^(members|emails?|subscribers|stripe|newsletters|donations|offers|comments|recipients|mentions|redirects|tokens)/

const META = [
  'meta_title',
  'meta_description',
  'og_title',
  'og_description',
  'feature_image_alt',
  'feature_image_caption'
] as const
type Meta = Partial<Record<(typeof META)[number], string>>
type Joined = { authors: [number, string][]; tags: [number, string][]; meta?: Meta }

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const idOf = (value: unknown) => (typeof value === 'number' ? String(value) : text(value))

/**
 * Throws FileFault for what is no such file. Nothing was kept by then. `restricted` publishes what was for members or paying
 * readers.
 */
export async function readGhost(path: string, address: string | null, restricted: boolean): Promise<Foreign> {
  const authors: ForeignAuthor[] = []
  const tags: ForeignTag[] = []
  const hidden = new Map<string, string>()
  const joined = new Map<string, Joined>()
  const counts = new Map<string, number>()
  const settings = new Map<string, string>()
  const of = (row: Row): Joined => {
    const id = idOf(row.post_id)
    const there = joined.get(id) ?? { authors: [], tags: [] }
    joined.set(id, there)
    return there
  }

  const faults: Line[] = []
  let more = 0
  for await (const { table, row, ...found } of readRows(path, READ)) {
    counts.set(table, (counts.get(table) ?? 0) + 1)
    // Posts are told of in their turn.
    if (found.fault && table !== 'posts') {
      if (faults.length < MOST_FAULTS) faults.push(faultIn(table, found))
      else more += 1
    }
    if (!row) continue
    if (table === 'users') authors.push(authorFrom(row, address))
    else if (table === 'tags') {
      const name = text(row.name)
      if (row.visibility === 'internal' || name.startsWith('#')) hidden.set(idOf(row.id), name)
      else tags.push(tagFrom(row))
    } else if (table === 'posts_authors')
      of(row).authors.push([Number(row.sort_order) || 0, idOf(row.author_id)])
    else if (table === 'posts_tags') of(row).tags.push([Number(row.sort_order) || 0, idOf(row.tag_id)])
    else if (table === 'posts_meta') of(row).meta = metaOf(row)
    else if (table === 'settings' && /^(title|lang|locale|timezone|active_timezone)$/.test(text(row.key)))
      settings.set(text(row.key), text(row.value))
  }
  if (!counts.has('posts') && !counts.has('users'))
    throw new FileFault(
      'This is no export of Ghost: it holds neither posts nor users where Ghost keeps them.'
    )

  return {
    address,
    name: plain(settings.get('title') ?? '', losses()),
    language: settings.get('locale') || settings.get('lang') || null,
    authors,
    tags,
    pictureOf: () => null,
    lines: [
      ...faults,
      ...(more > 0 ? [faultIn('others', { place: `${more} more rows`, fault: 'are no objects' })] : []),
      ...[...counts].filter(([table]) => !QUIET.has(table)).map(([table, count]) => leftOut(table, count)),
      ...[...hidden].map(
        ([key, name]): Line => ({
          kind: 'tag',
          key,
          title: name,
          fate: 'left out',
          lost: ['internal tag: readers would see it here']
        })
      )
    ],
    async *articles() {
      for await (const { table, row, ...found } of readRows(path, new Set(['posts']))) {
        if (found.fault) yield faultIn(table, found)
        else if (row) yield articleFrom(row, joined.get(idOf(row.id)), hidden, restricted)
      }
    }
  }
}

/** A row that cannot be read, told by its place: there is nothing else to know it by. */
const faultIn = (table: string, { place, fault }: Pick<TableRow, 'place' | 'fault'>): Line => ({
  kind: table === 'posts' ? 'article' : 'row',
  key: '?',
  fate: 'refused',
  lost: [`${table}, ${place}: ${fault}`]
})

function leftOut(table: string, count: number): Line {
  const why = PEOPLE.test(table)
    ? `left out, for it is about people or mail to them: ${count} rows`
    : `left out, for it has no place here: ${count} rows`
  return { kind: 'table', key: table.slice(0, 100), fate: 'left out', lost: [`table ${why}`] }
}

function authorFrom(row: Row, address: string | null): ForeignAuthor {
  const lost = losses()
  const url = (value: unknown) => text(value).replace(/^__GHOST_URL__/, address ?? '')
  const handle = (value: unknown, host: string) => {
    const name = text(value).replace(/^@/, '')
    return name
      ? [
          {
            label: host === 'x.com' ? 'X' : 'Facebook',
            url: /^https?:/.test(name) ? name : `https://${host}/${name}`
          }
        ]
      : []
  }
  const website = text(row.website)
  return {
    key: idOf(row.id),
    name: plain(text(row.name) || text(row.slug), lost),
    slug: text(row.slug),
    bio: plain(text(row.bio), lost),
    image: url(row.profile_image) || null,
    links: [
      ...(website ? [{ label: website.replace(/^https?:\/\/(www\.)?|\/$/g, ''), url: website }] : []),
      ...handle(row.twitter, 'x.com'),
      ...handle(row.facebook, 'www.facebook.com')
    ],
    lost
  }
}

function tagFrom(row: Row): ForeignTag {
  const lost = losses()
  for (const field of [
    'feature_image',
    'meta_title',
    'meta_description',
    'codeinjection_head',
    'codeinjection_foot'
  ])
    if (row[field]) lost.add(`${field} of a tag left out`)
  return {
    key: idOf(row.id),
    kind: 'topic',
    name: plain(text(row.name), lost),
    slug: text(row.slug),
    description: plain(text(row.description), lost),
    parent: row.parent_id ? idOf(row.parent_id) : null,
    archive: '/tag/',
    lost
  }
}

const metaOf = (row: Row): Meta =>
  Object.fromEntries(META.filter((field) => text(row[field])).map((field) => [field, text(row[field])]))

const inOrder = (pairs: [number, string][]) => [
  ...new Set(pairs.toSorted(([a], [b]) => a - b).map(([, id]) => id))
]

function articleFrom(
  row: Row,
  joined: Joined | undefined,
  hidden: Map<string, string>,
  restricted: boolean
): ForeignArticle | Line {
  const lost = losses()
  const key = idOf(row.id) || text(row.uuid) || text(row.slug)
  const headline = plain(text(row.title), lost)
  if (!key)
    return { kind: 'article', key: '?', title: headline, fate: 'refused', lost: ['has no id to know it by'] }
  const meta: Record<string, unknown> = { ...row, ...joined?.meta }
  const image = text(row.feature_image)
  const visibility = text(row.visibility) || 'public'
  const isOpen = visibility === 'public' || restricted
  const wasLive = liveSince(row, lost)
  const liveFrom = isOpen ? wasLive : null
  if (visibility !== 'public') {
    const only = `for ${visibility.slice(0, 40)} only`
    lost.add(
      isOpen || !wasLive
        ? `${only}: kept as not free of charge`
        : `${only}: kept as a working copy, not published; --publish-restricted publishes it`
    )
  }
  for (const field of ['codeinjection_head', 'codeinjection_foot'])
    if (row[field]) lost.add(`${field} left out`)
  if (Number(row.featured)) lost.add('featured: pin it in a list instead')
  const tags = inOrder(joined?.tags ?? [])
  for (const id of tags) if (hidden.has(id)) lost.add(`internal tag left out: ${hidden.get(id)}`)
  const signed = inOrder(joined?.authors ?? [])
  const slug = text(row.slug)
  return {
    key,
    headline: headline === '(Untitled)' ? '' : headline,
    slug,
    standfirst: plain(text(row.custom_excerpt), lost),
    html: bodyOf(row, lost),
    raw: false,
    liveFrom,
    changedAt: momentFrom(text(row.updated_at)),
    dates: [momentFrom(text(row.published_at)), momentFrom(text(row.created_at))],
    authors: signed.length > 0 ? signed : [idOf(row.author_id)].filter(Boolean),
    tags: tags.filter((id) => !hidden.has(id)),
    image: image
      ? {
          url: image,
          alt: plain(text(meta.feature_image_alt), lost),
          caption: plain(text(meta.feature_image_caption), lost)
        }
      : null,
    seo: {
      title: plain(text(meta.meta_title) || text(meta.og_title), lost),
      description: plain(text(meta.meta_description) || text(meta.og_description), lost),
      canonicalUrl: text(row.canonical_url)
    },
    accessibleForFree: visibility === 'public',
    // What was public is found again once somebody publishes it.
    addresses: slug && (wasLive || (isPage(row) && row.status === 'published')) ? [`/${slug}/`] : [],
    lost
  }
}

const isPage = (row: Row) => row.type === 'page' || Boolean(Number(row.page))

function liveSince(row: Row, lost: Losses): Date | null {
  const status = text(row.status)
  const at = momentFrom(text(row.published_at))
  if (isPage(row)) lost.add('a page: kept as a working copy, not published')
  else if (status === 'sent') lost.add('sent as mail only: kept as a working copy, not published')
  else if (status === 'published' || status === 'scheduled') {
    if (at) return at
    lost.add('has no valid date: kept as a working copy, not published')
  } else if (status !== 'draft')
    lost.add(`has the status ${status.slice(0, 40)}: kept as a working copy, not published`)
  return null
}

function bodyOf(row: Row, lost: Losses): string {
  if (text(row.html)) return text(row.html)
  const [lexical, mobiledoc] = [text(row.lexical), text(row.mobiledoc)]
  if (!lexical && !mobiledoc) return ''
  const made =
    (lexical ? fromLexical(lexical, lost) : null) ?? (mobiledoc ? fromMobiledoc(mobiledoc, lost) : null)
  if (made === null) lost.add('body left out, for it is in no format that can be read')
  return made ?? ''
}
