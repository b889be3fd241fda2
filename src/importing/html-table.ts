/** What becomes of which tags and attributes of foreign HTML. */
import type { Decorator } from '../body/blocks.ts'

export const decoratorOf = new Map<string, Decorator>([
  ['strong', 'strong'],
  ['b', 'strong'],
  ['em', 'em'],
  ['i', 'em'],
  ['code', 'code'],
  ['kbd', 'code'],
  ['samp', 'code'],
  ['tt', 'code'],
  ['s', 'strike-through'],
  ['del', 'strike-through'],
  ['strike', 'strike-through']
])

const set = (names: string) => new Set(names.split(' '))

/** They begin and end a paragraph, and say no more. */
export const boundaries = set(
  'p div section article main header footer aside address center nav hgroup body html figure fieldset summary details dd dt dl'
)
/** Of these it is told that they became paragraphs. */
export const flattened = new Map([
  ['dl', 'definition list turned into paragraphs'],
  ['details', 'folding text turned into paragraphs'],
  ['aside', 'box turned into paragraphs'],
  ['table', 'table turned into paragraphs'],
  ['pre', 'preformatted text turned into a paragraph of code']
])
/** What is in them is no text of an article. */
export const skipped = set(
  'script style noscript template svg math canvas applet form select textarea button input head title link meta base object embed iframe frame frameset video audio map dialog xml'
)
/** They play or show something from elsewhere, which becomes a link. */
export const players = set('iframe frame object embed video audio')
export const inner = set('source param embed')

/** Kept as text, without a word: they change nothing that is read. */
export const silent = set(
  'span wbr br hr img a li ul ol cite figcaption blockquote picture source track tbody thead tfoot tr td th colgroup col caption label legend time abbr'
)
export const tableParts = set('table tbody thead tfoot tr td th caption')

/** They carry no content of their own. */
const ignored = set(
  'class id dir lang target rel role loading decoding fetchpriority srcset sizes width height border href src alt cite datetime start data xmlns itemprop itemscope itemtype hspace vspace cellpadding cellspacing colspan rowspan scope controls poster preload type frameborder allow allowfullscreen scrolling value name referrerpolicy crossorigin usemap open'
)

/** What is told of an attribute; null of those that say nothing. */
export function lossOf(attribute: string): string | null {
  if (ignored.has(attribute) || /^(data|aria|xmlns|xml)[-:]/.test(attribute)) return null
  if (attribute === 'style') return 'inline style removed'
  if (attribute.startsWith('on')) return 'event handler removed'
  return /^[a-z][a-z0-9:_-]{0,30}$/.test(attribute)
    ? `attribute ${attribute} removed`
    : 'attribute with an odd name removed'
}
