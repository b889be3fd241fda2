import { Parser } from 'htmlparser2'
import { Invalid } from '../http/errors.ts'
import { assemble } from './assemble.ts'
import { type Decorator, notText, notTextMessage } from './blocks.ts'
import {
  addBreak,
  addSpace,
  addText,
  endLink,
  type Flow,
  type Inside,
  type Link,
  newFlow,
  plainText
} from './flow.ts'
import { linkFault } from './links.ts'
import { bodyLimits, type StoredBlock } from './schema.ts'

const deepest = 100
const decoratorOf = new Map<string, Decorator>([
  ['strong', 'strong'],
  ['b', 'strong'],
  ['em', 'em'],
  ['i', 'em'],
  ['code', 'code'],
  ['s', 'strike-through'],
  ['del', 'strike-through'],
  ['strike', 'strike-through']
])
const phrasing = new Set([...decoratorOf.keys(), 'a', 'span', 'br', 'img'])
const headings = new Set(['h2', 'h3', 'h4'])
const lists = new Set(['ul', 'ol'])
const voids = new Set(['br', 'hr', 'img'])
const structure = 'p div blockquote li hr figure figcaption cite'.split(' ')
const allowed = new Set([...phrasing, ...headings, ...lists, ...structure])

/** Attributes that say something, and those that carry no content and are left out. Every other one is refused. */
const attributesOf = new Map([
  ['a', ['href', 'target', 'rel']],
  ['img', ['src', 'alt', 'width', 'height', 'loading', 'decoding', 'fetchpriority']],
  ['figure', ['data-embed']],
  ['ol', ['start']]
])
const ignored = ['class', 'id', 'dir', 'lang']

type Element = { name: string; at: number; link?: Link }
type Image = { url: string; alt: string; width: number | null; height: number | null }
type Figure = {
  at: number
  embed: boolean
  image?: Image
  caption?: Flow
  credit?: Flow
  link?: Link
  text: string
}

/**
 * A fragment of HTML → blocks. Throws `Invalid` at `pointer`, naming the line, for what cannot be kept. White space
 * is collapsed as a browser does, but `&#32;` and `&#9;` stay: `toHtml` writes the blanks so that would be lost.
 */
