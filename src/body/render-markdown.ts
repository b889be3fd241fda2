import { type Inline, type Mark, nestSpans } from './inline.ts'
import { trackLists } from './lists.ts'
import type { StoredBlock, StoredTextBlock } from './schema.ts'

type ListBlock = StoredTextBlock & { listItem: 'bullet' | 'number' }
type Place = {
  lineStart: boolean
  last: boolean
  heading: boolean
  encodeFirst: boolean
  encodeLast: boolean
}
type Item =
  | { is: 'text'; text: string }
  | { is: 'fixed'; text: string }
  | { is: 'open' | 'close'; delimiter: { text: string } }

/**
 * Markdown that `readBody({ markdown })` reads as the same blocks again, keys aside. Embeds are written `<https://…>`,
 * alone in their paragraph. What Markdown has no way to say is lost: an image's credit, width and height; paragraphs,
 * quotations and list items with an inner list, when empty; a line feed inside code (it becomes a blank).
 */
export function toMarkdown(blocks: StoredBlock[]): string {
  const said = blocks.reduceRight<StoredBlock[]>((later, block) => {
    if (!isSilent(block, later.at(-1))) later.push(block)
    return later
  }, [])
  const lists = trackLists()
  const indents: number[] = []
  let markdown = ''
  let previous: StoredBlock | undefined
  for (const block of said.reverse()) {
    const joint = previous ? jointOf(previous, block) : ''
    previous = block
    if (!isListItem(block)) {
      lists.end()
      indents.length = 0
      markdown += `${joint}${blockMarkdown(block)}`
      continue
    }
    const level = block.level ?? 1
    const { begun, number } = lists.item(block.listItem, level)
    indents.length = level - Math.max(begun, 1)
    const markers = [' '.repeat(sum(indents))]
    for (let depth = indents.length + 1; depth <= level; depth++) {
      // Two kinds of bullet in turn, because `- - -` would be a divider.
      const bullet = depth % 2 === 1 ? '-' : '*'
      const marker = block.listItem === 'bullet' ? bullet : `${depth < level ? 1 : number}.`
      markers.push(depth < level ? `${marker} ` : marker)
      indents.push(marker.length + 1)
    }
    const text = blockMarkdown(block).replaceAll('\n', `\n${' '.repeat(sum(indents))}`)
    markdown += `${joint}${after(markers.join(''), text)}`
  }
  // At the start of a file this character would be taken for a byte order mark.
  return markdown.replace(/^\uFEFF/, '&#65279;')
}

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)
const isListItem = (block: StoredBlock | undefined): block is ListBlock =>
  block?._type === 'block' && block.listItem !== undefined
const isQuote = (block: StoredBlock | undefined) =>
  block?._type === 'block' && block.style === 'blockquote' && !block.listItem
const isEmpty = (block: StoredTextBlock) => block.children.every(({ text }) => text === '')

/** Whether Markdown cannot say the block: an empty paragraph, or an empty item that has an inner list. */
function isSilent(block: StoredBlock, next: StoredBlock | undefined) {
  if (block._type !== 'block' || !isEmpty(block)) return false
  if (!isListItem(block)) return block.style === 'normal' || block.style === 'blockquote'
  return block.style === 'normal' && isListItem(next) && (next.level ?? 1) > (block.level ?? 1)
}

/** A blank line, but between items that cannot swallow each other, and between paragraphs of one quotation. */
function jointOf(one: StoredBlock, other: StoredBlock) {
  if (isQuote(one) && isQuote(other)) return '\n>\n'
  if (!isListItem(one) || !isListItem(other)) return '\n\n'
  return one.style !== 'blockquote' && !isEmpty(one) && !isEmpty(other) ? '\n' : '\n\n'
}

function blockMarkdown(block: StoredBlock) {
  if (block._type === 'divider') return '---'
  if (block._type === 'embed') return `<${block.url}>`
  if (block._type === 'image') {
    const alt = { lineStart: false, last: true, heading: true, encodeFirst: false, encodeLast: false }
    const title =
      block.caption === null ? '' : ` "${escapeRaw(block.caption, /["\\]/g).replaceAll('\n', '&#10;')}"`
    return `![${escapeText(block.alt, alt)}](${destination(block.url)}${title})`
  }
  const heading = /^h[234]$/.test(block.style)
  const text = inlineMarkdown(nestSpans(block), heading)
  if (heading) return after('#'.repeat(Number(block.style[1])), text)
  return block.style === 'blockquote' ? after('>', text.replaceAll('\n', '\n> ')) : text
}

const after = (marker: string, text: string) => (text === '' ? marker : `${marker} ${text}`)

function inlineMarkdown(nodes: Inline[], heading: boolean) {
  const items: Item[] = []
  flatten(nodes, items)
  chooseDelimiters(items)
  let markdown = ''
  items.forEach((item, index) => {
    if (item.is !== 'text') {
      markdown += item.is === 'fixed' ? item.text : item.delimiter.text
      return
    }
    markdown += escapeText(item.text, {
      lineStart: markdown === '' || markdown.endsWith('\n'),
      last: index === items.length - 1,
      heading,
      encodeFirst: mustEncode(items, index, -1),
      encodeLast: mustEncode(items, index, 1)
    })
  })
  return markdown
}

