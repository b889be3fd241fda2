import fc from 'fast-check'
import t, { type Test } from 'tap'
import { readBody } from '../../src/body/input.ts'
import { countWords, toHtml, toMarkdown, toText } from '../../src/body/render.ts'
import type { GivenBlock } from '../../src/body/schema.ts'
import { Problem } from '../../src/http/errors.ts'
import { href, text } from './documents.ts'

const mebibyte = 1_048_576
const part = mebibyte / 8
const fill = (part: string, size = mebibyte) => part.repeat(Math.floor(size / Buffer.byteLength(part)))
const around = (before: string, middle: string, after: string, size: number) => {
  const times = Math.floor((size - middle.length) / (before.length + after.length))
  return before.repeat(times) + middle + after.repeat(times)
}

/** A body that is taken, or refused as it should be: anything else thrown is a defect. */
function outcome(body: Parameters<typeof readBody>[0]) {
  try {
    return readBody(body)
  } catch (error) {
    if (error instanceof Problem && error.errors?.length === 1) return error
    throw error
  }
}

t.test('any text at all is taken or refused, as Markdown and as HTML', async (t) => {
  const tags = fc.constantFrom(
    'p',
    'b',
    'a',
    'ul',
    'li',
    'figure',
    'figcaption',
    'cite',
    'h2',
    'img',
    'br',
    'div',
    'x',
    'svg',
    'title'
  )
  const tag = fc.oneof(
    tags.map((name) => `<${name}>`),
    tags.map((name) => `</${name}>`),
    fc.tuple(tags, href).map(([name, url]) => `<${name} href="${url}" alt='' src=${url}>`)
  )
  const grammar = fc
    .array(
      fc.oneof(
        tag,
        text,
        href,
        fc.constantFrom('\n', '\n    ', '\n> ', '\n- ', '\n1. '),
        fc.string({ unit: 'binary' })
      )
    )
    .map((parts) => parts.join(''))
  const lookUp = fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '[constructor]: https://a.b',
    '<constructor>',
    '[__proto__]'
  )
  const sources = fc.oneof(
    grammar,
    fc.string({ unit: 'binary' }),
    fc.array(lookUp).map((parts) => parts.join('\n\n'))
  )
  const property = fc.property(sources, (source) => {
    for (const body of [{ markdown: source }, { html: source }]) {
      const blocks = outcome(body)
      if (Array.isArray(blocks)) countWords(readBody({ html: toHtml(blocks) }))
    }
  })
  const result = fc.check(property, { numRuns: 5_000 })
  t.equal(fc.defaultReportMessage(result) ?? '', '')
})

const both = [
  ...[
    '[',
    '![',
    ']',
    '](',
    '[a](',
    '[a][',
    '[]',
    '[^',
    '[^a',
    '*',
    '**',
    '*a_',
    '_a*',
    '**a*',
    'a **b** ',
    '`',
    '``a`',
    '~',
    '~~a'
  ],
  ...[
    '<',
    '</',
    '<a',
    '<b>',
    '<b>a',
    '<!--',
    '<!',
    '<?',
    '&',
    '&a',
    '&#1',
    '&amp;',
    '&#32; ',
    '\\',
    '"',
    '|',
    '|a',
    '\t',
    ' ',
    '\n'
  ],
  ...[
    '> ',
    '>\n',
    '- ',
    '-\n',
    '- a\n',
    '1. ',
    '1. a\n',
    '# ',
    '---\n',
    '```\n',
    '    a\n',
    '[a]: b\n',
    '[a\n',
    'a\n',
    'a  \n',
    '* - '
  ],
  ...[
    '<p>',
    '</p>',
    '<ul><li>',
    '<li>a',
    '<blockquote>',
    '<div>',
    '<br>',
    '<hr>',
    '<p>a</p>',
    '<b>x</b> ',
    '<figure>',
    '<p class="'
  ],
  ...['<a href="https://a.b">x</a>', '<img src="https://a.b" alt="">', '👩‍👩‍👧', '市', 'e\u0301', '\u202e']
]
const nested: [string, string, string][] = [
  ['[', 'a', ']'],
  ['[', 'a', '](https://a.b)'],
  ['![', 'a', '](https://a.b)'],
  ['*', 'a', '*'],
  ['*a ', 'b', ' c*'],
  ['_', 'a', '_'],
  ['**a*', 'b', '*c**'],
  ['*[', 'a', ']*'],
  ['<b>', 'a', '</b>'],
  ['<ul><li>', 'a', '</li></ul>'],
  ['(', 'a', ')'],
  ['[a]((', 'b', '))']
]
const climbing = Array.from({ length: 1_000 }, (_, index) => `${' '.repeat(index * 2)}- a\n`).join('')
const ladders = [
  climbing,
  Array.from({ length: 1_400 }, (_, index) => `${'>'.repeat(index)} a\n`).join(''),
  Array.from({ length: 1_400 }, (_, index) => '`'.repeat(index)).join('a'),
  Array.from({ length: 60_000 }, (_, index) => `[${index}]: b`).join('\n'),
  fill('> ', 160) + fill('a\n', mebibyte - 160)
]

