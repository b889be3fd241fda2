import MarkdownIt, { type Options } from 'markdown-it'
import type Token from 'markdown-it/lib/token.mjs'
import { Invalid, type Problem } from '../http/errors.ts'
import { addRun, assemble, type Run } from './assemble.ts'
import { type Decorator, decorators, notText, notTextMessage } from './blocks.ts'
import { linkFault } from './links.ts'
import { bodyLimits, type StoredBlock } from './schema.ts'

/**
 * Everything we refuse is switched on, so that we see it instead of reading it as text. Addresses are left as they
 * are written. Text pieces are not joined, because an escaped `\[^1]` is no footnote.
 * Ten levels are what four lists and a quotation need; what the parser gives up on below them is inside something
 * refused. It also bounds the time for thousands of nested quotations.
 */
const parser = new MarkdownIt('commonmark', { maxNesting: 10 } as Options)
  .enable(['strikethrough', 'table'])
  .disable(['text_join'])
parser.validateLink = () => true
parser.normalizeLink = (url) => url
parser.normalizeLinkText = (url) => url
parser.core.ruler.after('block', 'dateline', (state) => {
  const env = state.env as Env
  env.defined = true
  const count = state.tokens.reduce((sum, { type }) => sum + Number(type === 'inline' || type === 'hr'), 0)
  if (count > bodyLimits.blocks) {
    throw env.refuse(0, `A body may have at most ${bodyLimits.blocks} blocks.`, 'too_many_blocks')
  }
})

type Refuse = (line: number, message: string, code: string) => Problem
type Env = { refuse: Refuse; defined: boolean; references: Record<string, unknown> }

const refused: Record<string, [what: string, code: string]> = {
  html_block: ['HTML', 'html'],
  html_inline: ['HTML', 'html'],
  fence: ['A code block', 'code_block'],
  code_block: ['A code block (text indented by four or more)', 'code_block'],
  table_open: ['A table', 'table']
}
const headings: Record<string, 'h2' | 'h3' | 'h4'> = { h2: 'h2', h3: 'h3', h4: 'h4' }
const marks: Record<string, Decorator> = { strong: 'strong', em: 'em', s: 'strike-through' }

/** CommonMark with strikethrough → blocks. Throws `Invalid` at `pointer`, naming the line, for what cannot be kept. */
export function readMarkdown(source: string, pointer: string): StoredBlock[] {
  const refuse: Refuse = (line, message, code) => Invalid(pointer, `Line ${line + 1}: ${message}`, code)
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const odd = text.search(notText)
  if (odd >= 0) throw refuse(text.slice(0, odd).split('\n').length - 1, notTextMessage, 'control_character')

  const definitions = watchDefinitions(text, refuse)
  const env: Env = { refuse, defined: false, references: definitions.references }
  definitions.watch(env)
  const tokens = parser.parse(text, env)
  const body = assemble(refuse)
  let style: 'normal' | 'h2' | 'h3' | 'h4' = 'normal'
  let line = 0
  let itemBegins = false
  for (const token of tokens) {
    line = token.map?.[0] ?? line
    const no = refused[token.type]
    if (no) throw refuse(line, `${no[0]} cannot be kept.`, no[1])
    if (token.type !== 'paragraph_open' && token.type !== 'inline') itemBegins = false
    switch (token.type) {
      case 'paragraph_open':
        style = 'normal'
        break
      case 'heading_open':
        style = heading(token, line, refuse)
        break
      case 'bullet_list_open':
        body.openList('bullet', 1, line)
        break
      case 'ordered_list_open':
        body.openList('number', Number(token.attrGet('start') ?? 1), line)
        break
      case 'list_item_open':
        body.openItem(line)
        itemBegins = true
        break
      case 'blockquote_open':
        body.openQuote(line)
        break
      case 'list_item_close':
      case 'bullet_list_close':
      case 'ordered_list_close':
      case 'blockquote_close':
        body.close()
        break
      case 'hr':
        body.alone({ _type: 'divider' }, line)
        break
      case 'inline':
        if (itemBegins && /^\[[ xX]\](\s|$)/.test(token.content)) {
          throw refuse(line, 'A task list cannot be kept.', 'task_list')
        }
        readInline(token.children ?? [], style, line, body, refuse)
        itemBegins = false
        break
    }
  }
  definitions.check()
  return body.finish()
}

function heading(token: Token, line: number, refuse: Refuse) {
  const style = headings[token.tag]
  if (style) return style
  if (token.tag === 'h1') {
    throw refuse(line, 'use ## or deeper; the headline is the article’s own field.', 'heading_level')
  }
  throw refuse(line, 'A heading has two to four #.', 'heading_level')
}

