/** Shortcodes of WordPress: some have a place here, the others go, and are told. */
import type { ForeignPicture } from './foreign.ts'
import type { Losses } from './report.ts'

const TOKEN = /\[(\[?)(\/?)([a-z][\w-]{0,60})(\s[^[\]]{0,4000})?(\/?)\](\]?)/gi
const ATTRIBUTE = /([\w-]{1,60})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))/g
/** Those that come with WordPress; what else is in brackets may be an aside of the author. */
const KNOWN = new Set(['caption', 'wp_caption', 'gallery', 'embed', 'video', 'audio', 'playlist'])
const MOST_PICTURES = 2_000

/** HTML without shortcodes. Brackets that look like plain writing, such as `[sic]`, stay. */
export function withoutShortcodes(
  html: string,
  pictureOf: (id: string) => ForeignPicture | null,
  lost: Losses
): string {
  if (!html.includes('[')) return html
  const endings = new Map<string, number>()
  for (const [, , slash, name] of html.matchAll(TOKEN)) {
    const key = (name as string).toLowerCase()
    if (slash) endings.set(key, (endings.get(key) ?? 0) + 1)
  }
  let pictures = 0
  const opened = new Map<string, number>()
  const began = (name: string, by: number) => opened.set(name, (opened.get(name) ?? 0) + by)

  const gallery = (attributes: Map<string, string>) => {
    const ids = (attributes.get('ids') ?? attributes.get('include') ?? '').split(',').slice(0, 500)
    const found = ids.map((id) => pictureOf(id.trim())).filter((picture) => picture !== null)
    pictures += found.length
    const removed =
      pictures > MOST_PICTURES
        ? 'gallery removed, for there are very many pictures'
        : found.length === 0
          ? 'gallery removed, for its pictures are not in the file'
          : null
    if (removed) {
      lost.add(removed)
      return ''
    }
    if (found.length < ids.length)
      lost.add('pictures of a gallery are not in the file', ids.length - found.length)
    lost.add('gallery turned into single pictures')
    return found
      .map(
        ({ url, alt, caption }) =>
          `<figure><img src="${escaped(url)}" alt="${escaped(alt)}"><figcaption>${escaped(caption)}</figcaption></figure>`
      )
      .join('')
  }

  return html.replace(
    TOKEN,
    (all, doubled: string, slash: string, name: string, rest = '', _self, doubledEnd: string) => {
      // `[[caption]]` is how one writes about a shortcode.
      if (doubled && doubledEnd) return all.slice(1, -1)
      const key = name.toLowerCase()
      const attributes = new Map(
        [...String(rest).matchAll(ATTRIBUTE)].map((match) => [
          (match[1] as string).toLowerCase(),
          match[2] ?? match[3] ?? match[4] ?? ''
        ])
      )
      const isShortcode = KNOWN.has(key) || attributes.size > 0 || /[_-]/.test(key) || endings.has(key)
      if (!isShortcode) return all
      const outside = (made: string) => `${doubled}${made}${doubledEnd}`
      if (key === 'caption' || key === 'wp_caption') {
        if (slash) {
          const isOpen = (opened.get(key) ?? 0) > 0
          if (isOpen) began(key, -1)
          return outside(isOpen ? '</x-caption>' : '')
        }
        if (!endings.has(key)) return outside('')
        began(key, 1)
        return outside(`<x-caption>${escaped(attributes.get('caption') ?? '')}`)
      }
      if (key === 'gallery' && !slash) return outside(gallery(attributes))
      if (key === 'embed') return slash || endings.has(key) ? outside('\n\n') : all
      const file = ['src', 'mp4', 'm4v', 'webm', 'mp3', 'ogg', 'm4a', 'wav', 'url']
        .map((name) => attributes.get(name))
        .find((value) => value && /^(https?:)?\/\//i.test(value))
      if (!slash && (key === 'video' || key === 'audio') && file) {
        lost.add(`shortcode [${key}] kept as a link`)
        return outside(`<x-embed src="${escaped(file)}"></x-embed>`)
      }
      if (!slash) lost.add(`shortcode [${key}] removed`)
      return outside('')
    }
  )
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
