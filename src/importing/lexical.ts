/** The two formats Ghost's editors keep, as the HTML they would have made: for posts that have none. */
import MarkdownIt from 'markdown-it'
import type { Losses } from './report.ts'

type Node = Record<string, unknown> & { type?: string; children?: Node[] }

const DEEPEST = 100
const FORMATS = [
  [1, 'strong'],
  [2, 'em'],
  [4, 's'],
  [8, 'u'],
  [16, 'code'],
  [32, 'sub'],
  [64, 'sup']
] as const
const markdown = new MarkdownIt({ html: true })

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const escaped = (value: unknown) =>
  text(value)
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
const list = (value: unknown): Node[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []

/** Null for what cannot be read at all. */
export function fromLexical(source: string, lost: Losses): string | null {
  try {
    const root = (JSON.parse(source) as { root?: Node }).root
    return root ? many(root, lost, 0) : null
  } catch {
    return null
  }
}

const many = (node: Node, lost: Losses, depth: number): string =>
  list(node.children)
    .map((child) => one(child, lost, depth + 1))
    .join('')

function one(node: Node, lost: Losses, depth: number): string {
  if (depth > DEEPEST) {
    lost.add(`text nested more than ${DEEPEST} deep removed`)
    return ''
  }
  const within = () => many(node, lost, depth)
  const type = text(node.type).replace(/^extended-/, '')
  switch (type) {
    case 'text': {
      const format = Number(node.format) || 0
      const on = FORMATS.filter(([bit]) => (format & bit) !== 0).map(([, tag]) => tag)
      return `${on.map((tag) => `<${tag}>`).join('')}${escaped(node.text)}${on
        .toReversed()
        .map((tag) => `</${tag}>`)
        .join('')}`
    }
    case 'linebreak':
      return '<br>'
    case 'paragraph':
      return `<p>${within()}</p>`
    case 'heading': {
      const tag = /^h[1-6]$/.test(text(node.tag)) ? text(node.tag) : 'h2'
      return `<${tag}>${within()}</${tag}>`
    }
    case 'quote':
      return `<blockquote>${within()}</blockquote>`
    case 'aside':
      return `<aside>${within()}</aside>`
    case 'list': {
      const tag = node.listType === 'number' ? 'ol' : 'ul'
      return `<${tag}>${within()}</${tag}>`
    }
    case 'listitem':
      return `<li>${within()}</li>`
    case 'link':
    case 'autolink':
      return `<a href="${escaped(node.url)}">${within()}</a>`
    default:
      return card(type, node, lost) ?? unknown(type, within(), lost)
  }
}

function unknown(type: string, inner: string, lost: Losses): string {
  lost.add(inner ? `card ${type.slice(0, 40)} removed, its text kept` : `card ${type.slice(0, 40)} removed`)
  return inner
}

/** What both formats call cards. Null for those that have no place here. */
function card(type: string, values: Node, lost: Losses): string | null {
  const caption = values.caption ? `<figcaption>${text(values.caption)}</figcaption>` : ''
  const embed = (url: unknown) => `<x-embed src="${escaped(url)}"></x-embed>`
  const image = ({ src, alt, width, height }: Node) =>
    `<img src="${escaped(src)}" alt="${escaped(alt)}" width="${Number(width) || ''}" height="${Number(height) || ''}">`
  switch (type) {
    case 'image':
      return `<figure>${image(values)}${caption}</figure>`
    case 'gallery':
      return `<figure>${list(values.images).map(image).join('')}${caption}</figure>`
    case 'html':
      return text(values.html)
    case 'markdown':
    case 'card-markdown':
      return markdown.render(text(values.markdown))
    case 'horizontalrule':
    case 'hr':
      return '<hr>'
    case 'code':
    case 'codeblock':
      return `<figure><pre><code>${escaped(values.code)}</code></pre>${caption}</figure>`
    case 'embed':
    case 'video':
    case 'audio':
    case 'bookmark': {
      if (type !== 'embed') lost.add(`card ${type} kept as a link`)
      return `${embed(values.url ?? values.src)}${caption && `<p>${text(values.caption)}</p>`}`
    }
    case 'file':
      lost.add('card file kept as a link')
      return `<p><a href="${escaped(values.src)}">${escaped(values.fileTitle ?? values.fileName) || escaped(values.src)}</a></p>`
    case 'callout':
      return `<aside>${text(values.calloutText)}</aside>`
    case 'toggle':
      return `<details><summary>${text(values.heading)}</summary>${text(values.content)}</details>`
    case 'button':
      return `<p><a href="${escaped(values.buttonUrl)}">${escaped(values.buttonText)}</a></p>`
    case 'paywall':
      lost.add('place of the paywall removed')
      return ''
    default:
      return null
  }
}

/** Mobiledoc 0.3: markups, atoms, cards and sections point at each other by number. Null for what cannot be read at all. */
export function fromMobiledoc(source: string, lost: Losses): string | null {
  try {
    const {
      markups = [],
      atoms = [],
      cards = [],
      sections
    } = JSON.parse(source) as Record<string, unknown[][]>
    if (!Array.isArray(sections)) return null
    const run = (markers: unknown): string => {
      const open: string[] = []
      return (Array.isArray(markers) ? (markers as unknown[][]) : [])
        .map((marker) => {
          const [kind, opening, closing, value] = marker as [number, number[], number, unknown]
          const begins = opening.map((index) => markupTag(markups[index] ?? []))
          open.push(...begins.map(([tag]) => tag))
          const shown = kind === 0 ? escaped(value) : atomHtml(atoms[Number(value)] ?? [])
          const ends = open.splice(Math.max(open.length - closing, 0)).toReversed()
          return `${begins.map(([, html]) => html).join('')}${shown}${ends.map((tag) => `</${tag}>`).join('')}`
        })
        .join('')
    }
    return sections
      .map((section) => {
        const [kind, first, second] = section as [number, unknown, unknown]
        if (kind === 1) {
          const tag = /^(p|h[1-6]|blockquote|aside)$/.test(text(first)) ? text(first) : 'p'
          return `<${tag}>${run(second)}</${tag}>`
        }
        if (kind === 2) return `<img src="${escaped(first)}" alt="">`
        if (kind === 3) {
          const tag = first === 'ol' ? 'ol' : 'ul'
          return `<${tag}>${(second as unknown[]).map((item) => `<li>${run(item)}</li>`).join('')}</${tag}>`
        }
        const [name, payload] = (cards[Number(first)] ?? []) as [string, Node]
        return card(text(name), payload ?? {}, lost) ?? unknown(text(name), '', lost)
      })
      .join('')
  } catch {
    return null
  }
}

function markupTag([name, pairs]: unknown[]): [tag: string, html: string] {
  const tag = /^(a|b|i|em|strong|code|s|u|sub|sup)$/i.test(text(name)) ? text(name).toLowerCase() : 'span'
  const values = Array.isArray(pairs) ? pairs : []
  const href = values[values.indexOf('href') + 1]
  return [tag, tag === 'a' && values.includes('href') ? `<a href="${escaped(href)}">` : `<${tag}>`]
}

const atomHtml = ([name, value]: unknown[]) => (name === 'soft-return' ? '<br>' : escaped(value))