function flatten(nodes: Inline[], items: Item[]) {
  for (const node of nodes) {
    if ('text' in node) {
      items.push(node.code ? { is: 'fixed', text: codeMarkdown(node.text) } : { is: 'text', text: node.text })
    } else if (typeof node.mark === 'object') {
      const begin = items.push({ is: 'fixed', text: '[' })
      flatten(node.children, items)
      // Code holding `]:` would make this the definition of a link, but for the blanks.
      const blank = items.slice(begin).some((item) => item.is === 'fixed' && item.text.includes(']:'))
        ? ' '
        : ''
      items.push({ is: 'fixed', text: `](${blank}${destination(node.mark.href)}${blank})` })
    } else {
      const delimiter = { text: delimiters[node.mark] }
      items.push({ is: 'open', delimiter })
      flatten(node.children, items)
      items.push({ is: 'close', delimiter })
    }
  }
}

const delimiters: Record<Exclude<Mark, object>, string> = { strong: '**', em: '*', 'strike-through': '~~' }

/** `*` for emphasis, which may stand inside a word; but `_` beside `**`, where the stars could not be told apart. */
function chooseDelimiters(items: Item[]) {
  const isStrong = (item: Item | undefined) => item && 'delimiter' in item && item.delimiter.text === '**'
  items.forEach((item, index) => {
    if (!('delimiter' in item) || item.delimiter.text !== '*') return
    if (isStrong(items[index - 1]) || isStrong(items[index + 1])) item.delimiter.text = '_'
  })
}

/**
 * Whether the first (-1) or last (1) character of a text must be written as a reference for the delimiter beside it to
 * count: blanks inside it, and letters outside it when it has punctuation inside or may not stand in a word.
 * See "left-flanking" and "right-flanking" in CommonMark 0.31, section 6.2.
 */
function mustEncode(items: Item[], index: number, side: -1 | 1): boolean {
  const item = items[index]
  const beside = items[index + side]
  if (item?.is !== 'text' || !beside || !('delimiter' in beside)) return false
  const edge = edgeOf(item, side)
  if ((beside.is === 'open') === (side === -1)) return /\s/.test(edge)
  if (/[\t\n\p{Zs}!-/:-@[-`{-~]/u.test(edge)) return false
  if (beside.delimiter.text === '_') return true
  const inner = items[index + 2 * side]
  if (inner?.is !== 'text') return true
  const innerEdge = edgeOf(inner, side === -1 ? 1 : -1)
  // A single letter inside may itself be written as a reference, for a delimiter on its other side.
  const encoded = inner.text === innerEdge && mustEncode(items, index + 2 * side, side)
  return encoded || !/[\p{L}\p{N}]/u.test(innerEdge)
}

function edgeOf({ text }: { text: string }, side: -1 | 1) {
  if (side === -1) return String.fromCodePoint(text.codePointAt(0) ?? 0)
  return /[\uD800-\uDBFF][\uDC00-\uDFFF]$/.exec(text.slice(-2))?.[0] ?? text.slice(-1)
}

function codeMarkdown(text: string) {
  const code = text.replaceAll('\n', ' ')
  const runs = new Set(code.match(/`+/g)?.map(({ length }) => length))
  let length = 1
  while (runs.has(length)) length += 1
  const fence = '`'.repeat(length)
  // The parser takes one blank from both ends, and a backtick must not touch the fence.
  const pad = /^`|`$|^ .+ $/.test(code) ? ' ' : ''
  return `${fence}${pad}${code}${pad}${fence}`
}

const reference = /^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});/
const escapeRaw = (text: string, special: RegExp) =>
  text.replace(special, '\\$&').replace(/&/g, (amp, at: number, all: string) => {
    return reference.test(all.slice(at, at + 40)) ? `\\${amp}` : amp
  })
const destination = (url: string) => escapeRaw(url, /[()\\]/g)
const encode = (char: string) => `&#${char.codePointAt(0)};`

/** Text that no parser takes for anything but text, with few escapes where none are needed. */
function escapeText(text: string, { lineStart, last, heading, encodeFirst, encodeLast }: Place) {
  let markdown = ''
  // Where a marker of a block could stand: at the start of a line, and after a number there.
  let at: 'start' | 'number' | 'inside' = lineStart ? 'start' : 'inside'
  const lastEdge = text.length - (text === '' ? 0 : edgeOf({ text }, 1).length)
  for (let index = 0; index < text.length; index++) {
    const char = text[index] as string
    const next = text[index + 1]
    const final = last && next === undefined
    if ((encodeFirst && index === 0) || (encodeLast && index === lastEdge)) {
      const whole = String.fromCodePoint(text.codePointAt(index) as number)
      markdown += encode(whole)
      index += whole.length - 1
      at = 'inside'
    } else if (char === '\n') {
      at = heading || at === 'start' || next === '\n' || final ? 'inside' : 'start'
      markdown += at === 'start' ? '\\\n' : '&#10;'
    } else if (char === ' ' || char === '\t') {
      markdown += at === 'start' || final || next === '\n' ? encode(char) : char
      at = 'inside'
    } else {
      const marker = at === 'start' ? /[#>+\-=:]/ : at === 'number' ? /[.)]/ : undefined
      markdown += marker?.test(char) || isSpecial(text, index, last, heading) ? `\\${char}` : char
      at = at !== 'inside' && /[0-9]/.test(char) ? 'number' : 'inside'
    }
  }
  return markdown
}

function isSpecial(text: string, index: number, last: boolean, heading: boolean) {
  const char = text[index] as string
  if (char === '&') return reference.test(text.slice(index, index + 40))
  const ends = index === text.length - 1
  if (char === '!') return ends && !last
  if (char === '#') return ends && last && heading
  return /[\\`*_[\]<~|]/.test(char)
}
