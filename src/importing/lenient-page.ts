/** The text of a page being read: what it stands in, and the blocks it becomes when a paragraph ends. */
import type { Decorator } from '../body/blocks.ts'
import { addBreak, addSpace, addText, type Flow, type Link, newFlow, plainText } from '../body/flow.ts'
import { bodyLimits } from '../body/schema.ts'
import { addressFrom, hostOf, pageOf } from './addresses.ts'
import { blockBuilder, type Item, type TextStyle } from './block-builder.ts'
import type { Losses } from './report.ts'
import { cleaned } from './texts.ts'

export type Attributes = Record<string, string>
type Figure = { from: number; caption: Flow; credit: Flow; shortcode: boolean }
type Options = { base: string | null; lost: Losses; embeds: boolean }

const EMPTY = /^[\s\u00A0\u200B\u2060\uFEFF]*$/

export function newPage({ base, lost, embeds }: Options) {
  const body = blockBuilder(lost)
  const marks = new Map<Decorator, number>()
  const links: Link[] = []
  const headings: ('h2' | 'h3' | 'h4')[] = []
  const lists: Item['kind'][] = []
  const figures: Figure[] = []
  const captions: ('caption' | 'credit')[] = []
  /** How deep it is in quotations and rows of tables; line breaks of the source since the last text. */
  const state = { quotes: 0, rows: 0, breaks: 0 }
  let flow: Flow | undefined
  /** In a list item a paragraph ended; what comes is put behind a break. */
  let pending = false

  const inside = () => ({
    marks: [...marks].filter(([, count]) => count > 0).map(([mark]) => mark),
    link: links.at(-1)
  })
  const here = (): Flow => {
    const figure = figures.at(-1)
    const part = captions.at(-1) ?? (figure?.shortcode ? 'caption' : undefined)
    if (figure && part) return figure[part]
    flow ??= newFlow(0, false)
    if (pending) {
      pending = false
      if (flow.runs.length > 0) addBreak(flow, inside())
    }
    return flow
  }
  const inCaption = () => captions.length > 0 || figures.at(-1)?.shortcode === true

  const itemHere = (): Item | undefined => {
    const kind = lists.at(-1)
    if (!kind) return undefined
    if (lists.length > bodyLimits.level) lost.add(`list nested more than ${bodyLimits.level} deep made flat`)
    if (state.quotes > 0) lost.add('list inside a quotation stands outside it')
    if (headings.length > 0) lost.add('heading inside a list turned into text')
    return { kind, level: Math.min(lists.length, bodyLimits.level) }
  }
  const endFlow = () => {
    const done = flow
    flow = undefined
    pending = false
    state.breaks = 0
    if (!done) return
    const text = plainText(done) ?? ''
    if (EMPTY.test(text)) return
    const last = done.runs.at(-1)
    if (last) last.text = last.text.replace(/\n+$/, '')
    const alone = text.trim()
    const href = done.runs[0]?.href
    if (embeds && /^https?:\/\/\S+$/.test(alone) && (!href || href === alone) && lists.length === 0) {
      const url = addressFrom(alone, base, 'web', 'embed', lost)
      if (url) return body.add({ _type: 'embed', url: pageOf(url) })
    }
    const item = itemHere()
    const heading = headings.at(-1)
    if (heading && state.quotes > 0) lost.add('heading inside a quotation stands outside it')
    const style: TextStyle = item ? 'normal' : (heading ?? (state.quotes > 0 ? 'blockquote' : 'normal'))
    body.text(
      style,
      done.runs.filter(({ text }) => text !== ''),
      item
    )
  }
  const boundary = () => {
    state.breaks = 0
    if (inCaption()) addSpace(here(), inside())
    else if (state.rows > 0) flow && addSpace(flow, inside())
    else if (lists.length > 0) pending = flow !== undefined && flow.runs.length > 0
    else endFlow()
  }

  // ---- Text ----------------------------------------------------------------------------------------------------

  const write = (data: string) => {
    const begin = data.search(/[^ \t\n\f\r]/)
    const to = begin < 0 ? flow : here()
    if (begin !== 0 && to) addSpace(inCaption() ? here() : to, inside())
    if (begin < 0) return
    addText(here(), data.replace(/[ \t\n\f\r]+/g, ' ').replace(/^ | $/g, ''), inside())
    if (/[ \t\n\f\r]$/.test(data)) addSpace(here(), inside())
  }
  const writeLines = (data: string) => {
    for (const [index, line] of data.split('\n').entries()) {
      if (index > 0) state.breaks += 1
      if (!/[^ \t\f\r]/.test(line)) {
        if (state.breaks === 0) write(line)
        continue
      }
      const { length } = flow?.runs ?? []
      if (state.breaks > 1) boundary()
      else if (state.breaks === 1 && inCaption()) addSpace(here(), inside())
      else if (state.breaks === 1 && flow && length && flow.ends !== 'break') addBreak(flow, inside())
      state.breaks = 0
      write(line)
    }
  }
  const writeCode = (data: string) => {
    const on = { ...inside(), marks: [...new Set([...inside().marks, 'code' as const])] }
    data.split('\n').forEach((line, index) => {
      const to = here()
      if (index > 0 && to.runs.length > 0) addBreak(to, on)
      if (line !== '') addText(to, line, on)
    })
  }

  // ---- What stands between paragraphs ---------------------------------------------------------------------------

  const standAlone = (what: string) => {
    if (state.breaks > 0) boundary()
    if (flow && !EMPTY.test(plainText(flow) ?? '')) lost.add(`${what} within text stands between paragraphs`)
    if (lists.length > 0) lost.add(`${what} inside a list stands between its items`)
    endFlow()
  }
  const embed = (src: string, what: string) => {
    const url = src ? addressFrom(src, base, 'web', what, lost) : null
    if (!src) lost.add(`${what} without an address removed`)
    if (!url) return
    standAlone('embed')
    body.add({ _type: 'embed', url: pageOf(url) })
    if (what !== 'embed') lost.add(`${what} of ${hostOf(url)} kept as a link`)
  }
  const pixels = (text: string | undefined) => {
    const value = /^[1-9]\d{0,5}$/.test(text ?? '') ? Number(text) : 0
    return value > 0 && value <= bodyLimits.pixels ? value : null
  }
  const image = (attributes: Attributes) => {
    const late = attributes['data-src'] ?? attributes['data-lazy-src']
    const src = late && !/^https?:/i.test(attributes.src ?? '') ? late : (attributes.src ?? late ?? '')
    const [width, height] = [pixels(attributes.width), pixels(attributes.height)]
    if (width === 1 && height === 1) return lost.add('image of one pixel removed')
    const url = addressFrom(src, base, 'web', 'image', lost)
    if (!url) return
    standAlone('image')
    if (links.length > 0) lost.add('link around an image removed')
    body.image({
      url,
      alt: cleaned(attributes.alt ?? '', lost)
        .replace(/\s+/g, ' ')
        .trim(),
      width,
      height
    })
  }
  const endFigure = () => {
    const figure = figures.pop()
    if (!figure) return
    if (!inCaption()) endFlow()
    const texts = [figure.caption, figure.credit].map((one) => (plainText(one) ?? '').trim()) as [
      string,
      string
    ]
    if (EMPTY.test(texts.join('')) || body.caption(figure.from, ...texts)) return
    const outer = figures.at(-1)
    const text = texts.filter(Boolean).join(' ')
    // A caption of several, or of something that has none of its own.
    if (outer?.shortcode) addText(outer.caption, text, { marks: [], link: undefined })
    else body.text('normal', [{ text, marks: ['em'], href: undefined }], undefined)
  }

  const addLineBreak = () => {
    state.breaks = 0
    if (inCaption()) addSpace(here(), inside())
    else if (flow && flow.runs.length > 0) addBreak(here(), inside())
  }
  const openFigure = (shortcode: boolean) => {
    boundary()
    const [caption, credit] = [newFlow(0, false), newFlow(0, false)]
    figures.push({ from: body.blocks.length, caption, credit, shortcode })
  }
  return {
    ...{ body, marks, links, headings, lists, figures, captions, state },
    ...{ inCaption, boundary, endFlow, write, writeLines, writeCode, addLineBreak },
    ...{ standAlone, embed, image, openFigure, endFigure },
    flow: () => flow
  }
}
