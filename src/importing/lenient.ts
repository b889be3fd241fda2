/**
 * Foreign HTML → blocks. Where `body/html.ts` refuses what it cannot keep, here as much as can be is kept, and what is
 * lost is told. What comes out are blocks that go through the same check as those of an editor.
 */
import { Parser } from 'htmlparser2'
import { endLink } from '../body/flow.ts'
import type { GivenBlock } from '../body/schema.ts'
import { addressFrom } from './addresses.ts'
import {
  boundaries,
  decoratorOf,
  flattened,
  inner,
  lossOf,
  players,
  silent,
  skipped,
  tableParts
} from './html-table.ts'
import { type Attributes, newPage } from './lenient-page.ts'
import type { Losses } from './report.ts'
import { cleaned } from './texts.ts'

type Options = {
  /** What completes relative addresses. */
  base: string | null
  lost: Losses
  /** Line breaks of the source mean something, as in the older editor of WordPress. */
  newlines?: boolean
  /** An address alone in its paragraph is an embed. */
  embeds?: boolean
}

/** No editor nests so deep; the time the parser takes grows with the square of it. */
const DEEPEST = 400
const TOO_DEEP = Symbol('too deep')

export function readLeniently(html: string, options: Options): GivenBlock[] {
  const source = cleaned(html, options.lost)
  try {
    return read(source, options)
  } catch (error) {
    if (error !== TOO_DEEP) throw error
    options.lost.add(`HTML nested more than ${DEEPEST} deep: only its text kept`)
    const text = source
      .replace(/<\/?(?:p|div|br|li|tr|blockquote|h[1-6])(?:[\s/][^<>]*)?>/gi, '\n\n')
      .replace(/<[^<>]*>/g, ' ')
      .replace(/</g, '&lt;')
    return read(text, { ...options, newlines: true })
  }
}