export function readHtml(source: string, pointer: string): StoredBlock[] {
  const html = source.replace(/^\uFEFF/, '')
  const refuse = (at: number, message: string, code: string) =>
    Invalid(pointer, `Line ${html.slice(0, at).split(/\r\n?|\n/).length}: ${message}`, code)
  const odd = html.replace(/\r/g, '\n').search(notText)
  if (odd >= 0) throw refuse(odd, notTextMessage, 'control_character')
  const tail = html.slice(html.lastIndexOf('<'))
  if (/^<[a-z/!?]/i.test(tail) && !tail.includes('>')) {
    throw refuse(html.length - tail.length, 'The tag that begins here never ends.', 'unfinished_tag')
  }

  const body = assemble(refuse)
  const open: Element[] = []
  let tag = ''
  let attributes = new Map<string, string>()
  let flow: Flow | undefined
  let figure: Figure | undefined
  let ended = false
  const at = () => Math.min(parser.startIndex, html.length)

  const within = (name: string) => open.some((element) => element.name === name)
  const heading = () => open.find(({ name }) => headings.has(name))?.name as 'h2' | 'h3' | 'h4' | undefined
  const link = () => open.find((element) => element.link)?.link
  const checkLink = (href: string, kind: 'link' | 'web') => {
    const fault = linkFault(href, kind)
    if (fault) throw refuse(at(), fault.message, fault.code)
  }

  const endFlow = () => {
    const done = flow
    flow = undefined
    if (!done || (done.runs.length === 0 && (!done.explicit || done.image))) return
    body.text(heading() ?? 'normal', done.runs, done.at)
  }

  /** The text we are in: of a caption, of a paragraph, or of one that begins here without a tag. */
  const textHere = (offset = 0): Flow => {
    if (figure) {
      if (inside().marks.length > 0) throw refuse(at(), 'The text of a figure is plain.', 'marked_caption')
      const current = within('cite') ? figure.credit : figure.credit ? undefined : figure.caption
      if (!current || !within('figcaption')) {
        const message = 'Text in a figure stands in its figcaption, before the cite.'
        throw refuse(at() + offset, message, 'text_in_figure')
      }
      return current
    }
    if (lists.has(open.findLast(({ name }) => !phrasing.has(name))?.name ?? '')) {
      throw refuse(at() + offset, 'Text in a list stands in an item (li).', 'text_in_list')
    }
    flow ??= newFlow(at() + offset, false)
    if (flow.image) {
      throw refuse(at() + offset, 'An image must be alone in its paragraph.', 'image_in_text')
    }
    return flow
  }

  const inside = (): Inside => ({
    marks: open.map(({ name }) => decoratorOf.get(name)).filter((mark) => mark !== undefined),
    link: link()
  })
  const writeText = (data: string) => {
    const here = inside()
    const begin = data.search(/[^ \t\n\f\r]/)
    const spaceIn = (to: Flow | undefined) => to && addSpace(to, here)
    if (begin !== 0) spaceIn(figure ? (within('cite') ? figure.credit : figure.caption) : flow)
    if (begin < 0) return
    const to = textHere(begin)
    addText(to, data.replace(/[ \t\n\f\r]+/g, ' ').replace(/^ | $/g, ''), here)
    if (/[ \t\n\f\r]$/.test(data)) spaceIn(to)
  }

  const pixels = (name: string) => {
    const value = attributes.get(name)
    if (value === undefined) return null
    if (/^[1-9]\d{0,5}$/.test(value) && Number(value) <= bodyLimits.pixels) return Number(value)
    throw refuse(at(), `The ${name} of an image is a number of pixels.`, 'invalid_size')
  }
  const openImage = () => {
    const url = attributes.get('src') ?? ''
    checkLink(url, 'web')
    const alt = attributes.get('alt')
    if (alt === undefined) {
      throw refuse(at(), 'An image needs an alt; write alt="" if it is decoration.', 'alt_missing')
    }
    const image = { url, alt, width: pixels('width'), height: pixels('height') }
    if (figure) {
      if (figure.embed || figure.image || within('figcaption')) {
        throw refuse(at(), 'A figure holds one image or one embed.', 'figure_content')
      }
      figure.image = image
      return
    }
    if (link()) throw refuse(at(), 'The link around an image cannot be kept.', 'linked_image')
    if (heading() || (flow && flow.runs.length > 0)) {
      throw refuse(at(), 'An image must be alone in its paragraph.', 'image_in_text')
    }
    if (flow) flow.image = true
    body.alone({ _type: 'image', ...image }, at())
  }
  const openLink = (element: Element) => {
    const href = attributes.get('href')
    if (href === undefined) return
    if (link()) throw refuse(at(), 'A link inside a link cannot be kept.', 'nested_link')
    if (figure && (!figure.embed || figure.link)) {
      throw refuse(at(), 'A link in a figure cannot be kept.', 'link_in_figure')
    }
    checkLink(href, figure ? 'web' : 'link')
    element.link = { href, used: false }
    if (figure) figure.link = element.link
  }
  const closeFigure = (done: Figure) => {
    figure = undefined
    if (done.embed) {
      if (!done.link || done.text.trim() !== done.link.href) {
        throw refuse(done.at, 'An embed is a link whose text is its address.', 'invalid_embed')
      }
      body.alone({ _type: 'embed', url: done.link.href }, done.at)
      return
    }
    if (!done.image) throw refuse(done.at, 'A figure holds one image or one embed.', 'figure_content')
    const image = { ...done.image, caption: plainText(done.caption), credit: plainText(done.credit) }
    body.alone({ _type: 'image', ...image }, done.at)
  }
  const openInFigure = (name: string, to: Figure) => {
    if (name === 'figcaption' && !to.embed && !to.caption) to.caption = newFlow(at(), true)
    else if (name === 'cite' && to.caption && !to.credit && within('figcaption'))
      to.credit = newFlow(at(), true)
    else if (name !== 'div' || within('figcaption')) {
      throw refuse(at(), `<${name}> cannot be kept here in a figure.`, 'figure_content')
    }
  }

  const openElement = (element: Element, implied: boolean) => {
    const { name } = element
    if (name === 'br') return addBreak(textHere(), inside())
    if (name === 'img') return openImage()
    if (name === 'a') return openLink(element)
    if (phrasing.has(name)) return
    if (figure) return openInFigure(name, figure)
    if (heading()) throw refuse(at(), `<${name}> cannot be kept inside a heading.`, 'block_in_heading')
    if (name === 'figure' && link()) {
      throw refuse(at(), 'The link around a figure cannot be kept.', 'linked_image')
    }
    endFlow()
    if (name === 'p' || headings.has(name)) flow = newFlow(at(), !implied)
    else if (lists.has(name)) body.openList(name === 'ol' ? 'number' : 'bullet', listStart(), at())
    else if (name === 'li') body.openItem(at())
    else if (name === 'blockquote') body.openQuote(at())
    else if (name === 'hr') body.alone({ _type: 'divider' }, at())
    else if (name === 'figure') figure = { at: at(), embed: attributes.has('data-embed'), text: '' }
    else if (name !== 'div')
      throw refuse(at(), `<${name}> cannot be kept outside a figure.`, 'figure_content')
  }
  const listStart = () => {
    const start = attributes.get('start') ?? '1'
    return /^-?\d{1,9}$/.test(start) ? Number(start) : 1
  }
  const closeElement = ({ name, link: on }: Element) => {
    if (on && flow) endLink(flow, on)
    if (on && !on.used && !figure) throw refuse(at(), 'A link has no text.', 'empty_link')
    if (name === 'figure' && figure) return closeFigure(figure)
    if (figure || phrasing.has(name)) return
    endFlow()
    if (lists.has(name) || name === 'li' || name === 'blockquote') body.close()
  }

  const parser = new Parser({
    onopentagname(name) {
      if (!allowed.has(name)) throw refuse(at(), elementMessage(name), 'element')
      if (open.length >= deepest) {
        throw refuse(at(), `Elements are nested more than ${deepest} deep.`, 'too_deep')
      }
      tag = name
      attributes = new Map()
    },
    onattribute(name, value) {
      if (attributes.has(name))
        throw refuse(at(), `The attribute ${shown(name)} is there twice.`, 'attribute')
      if (!ignored.includes(name) && !attributesOf.get(tag)?.includes(name)) {
        throw refuse(at(), `The attribute ${shown(name)} of <${tag}> cannot be kept.`, 'attribute')
      }
      attributes.set(name, value)
    },
    onopentag(name, _attributes, implied) {
      const element = { name, at: at() }
      openElement(element, implied)
      if (!voids.has(name)) open.push(element)
    },
    onclosetag(name, implied) {
      const element = open.at(-1)
      if (voids.has(name) || !element) return
      if (implied && !ended && (decoratorOf.has(name) || name === 'a')) {
        throw refuse(element.at, `<${name}> is not closed before what it stands in ends.`, 'unclosed')
      }
      closeElement(element)
      open.pop()
    },
    ontext(data) {
      if (figure?.link && link()) figure.text += data
      // A blank that is written as a reference is text, not white space.
      else if (/^[ \t]$/.test(data) && html[parser.startIndex] === '&') addText(textHere(), data, inside())
      else writeText(data)
    },
    oncomment() {
      throw refuse(at(), 'A comment cannot be kept.', 'comment')
    },
    onprocessinginstruction() {
      throw refuse(at(), 'A declaration or processing instruction cannot be kept.', 'declaration')
    },
    onend() {
      if (parser.startIndex < html.length) {
        throw refuse(parser.startIndex, 'The tag that stands here never ends.', 'unfinished_tag')
      }
    }
  })
  parser.write(html)
  ended = true
  parser.end()
  endFlow()
  return body.finish()
}

const shown = (name: string) => JSON.stringify(name.slice(0, 40))

function elementMessage(name: string) {
  if (name === 'h1') return 'use h2 or deeper; the headline is the article’s own field.'
  if (name === 'h5' || name === 'h6') return 'A heading is h2, h3 or h4.'
  return `The element <${name.slice(0, 40)}> cannot be kept.`
}
