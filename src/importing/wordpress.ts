/** What a WordPress export holds, in our one form. Read twice: authors, terms and pictures may stand behind what uses them. */
import type { Foreign, ForeignAuthor, ForeignPicture, ForeignTag } from './foreign.ts'
import { TWICE } from './imported.ts'
import { type Line, losses } from './report.ts'
import { owned, plain } from './texts.ts'
import { articleFrom, type Site } from './wordpress-items.ts'
import { guestKey, isGuest, leftOutAs, tagFrom, termKey } from './wordpress-terms.ts'
import { type Fields, FileFault, readWxr, type WxrItem } from './wxr.ts'

type Texts = Parameters<typeof tagFrom>
const VERSIONS = ['1.0', '1.1', '1.2']

/** Throws FileFault for what is no such file. Nothing was kept by then. */
export async function readWordPress(path: string, timeZone: string): Promise<Foreign> {
  const head = new Map<string, string>()
  const authors = new Map<string, ForeignAuthor>()
  const tags = new Map<string, ForeignTag>()
  const pictures = new Map<string, ForeignPicture>()
  const terms = new Map<string, string>()
  const lines: Line[] = []
  let unfit = 0
  let native = false

  /** What the file says of itself; articles may name terms and authors before that, or without. */
  const declared = new Set<string>()
  const isFirst = (kind: 'author' | 'tag', key: string, title: string) => {
    const name = `${kind} ${key}`
    if (declared.has(name))
      lines.push({ kind, key, title: title.slice(0, 200), fate: 'refused', lost: [TWICE] })
    return !declared.has(name) && Boolean(declared.add(name))
  }
  const addTerm = (...given: Texts) => {
    const [domain, nicename] = given
    const key = owned(termKey(domain, nicename))
    if (nicename && !leftOutAs(domain, nicename)) tags.set(key, tagFrom(...(given.map(owned) as Texts)))
  }
  const nameTerm = (domain: string, nicename: string, name: string) => {
    if (!tags.has(termKey(domain, nicename))) addTerm(domain, nicename, name, '', '')
  }

  for await (const record of readWxr(path)) {
    if (record.is === 'head') {
      if (record.name.startsWith('wp:')) native = true
      head.set(record.name, record.text.trim())
    } else if (record.is === 'unfit') unfit = record.characters
    else if (record.is === 'author') {
      const author = authorFrom(record.fields)
      if (author && isFirst('author', author.key, author.name)) authors.set(author.key, author)
    } else if (record.is === 'item') {
      native ||= record.item.fields.has('wp:post_type')
      noteItem(record.item, authors, nameTerm, pictures)
    } else {
      const get = (name: string) => record.fields.get(name)?.trim() ?? ''
      if (get('wp:term_id')) terms.set(get('wp:term_id'), '')
      const [domain, nicename, name, description, parent] =
        record.is === 'category'
          ? ([
              'category',
              'wp:category_nicename',
              'wp:cat_name',
              'wp:category_description',
              'wp:category_parent'
            ] as const)
          : record.is === 'tag'
            ? (['post_tag', 'wp:tag_slug', 'wp:tag_name', 'wp:tag_description', ''] as const)
            : ([
                get('wp:term_taxonomy'),
                'wp:term_slug',
                'wp:term_name',
                'wp:term_description',
                'wp:term_parent'
              ] as const)
      const isKept = get(nicename) && !leftOutAs(domain, get(nicename))
      if (isKept && isFirst('tag', owned(termKey(domain, get(nicename))), owned(get(name))))
        addTerm(domain, get(nicename), get(name), get(description), get(parent))
      if (get('wp:term_id')) terms.set(get('wp:term_id'), termKey(domain, get(nicename)))
    }
  }
  if (!native && !head.has('wp:wxr_version'))
    throw new FileFault(
      'This is a feed (RSS), and no export of WordPress: it names no version of WXR and has no posts of WordPress.'
    )

  const about = (text: string) => lines.push({ kind: 'file', key: 'wxr', fate: 'kept', lost: [text] })
  const version = head.get('wp:wxr_version')
  if (!version) about('the file names no version of WXR: read as 1.2')
  else if (!VERSIONS.includes(version))
    about(`version ${version.slice(0, 20)} of WXR is not known: read as 1.2`)
  if (unfit > 0) about(`characters that XML does not allow replaced with blanks: ${unfit}`)

  const address = [head.get('wp:base_blog_url'), head.get('wp:base_site_url'), head.get('link')].find(
    (text) => text && /^https?:/i.test(text) && URL.canParse(text)
  )
  const site: Site = {
    address: address ? address.replace(/\/+$/, '') : null,
    timeZone,
    termOf: (id) => terms.get(id) ?? null,
    pictureOf: (id) => pictures.get(id) ?? null
  }
  return {
    address: site.address,
    name: plain(head.get('title') ?? '', losses()),
    language: head.get('language') ?? null,
    authors: [...authors.values()],
    tags: [...tags.values()],
    pictureOf: site.pictureOf,
    lines,
    async *articles() {
      for await (const record of readWxr(path)) if (record.is === 'item') yield articleFrom(record.item, site)
    }
  }
}

function authorFrom(fields: Fields): ForeignAuthor | null {
  const get = (name: string) => fields.get(name)?.trim() ?? ''
  const login = get('wp:author_login')
  if (!login) return null
  const lost = losses()
  const whole = `${get('wp:author_first_name')} ${get('wp:author_last_name')}`
  const name = plain(get('wp:author_display_name') || whole || login, lost) || login
  return authorNamed(login, name)
}

function authorNamed(login: string, name: string): ForeignAuthor {
  // Not made from the login, which may be an address or half of what one signs in with.
  return { key: owned(login), name: owned(name), slug: '', bio: '', image: null, links: [], lost: losses() }
}

/** Of an item only what others need: its picture, and terms and authors that are declared nowhere else. */
function noteItem(
  item: WxrItem,
  authors: Map<string, ForeignAuthor>,
  nameTerm: (domain: string, nicename: string, name: string) => void,
  pictures: Map<string, ForeignPicture>
) {
  const get = (name: string) => item.fields.get(name)?.trim() ?? ''
  const type = get('wp:post_type')
  if (type === 'attachment') {
    const url = get('wp:attachment_url') || get('guid')
    const [alt, caption] = [item.meta.get('_wp_attachment_image_alt') ?? '', get('excerpt:encoded')]
    if (url && get('wp:post_id'))
      pictures.set(owned(get('wp:post_id')), {
        url: owned(url),
        alt: owned(plain(alt, losses())),
        caption: owned(plain(caption, losses()))
      })
    return
  }
  if (type !== 'post' && type !== 'page') return
  const login = get('dc:creator')
  if (login && !authors.has(login)) authors.set(login, authorNamed(login, plain(login, losses())))
  for (const { domain, nicename, name } of item.terms) {
    if (isGuest({ domain, nicename, name })) {
      const key = guestKey(nicename)
      if (!authors.has(key)) authors.set(key, authorNamed(key, plain(name, losses()) || key))
    } else nameTerm(domain, nicename, name)
  }
}
