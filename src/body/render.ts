import { type Inline, nestSpans } from './inline.ts'
import { trackLists } from './lists.ts'
import type { StoredBlock, StoredTextBlock } from './schema.ts'
import { wordsIn } from './words.ts'

export { toMarkdown } from './render-markdown.ts'

type ImageBlock = Extract<StoredBlock, { _type: 'image' }>

/**
 * HTML that is safe to put into a page: every text is escaped, only http, https and mailto links, no frames, scripts
 * or styles. `readBody({ html })` gives the same blocks again (keys aside; spans with the same marks are joined).
 */
export function toHtml(blocks: StoredBlock[]): string {
  const lists = trackLists()
  let html = ''
  let quoting = false
  const close = (ended: string[]) => {
    for (const kind of ended) html += kind === 'bullet' ? '</li></ul>' : '</li></ol>'
  }
  blocks.forEach((block, index) => {
    const quoted = block._type === 'block' && block.style === 'blockquote' && !block.listItem
    if (quoting && !quoted) html += '</blockquote>\n'
    if (block._type === 'block' && block.listItem) {
      const { ended, begun } = lists.item(block.listItem, block.level ?? 1)
      close(ended)
      html += begun > 0 ? (block.listItem === 'bullet' ? '<ul><li>' : '<ol><li>').repeat(begun) : '</li><li>'
      html += itemHtml(block, blocks[index + 1])
    } else {
      const ended = lists.end()
      close(ended)
      if (ended.length > 0) html += '\n'
      if (quoted && !quoting) html += '<blockquote>'
      html += quoted ? `<p>${inlineHtml(block)}</p>` : `${blockHtml(block)}\n`
    }
    quoting = quoted
  })
  close(lists.end())
  return (quoting ? `${html}</blockquote>` : html).trimEnd()
}

function blockHtml(block: StoredBlock) {
  if (block._type === 'divider') return '<hr>'
  if (block._type === 'image') return imageHtml(block)
  if (block._type === 'block') {
    const tag = block.style === 'normal' ? 'p' : block.style
    return `<${tag}>${inlineHtml(block)}</${tag}>`
  }
  const url = escapeHtml(block.url)
  return `<figure data-embed><a href="${url}" rel="noopener">${url}</a></figure>`
}

/** An empty item with an inner list is written `<p></p>`, since `<li><ul>` is how a jump of levels reads. */
function itemHtml(block: StoredTextBlock, next: StoredBlock | undefined) {
  const html = inlineHtml(block)
  if (block.style !== 'normal') return `<${block.style}>${html}</${block.style}>`
  const nested = next?._type === 'block' && next.listItem && (next.level ?? 1) > (block.level ?? 1)
  return html === '' && nested ? '<p></p>' : html
}

function imageHtml({ url, alt, caption, credit, width, height }: ImageBlock) {
  const size = `${width ? ` width="${width}"` : ''}${height ? ` height="${height}"` : ''}`
  const image = `<img src="${escapeHtml(url)}" alt="${escapeHtml(alt)}"${size} loading="lazy">`
  const cite = credit ? `<cite>${textHtml([credit])[0]}</cite>` : ''
  const text = [caption ? textHtml([caption])[0] : '', cite].filter(Boolean).join(' ')
  return `<figure>${image}${text && `<figcaption>${text}</figcaption>`}</figure>`
}

function inlineHtml(block: StoredTextBlock) {
  const texts = textHtml(block.children.map(({ text }) => text))
  const children = block.children.map((span, index) => ({ ...span, text: texts[index] as string }))
  return nestSpans({ ...block, children })
    .map(nodeHtml)
    .join('')
}

const tags = { strong: 'strong', em: 'em', 'strike-through': 's' } as const

function nodeHtml(node: Inline): string {
  if ('text' in node) return node.code ? `<code>${node.text}</code>` : node.text
  const inner = node.children.map(nodeHtml).join('')
  if (typeof node.mark === 'object') {
    return `<a href="${escapeHtml(node.mark.href)}" rel="noopener">${inner}</a>`
  }
  return `<${tags[node.mark]}>${inner}</${tags[node.mark]}>`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => entities[char] as string)

/**
 * The texts of one paragraph, escaped. Line feeds become `<br>`; a blank stays as it is only between two characters
 * that are none: a browser would drop the others, so they are written as references, which our own reader keeps.
 */
function textHtml(texts: string[]) {
  const all = texts.join('')
  let start = 0
  return texts.map((text) => {
    const offset = start
    start += text.length
    return text.replace(/[&<> \t\n]/g, (char, at: number) => {
      if (char === '\n') return '<br>'
      if (char === '\t') return '&#9;'
      if (char !== ' ') return entities[char] as string
      const [before, after] = [all[offset + at - 1], all[offset + at + 1]]
      return before && after && !/[ \t\n]/.test(before + after) ? ' ' : '&#32;'
    })
  })
}

/** Plain text: paragraphs apart by a blank line, list items with `- ` or their number, images by caption or alt. */
export function toText(blocks: StoredBlock[]): string {
  const lists = trackLists()
  let text = ''
  let wasItem = false
  for (const block of blocks) {
    const listed = block._type === 'block' && block.listItem !== undefined
    const line = listed ? itemText(block, lists) : blockText(block)
    if (!listed) lists.end()
    if (line === '') continue
    text += text === '' ? line : `${listed && wasItem ? '\n' : '\n\n'}${line}`
    wasItem = listed
  }
  return text
}

const spanText = (block: StoredTextBlock) => block.children.map(({ text }) => text).join('')

function itemText(block: StoredTextBlock, lists: ReturnType<typeof trackLists>) {
  const level = block.level ?? 1
  const { number } = lists.item(block.listItem ?? 'bullet', level)
  const indent = '  '.repeat(level - 1)
  return `${indent}${block.listItem === 'number' ? `${number}.` : '-'} ${spanText(block)}`
}

function blockText(block: StoredBlock) {
  if (block._type === 'block') return spanText(block)
  if (block._type === 'embed') return block.url
  if (block._type === 'divider') return '* * *'
  return [block.caption ?? block.alt, block.credit].filter(Boolean).join(' ')
}

/** The words of the paragraphs, headings, quotations and lists; captions and addresses are not counted. */
export function countWords(blocks: StoredBlock[]): number {
  return blocks.reduce((sum, block) => sum + (block._type === 'block' ? wordsIn(spanText(block)) : 0), 0)
}