function read(html: string, { base, lost, newlines = false, embeds = false }: Options): GivenBlock[] {
  const page = newPage({ base, lost, embeds })
  const { marks, links, headings, lists, captions, figures, state } = page
  const { boundary, embed, endFlow, inCaption, write } = page
  const open: { name: string; close?: () => void }[] = []
  let pre = 0
  let skip = 0
  let media: { name: string; src: string } | undefined

  const endMedia = () => {
    const { name, src } = media ?? { name: 'media', src: '' }
    media = undefined
    embed(src, name)
  }

  const show = () => {
    skip -= 1
  }

  // ---- Tags ------------------------------------------------------------------------------------------------------

  /** Opens what has an effect on what comes inside, and answers with what ends that. */
  const enter = (name: string, attributes: Attributes): (() => void) | undefined => {
    const mark = decoratorOf.get(name)
    if (mark) {
      if (inCaption()) lost.add('formatting of a caption removed')
      else {
        marks.set(mark, (marks.get(mark) ?? 0) + 1)
        return () => void marks.set(mark, (marks.get(mark) ?? 1) - 1)
      }
      return undefined
    }
    if (/^h[1-6]$/.test(name)) {
      const level = Math.min(Math.max(Number(name[1]), 2), 4)
      if (`h${level}` !== name) lost.add(`heading of level ${name[1]} turned into one of level ${level}`)
      boundary()
      headings.push(`h${level}` as 'h2')
      return () => {
        boundary()
        headings.pop()
      }
    }
    if (name === 'a') return enterLink(attributes)
    if (name === 'ul' || name === 'ol') {
      if (state.rows === 0) endFlow()
      if (name === 'ol' && (attributes.start ?? '1') !== '1') lost.add('numbered list begins with 1')
      lists.push(name === 'ul' ? 'bullet' : 'number')
      return () => {
        endFlow()
        lists.pop()
      }
    }
    if (name === 'li') {
      endFlow()
      if (lists.length > 0) return endFlow
      lists.push('bullet')
      return () => {
        endFlow()
        lists.pop()
      }
    }
    if (name === 'blockquote' || name === 'q') {
      if (name === 'q') {
        write('“')
        return () => write('”')
      }
      boundary()
      if (state.quotes > 0) lost.add('quotation inside a quotation made one')
      state.quotes += 1
      return () => {
        boundary()
        state.quotes -= 1
      }
    }
    if (name === 'pre') {
      boundary()
      pre += 1
      return () => {
        pre -= 1
        boundary()
      }
    }
    if (name === 'figure' || name === 'x-caption') {
      page.openFigure(name === 'x-caption')
      return page.endFigure
    }
    if (name === 'figcaption' || (name === 'cite' && captions.length > 0)) {
      if (figures.length === 0) {
        boundary()
        return boundary
      }
      if (name === 'figcaption') endFlow()
      captions.push(name === 'cite' ? 'credit' : 'caption')
      return () => void captions.pop()
    }
    if (name === 'tr') {
      if (state.rows === 0) endFlow()
      state.rows += 1
      return () => {
        state.rows -= 1
        if (state.rows === 0) endFlow()
      }
    }
    if (name === 'td' || name === 'th') {
      if (state.rows > 0 && page.flow()?.runs.length) write(' | ')
      return undefined
    }
    if (boundaries.has(name) || tableParts.has(name)) {
      boundary()
      return boundary
    }
    if (!silent.has(name)) {
      const known = /^[a-z][a-z0-9:-]{0,30}$/.test(name)
      lost.add(known ? `<${name}> removed, its text kept` : 'odd tag removed, its text kept')
    }
    return undefined
  }

  const enterLink = ({ href, class: classes = '' }: Attributes) => {
    if (href === undefined) return undefined
    if (classes.split(/\s/).includes('kg-bookmark-container')) {
      embed(href, 'bookmark')
      skip += 1
      return show
    }
    const address = addressFrom(href, base, 'link', 'link', lost)
    if (!address) return undefined
    if (inCaption()) {
      lost.add('link in a caption removed')
      return undefined
    }
    if (links.length > 0) lost.add('link inside a link taken for one of its own')
    const link = { href: address, used: false }
    links.push(link)
    return () => {
      const flow = page.flow()
      if (flow) endLink(flow, link)
      links.splice(links.indexOf(link), 1)
    }
  }

  const opened = (name: string, attributes: Attributes) => {
    if (open.length >= DEEPEST) throw TOO_DEEP
    if (skip > 0) {
      if (media && inner.has(name)) {
        const isFile = name !== 'param' || /^(movie|src|url)$/i.test(attributes.name ?? '')
        media.src ||= isFile ? (attributes.src ?? attributes.value ?? '') : ''
      }
      open.push({ name })
      return
    }
    for (const attribute of Object.keys(attributes)) {
      const loss = lossOf(attribute)
      if (loss) lost.add(loss)
    }
    if (name === 'br') page.addLineBreak()
    else if (name === 'hr') {
      page.standAlone('divider')
      page.body.add({ _type: 'divider' })
    } else if (name === 'img') page.image(attributes)
    else if (name === 'x-embed') embed(attributes.src ?? '', 'embed')
    else if (players.has(name)) {
      media = { name, src: attributes.src ?? attributes['data-src'] ?? attributes.data ?? '' }
      skip += 1
      open.push({
        name,
        close: () => {
          skip -= 1
          endMedia()
        }
      })
      return
    } else if (skipped.has(name)) {
      lost.add(`<${name}> removed`)
      skip += 1
      open.push({ name, close: show })
      return
    }
    const told = flattened.get(name)
    if (told) lost.add(told)
    const close = enter(name, attributes)
    open.push(close ? { name, close } : { name })
  }

  const parser = new Parser(
    {
      onopentag: opened,
      onclosetag: () => open.pop()?.close?.(),
      ontext(data) {
        if (skip > 0) return
        const text = cleaned(data, lost)
        if (pre > 0 && !inCaption()) page.writeCode(text)
        else if (newlines && state.rows === 0) page.writeLines(text)
        else write(text)
      },
      oncomment(data) {
        if (skip > 0) return
        const block = /^\s*wp:([a-z0-9/-]{1,60})\s[\s\S]*\/\s*$/.exec(data.slice(0, 100_000))
        if (block) lost.add(`block ${block[1]} removed, which the site makes itself`)
        else if (/^\s*(more|nextpage|noteaser)\b/.test(data)) lost.add('marker of a cut or a page removed')
        else if (!/^\s*\/?(wp|kg-card-(begin|end)):/.test(data)) lost.add('comment removed')
      }
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: false }
  )
  parser.write(html)
  parser.end()
  endFlow()
  return page.body.blocks
}