/** The slowest takes 3 s for 1 MiB on one slow core; what this guards against took minutes, or the stack. */
const check = (t: Test, sources: string[], bound: number) => {
  for (const source of sources) {
    for (const form of ['markdown', 'html'] as const) {
      const started = performance.now()
      const blocks = outcome({ [form]: source })
      const time = Math.round(performance.now() - started)
      const what = Array.isArray(blocks) ? `${blocks.length} blocks` : blocks.message
      t.ok(time < bound, `${form} ${JSON.stringify(source.slice(0, 24))} ${time} ms: ${what}`)
    }
  }
}

t.test('128 KiB of anything repeated is done within bounds', async (t) => {
  check(
    t,
    both.map((piece) => fill(piece, part)),
    10_000
  )
})

t.test('128 KiB of anything nested is done within bounds', async (t) => {
  check(
    t,
    nested.map((parts) => around(...parts, part)),
    10_000
  )
})

t.test('1 MiB of the slowest of them is done within bounds', async (t) => {
  const repeated = ['[a\n', '[^', '<b>x</b> ', '&#32; '].map((piece) => fill(piece))
  const deep = [around('*[', 'a', ']*', mebibyte), around('*a ', 'b', ' c*', mebibyte)]
  check(t, [...ladders, ...repeated, ...deep], 30_000)
})

t.test('nesting too deep is refused for what it is', async (t) => {
  const cases = [
    ['markdown', fill('> '), 'nested_quote'],
    ['markdown', `${fill('- ', 1_000_000)}a`, 'list_too_deep'],
    ['markdown', climbing, 'list_too_deep'],
    ['html', fill('<ul><li>'), 'list_too_deep'],
    ['html', fill('<blockquote>'), 'nested_quote'],
    ['html', fill('<div>'), 'too_deep']
  ] as const
  for (const [form, source, code] of cases) {
    const problem = outcome({ [form]: source })
    t.match(problem, { errors: [{ code }] }, code)
  }
})

t.test('as many blocks as there may be are kept and rendered within bounds', async (t) => {
  const marks = ['strong', 'em', 'strike-through', 'k']
  const spans = Array.from({ length: 500 }, (_, index) => ({
    _type: 'span' as const,
    text: '*',
    marks: marks.filter((_, bit) => (index >> bit) % 2 === 1)
  }))
  const markDefs = Array.from({ length: 100 }, (_, index) => ({
    _type: 'link' as const,
    _key: index === 0 ? 'k' : `k${index}`,
    href: `https://example.com/${index}`
  }))
  const crowded: GivenBlock[] = Array.from({ length: 15 }, () => ({
    _type: 'block',
    children: spans,
    markDefs
  }))
  const long: GivenBlock[] = Array.from({ length: 40 }, (_, index) => ({
    _type: 'block',
    children: [
      {
        _type: 'span',
        text: fill([' ', '&', '*', '\n', '1.', '。', 'a', '<', '\t', '#'][index % 10] ?? '', 9_000)
      }
    ]
  }))
  for (const given of [crowded, long]) {
    const started = performance.now()
    const blocks = readBody({ blocks: given })
    const [html, markdown] = [toHtml(blocks), toMarkdown(blocks)]
    toText(blocks)
    countWords(blocks)
    t.equal(readBody({ html }).length, blocks.length)
    t.equal(readBody({ markdown }).length, blocks.length)
    t.ok(performance.now() - started < 15_000, `${Math.round(performance.now() - started)} ms`)
  }
})
