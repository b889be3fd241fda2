import fc from 'fast-check'
import { readBody } from '../../src/body/input.ts'
import type { GivenBlock, StoredBlock } from '../../src/body/schema.ts'

/** Bits that mean something to HTML, to Markdown or to both, among ordinary words of several languages. */
const bits = [
  ...' \t\n!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~aZ09éßжشあ市ก\u00a0\u3000\u200d\ufeff\u2028\u0301😀',
  ...[
    '  ',
    '\n\n',
    '**',
    '__',
    '***',
    '~~',
    '``',
    '```',
    '---',
    '===',
    '- ',
    '* ',
    '+ ',
    '1. ',
    '12) ',
    '# ',
    '> '
  ],
  ...['&amp;', '&#32;', '&lt', '&copy', '&nbsp;', '<b>', '</p>', '<br>', '<!--', '-->', '<script>', ']]>'],
  ...['![', '](', '[a](b)', '[^1]', '[ ] ', '[x]: y', '|-|', ':--', '    ', '<https://a.b>', 'javascript:'],
  ...['word', 'ferry', 'порт', '港口', 'ميناء', "don't", 'e-mail', '3.14', 'https://example.com/a_b*c']
]
export const text = fc.array(fc.constantFrom(...bits), { maxLength: 8 }).map((parts) => parts.join(''))
const words = fc.array(fc.constantFrom('a', 'ferry', 'порт', ' ', '.', '“', '港', '😀'), {
  minLength: 1,
  maxLength: 4
})
const anyText = fc.oneof(
  text,
  words.map((parts) => parts.join(''))
)

const tails = [
  '',
  '/',
  '/a',
  '?q=1&amp=2',
  '#x',
  '(',
  ')',
  '((',
  '*',
  '_',
  "'",
  '`',
  '[',
  ']',
  '|',
  '~',
  '&lt;',
  '%20',
  '!',
  '$',
  'é',
  '{'
]
const tail = fc.array(fc.constantFrom(...tails), { maxLength: 4 }).map((parts) => parts.join(''))
export const webUrl = fc
  .tuple(fc.constantFrom('http://example.com/', 'https://example.org/', 'HTTPS://пример.рф/'), tail)
  .map((parts) => parts.join(''))
export const href = fc.oneof(
  webUrl,
  fc.constantFrom('mailto:desk@example.com', 'mailto:a@example.org?subject=x')
)

const decorators = fc.subarray(['strong', 'em', 'strike-through', 'code'])
const style = fc.constantFrom('normal', 'normal', 'normal', 'h2', 'h3', 'h4', 'blockquote')

const textBlock = fc
  .record({
    style,
    list: fc.option(
      fc.record({ listItem: fc.constantFrom('bullet', 'number'), level: fc.integer({ min: 1, max: 4 }) }),
      {
        nil: {},
        freq: 2
      }
    ),
    spans: fc.array(fc.record({ text: anyText, decorators, link: fc.constantFrom(-1, -1, 0, 1) }), {
      maxLength: 6
    }),
    links: fc.tuple(href, href)
  })
  .map(({ style, list, spans, links }) => ({
    _type: 'block',
    style,
    ...list,
    children: spans.map(({ text, decorators, link }) => ({
      _type: 'span',
      text,
      marks: link < 0 ? decorators : [`k${link}`, ...decorators]
    })),
    markDefs: links.map((href, index) => ({ _type: 'link', _key: `k${index}`, href }))
  }))

const size = fc.option(fc.integer({ min: 1, max: 9999 }))
const image = fc.record({
  _type: fc.constant('image'),
  url: webUrl,
  alt: text,
  caption: fc.option(text),
  credit: fc.option(text),
  width: size,
  height: size
})

/** Any document that may be stored, in all its oddity. */
export const documents = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: textBlock },
      { weight: 1, arbitrary: image },
      { weight: 1, arbitrary: fc.record({ _type: fc.constant('embed'), url: webUrl }) },
      { weight: 1, arbitrary: fc.constant({ _type: 'divider' }) }
    ),
    { maxLength: 8 }
  )
  .map((blocks) => readBody({ blocks: blocks as GivenBlock[] }))

/** The same document without what Markdown has no way to say (see `toMarkdown`). */
export const expressible = documents.map((blocks) => {
  const said = blocks.map((block): StoredBlock => {
    if (block._type === 'image') return { ...block, credit: null, width: null, height: null }
    if (block._type !== 'block') return block
    const children = block.children.map((span) =>
      span.marks.includes('code') ? { ...span, text: span.text.replace(/[\n\u2028]/g, '') } : span
    )
    const empty = children.every((span) => span.text === '')
    if (!empty || /^h/.test(block.style)) return { ...block, children }
    return { ...block, children: [{ _type: 'span', _key: 'x', text: 'filled', marks: [] }] }
  })
  return said
})

/** What counts as the same: without keys, links by address, spans with the same marks joined. */
export function canonical(blocks: StoredBlock[]) {
  return blocks.map((block) => {
    const { _key, ...rest } = block
    if (block._type !== 'block') return rest
    const hrefs = new Map(block.markDefs.map((link) => [link._key, `link ${link.href}`]))
    const spans: { text: string; marks: string }[] = []
    for (const { text, marks } of block.children) {
      const on = marks
        .map((mark) => hrefs.get(mark) ?? mark)
        .sort()
        .join()
      const last = spans.at(-1)
      if (text === '') continue
      if (last?.marks === on) last.text += text
      else spans.push({ text, marks: on })
    }
    return { style: block.style, listItem: block.listItem, level: block.level, spans }
  })
}