function readInline(
  tokens: Token[],
  style: 'normal' | 'h2' | 'h3' | 'h4',
  line: number,
  body: ReturnType<typeof assemble>,
  refuse: Refuse
) {
  const [first] = tokens
  if (first?.type === 'image' && tokens.length === 1 && style === 'normal') {
    body.alone(image(first, line, refuse), line)
    return
  }
  const url = first?.info === 'auto' && tokens.length === 3 ? String(first.attrGet('href')) : ''
  if (/^https?:/i.test(url) && style === 'normal' && body.atTop()) {
    checkLink(url, 'web', line, refuse)
    body.alone({ _type: 'embed', url }, line)
    return
  }
  body.text(style, readRuns(tokens, line, refuse), line)
}

function readRuns(tokens: Token[], begin: number, refuse: Refuse): Run[] {
  const runs: Run[] = []
  // Counted, not stacked: emphasis may be nested a hundred thousand deep.
  const open = new Map<Decorator, number>()
  let href: string | undefined
  let linked = 0
  let line = begin
  const add = (text: string, more: Decorator[] = []) => {
    const on = decorators.filter((mark) => (open.get(mark) ?? 0) > 0 || more.includes(mark))
    if (text) addRun(runs, text, on, href)
    linked += text.length
  }
  for (const token of tokens) {
    const no = refused[token.type]
    if (no) throw refuse(line, `${no[0]} cannot be kept.`, no[1])
    const mark = marks[token.tag]
    if (mark && token.nesting !== 0) open.set(mark, (open.get(mark) ?? 0) + token.nesting)
    else if (token.type === 'code_inline') add(token.content, ['code'])
    else if (token.type === 'softbreak') add(' ')
    else if (token.type === 'hardbreak') add('\n')
    else if (token.type === 'link_open') {
      href = link(token, line, refuse)
      linked = 0
    } else if (token.type === 'link_close') {
      if (linked === 0) throw refuse(line, 'A link has no text.', 'empty_link')
      href = undefined
    } else if (token.type === 'image') {
      const message = 'An image must be alone in its paragraph, outside headings, links and text.'
      throw refuse(line, message, 'image_in_text')
    } else {
      if (token.type === 'text' && /\[\^[^\s[\]]+\]/.test(token.content)) {
        throw refuse(line, 'A footnote cannot be kept.', 'footnote')
      }
      add(token.content)
    }
    if (token.type === 'softbreak' || token.type === 'hardbreak') line += 1
  }
  return runs
}

function link(token: Token, line: number, refuse: Refuse) {
  const href = String(token.attrGet('href') ?? '')
  checkLink(href, 'link', line, refuse)
  if (token.attrGet('title')) throw refuse(line, 'The title of a link cannot be kept.', 'link_title')
  return href
}

function image(token: Token, line: number, refuse: Refuse) {
  const parts = token.children ?? []
  if (!parts.every(({ type }) => type.startsWith('text') || type.endsWith('break'))) {
    throw refuse(line, 'The text of an image is plain text.', 'marked_alt')
  }
  const breaks: Record<string, string> = { softbreak: ' ', hardbreak: '\n' }
  const alt = parts.map(({ type, content }) => breaks[type] ?? content).join('')
  const url = String(token.attrGet('src') ?? '')
  checkLink(url, 'web', line, refuse)
  return { _type: 'image' as const, url, alt, caption: token.attrGet('title') }
}

function checkLink(href: string, kind: 'link' | 'web', line: number, refuse: Refuse) {
  const fault = linkFault(href, kind)
  if (fault) throw refuse(line, fault.message, fault.code)
}

/** The parser drops link definitions (`[label]: address`) that are not used or come twice: we watch it look them up. */
function watchDefinitions(text: string, refuse: Refuse) {
  const used = new Set<string>()
  const twice = new Set<string>()
  const known: Record<string, unknown> = Object.create(null)
  let env: Env | undefined
  const references = new Proxy(known, {
    get(target, label) {
      if (typeof label === 'string' && target[label]) (env?.defined ? used : twice).add(label)
      return target[label as string]
    }
  })
  const fault = (label: string, message: string) => {
    const lines = text.split('\n')
    const line = lines.findIndex((one) => one.toUpperCase().includes(`[${label}]:`))
    return refuse(Math.max(line, 0), message, label.startsWith('^') ? 'footnote' : 'link_definition')
  }
  return {
    references,
    watch(to: Env) {
      env = to
    },
    check() {
      for (const label of Object.keys(known)) {
        const name = `[${label.slice(0, 40)}]`
        if (label.startsWith('^')) throw fault(label, 'A footnote cannot be kept.')
        if (twice.has(label)) throw fault(label, `The link definition ${name} is there twice.`)
        if (!used.has(label)) throw fault(label, `The link definition ${name} is not used and would be lost.`)
      }
    }
  }
}
