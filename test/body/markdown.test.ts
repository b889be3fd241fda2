import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { toMarkdown } from '../../src/body/render.ts'
import { Problem } from '../../src/http/errors.ts'
import { canonical } from './documents.ts'
import { refusal } from './refusal.ts'

const refused: [what: string, markdown: string, code: string, line: number][] = [
  ['a first-level heading', 'One.\n\n# Two', 'heading_level', 3],
  ['a first-level heading by underline', 'One\n===', 'heading_level', 1],
  ['a fifth-level heading', '##### Five', 'heading_level', 1],
  ['a sixth-level heading', '###### Six', 'heading_level', 1],
  ['a table', 'One.\n\n| a | b |\n|---|---|\n| 1 | 2 |', 'table', 3],
  ['a fenced code block', 'One.\n\n```js\nlet x\n```', 'code_block', 3],
  ['a code block with tildes', '~~~\nx\n~~~', 'code_block', 1],
  ['a code block that never ends', '```\nx', 'code_block', 1],
  ['an indented code block', 'One.\n\n    let x', 'code_block', 3],
  ['an HTML block', 'One.\n\n<div>\nx\n</div>', 'html', 3],
  ['a script', '<script>alert(1)</script>', 'html', 1],
  ['a comment', 'One.\n\n<!-- note -->', 'html', 3],
  ['HTML in a line', 'One\ntwo <b>three</b>', 'html', 2],
  ['a line break as HTML', 'One<br>two', 'html', 1],
  ['a task list', '- one\n- [ ] two', 'task_list', 2],
  ['a task list, done', '1. [x] one', 'task_list', 1],
  ['a footnote', 'One.[^1]\n\n[^1]: The note is here.', 'footnote', 1],
  ['a footnote that is one word', 'One.[^1]\n\n[^1]: https://example.com/', 'footnote', 3],
  ['a footnote without its text', 'One\ntwo[^note]', 'footnote', 2],
  ['an image in the midst of text', 'One ![a](https://example.com/a.jpg)', 'image_in_text', 1],
  [
    'two images in a paragraph',
    '![a](https://example.com/a)\n![b](https://example.com/b)',
    'image_in_text',
    1
  ],
  ['an image in a link', '[![a](https://example.com/a)](https://example.com/)', 'image_in_text', 1],
  ['an image in a heading', '## ![a](https://example.com/a)', 'image_in_text', 1],
  ['an image in a list', '- ![a](https://example.com/a)', 'image_inside', 1],
  ['an image in a quotation', '> ![a](https://example.com/a)', 'image_inside', 1],
  ['marked text in an image', '![**a**](https://example.com/a)', 'marked_alt', 1],
  ['an image from nowhere', '![a](a.jpg)', 'invalid_url', 1],
  ['an image of data', '![a](data:image/png;base64,AA)', 'protocol_not_allowed', 1],
  ['a script as a link', 'One\ntwo [x](javascript:alert(1))', 'protocol_not_allowed', 2],
  ['a script hidden in references', '[x](java&#115;cript:alert)', 'protocol_not_allowed', 1],
  ['a script as an address', '<javascript:alert(1)>', 'protocol_not_allowed', 1],
  ['a relative link', '[x](/a)', 'invalid_url', 1],
  ['a link to a blank', '[x](<https://example.com/a b>)', 'invalid_url', 1],
  ['a link with a password', '[x](https://a:b@example.com/)', 'credentials_in_url', 1],
  ['a link without text', 'a [](https://example.com/)', 'empty_link', 1],
  ['the title of a link', '[x](https://example.com/ "title")', 'link_title', 1],
  ['the title of a link elsewhere', '[x][y]\n\n[y]: https://example.com/ "title"', 'link_title', 1],
  ['a definition that is not used', 'One\n\n[y]: https://example.com/', 'link_definition', 3],
  [
    'a definition that comes twice',
    '[y]\n\n[y]: https://example.com/\n[y]: https://example.org/',
    'link_definition',
    3
  ],
  ['a quotation in a quotation', '> > x', 'nested_quote', 1],
  ['a list in a quotation', '> - x', 'list_in_quote', 1],
  ['a heading in a quotation', '> ## x', 'heading_in_quote', 1],
  ['a divider in a list', '- x\n\n  ---', 'divider_inside', 3],
  ['a second paragraph in an item', '- one\n\n  two', 'list_item_paragraphs', 3],
  ['text after an inner list', '- one\n  - two\n\n  three', 'list_item_paragraphs', 4],
  ['a fifth level of lists', '- a\n  - b\n    - c\n      - d\n        - e', 'list_too_deep', 5],
  ['a list that begins with 3', '3. three', 'list_numbers', 1],
  ['a list that goes on after a paragraph', '1. one\n\nand\n\n2. two', 'list_numbers', 5],
  ['two numbered lists in a row', '1. one\n\n1) one again', 'list_numbers', 3],
  ['a control character', 'One\ntw\u0008o', 'control_character', 2],
  ['half a character', 'One\r\ntwo\ud800', 'control_character', 2],
  ['a paragraph beyond all bounds', 'a'.repeat(100_001), 'too_long', 1],
  ['a paragraph in 501 pieces', 'a*b* '.repeat(251), 'too_many_children', 1],
  ['2,001 paragraphs', 'a\n\n'.repeat(2_001), 'too_many_blocks', 1],
  ['a caption beyond all bounds', `![a](https://example.com/ "${'a'.repeat(5_001)}")`, 'too_long', 1],
  ['ten thousand quotations in each other', '>'.repeat(10_000), 'nested_quote', 1],
  ['ten thousand lists in each other', `${'- '.repeat(10_000)}a`, 'list_too_deep', 1]
]

for (const [what, markdown, code, line] of refused) {
  t.test(`refuses ${what}`, async (t) => {
    const { at, message } = refusal({ markdown })
    t.equal(at, `${code} at /body/markdown`)
    t.match(message, new RegExp(`^Line ${line}: `))
  })
}

t.test('refuses more than 1 MiB, in bytes', async (t) => {
  t.equal(refusal({ markdown: 'я'.repeat(524_289) }).at, 'too_large at /body/markdown')
})

const block = (text: string, more = {}) => ({ style: 'normal', spans: [{ text, marks: '' }], ...more })
const taken: [what: string, markdown: string, blocks: unknown[]][] = [
  ['nothing', '', []],
  ['blank lines', ' \n\n\t\n', []],
  ['lines of one paragraph', 'one\ntwo', [block('one two')]],
  ['hard line breaks', 'one  \ntwo\\\nthree', [block('one\ntwo\nthree')]],
  [
    'Windows line ends and a byte order mark',
    '\ufeff## One\r\n\r\ntwo',
    [block('One', { style: 'h2' }), block('two')]
  ],
  [
    'headings',
    '## a\n### b\n#### c\n\nd\n---',
    ['h2', 'h3', 'h4', 'h2'].map((style, i) => block('abcd'[i] ?? '', { style }))
  ],
  [
    'marks',
    '**a** x_y_z',
    [
      block('', {
        spans: [
          { text: 'a', marks: 'strong' },
          { text: ' x_y_z', marks: '' }
        ]
      })
    ]
  ],
  [
    'marks in marks',
    '***a* ~~b~~**',
    [
      {
        spans: [
          { text: 'a', marks: 'em,strong' },
          { text: ' ', marks: 'strong' },
          { text: 'b', marks: 'strike-through,strong' }
        ]
      }
    ]
  ],
  ['code', 'a `*b*`', [{ spans: [{ text: 'a ' }, { text: '*b*', marks: 'code' }] }]],
  [
    'an address in text',
    'see <https://example.com/>',
    [{ spans: [{ text: 'see ' }, { text: 'https://example.com/', marks: 'link https://example.com/' }] }]
  ],
  [
    'a mail address',
    '<desk@example.com>',
    [{ spans: [{ text: 'desk@example.com', marks: 'link mailto:desk@example.com' }] }]
  ],
  [
    'an address alone, as an embed',
    '<https://example.com/video>',
    [{ _type: 'embed', url: 'https://example.com/video' }]
  ],
  [
    'an address alone in an item, as a link',
    '- <https://example.com/>',
    [{ listItem: 'bullet', spans: [{ marks: 'link https://example.com/' }] }]
  ],
  [
    'a link by reference',
    '[a][b] [B]\n\n[b]: https://example.com/',
    [{ spans: [{ text: 'a', marks: 'link https://example.com/' }, { text: ' ' }, { text: 'B' }] }]
  ],
  [
    'an address as it is written',
    '[a](https://пример.рф/%7e?a=1&amp;b)',
    [{ spans: [{ marks: 'link https://пример.рф/%7e?a=1&b' }] }]
  ],
  [
    'an image',
    '![a \\[b\\] &amp;](https://example.com/a.jpg "the caption")',
    [
      {
        _type: 'image',
        url: 'https://example.com/a.jpg',
        alt: 'a [b] &',
        caption: 'the caption',
        credit: null
      }
    ]
  ],
  ['a divider', 'a\n\n***', [block('a'), { _type: 'divider' }]],
  [
    'a quotation',
    '> a\nb\n>\n> c',
    [block('a b', { style: 'blockquote' }), block('c', { style: 'blockquote' })]
  ],
  [
    'lists in lists',
    '1. a\n   - b\n     1. c\n        * d\n2. e',
    [
      ['number', 1, 'a'],
      ['bullet', 2, 'b'],
      ['number', 3, 'c'],
      ['bullet', 4, 'd'],
      ['number', 1, 'e']
    ].map(([listItem, level, text]) => block(String(text), { listItem, level }))
  ],
  [
    'a list with wide gaps',
    '- a\n\n- b',
    [block('a', { listItem: 'bullet' }), block('b', { listItem: 'bullet' })]
  ],
  [
    'a heading and a quotation as items',
    '- ## a\n- > b',
    [block('a', { style: 'h2', level: 1 }), block('b', { style: 'blockquote', level: 1 })]
  ],
  [
    'empty items, headings and quotations',
    '-\n\n##\n\n>',
    [
      { level: 1, spans: [] },
      { style: 'h2', spans: [] },
      { style: 'blockquote', spans: [] }
    ]
  ],
  [
    'what looks like a footnote or a task but is escaped',
    '- \\[ ] a \\[^1] `[^1]`',
    [{ spans: [{ text: '[ ] a [^1] ' }, { text: '[^1]', marks: 'code' }] }]
  ],
  ['blanks of other kinds at the edges', '\u3000港\u00a0', [block('\u3000港\u00a0')]]
]
for (const [what, markdown, blocks] of taken) {
  t.test(`takes ${what}`, async (t) => t.match(canonical(readBody({ markdown })), blocks))
}

t.test('reading what it wrote changes nothing, whatever was read', async (t) => {
  const lines = fc.constantFrom(
    '## a',
    '- ',
    '  - b',
    '1. ',
    '> ',
    '>',
    '',
    'word',
    '*x*',
    '**y** z',
    '`c`',
    '---',
    '\\',
    '<https://example.com/>',
    '![a](https://example.com/)',
    '[l](https://example.com/)',
    '    ',
    '&amp;',
    '~~s~~',
    '#',
    '|a|',
    '|-|',
    '[ ] t'
  )
  let taken = 0
  const stable = fc.property(
    fc.array(fc.tuple(lines, lines, fc.constantFrom('\n', '\n\n', ' ')), { maxLength: 8 }),
    (parts) => {
      const markdown = parts.map((part) => part.join('')).join('')
      let blocks: ReturnType<typeof readBody>
      try {
        blocks = readBody({ markdown })
      } catch (error) {
        return error instanceof Problem
      }
      taken += 1
      const silent = blocks.some(
        (block) => block._type === 'block' && block.children.every(({ text }) => text === '')
      )
      const again = readBody({ markdown: toMarkdown(blocks) })
      return silent || JSON.stringify(canonical(again)) === JSON.stringify(canonical(blocks))
    }
  )
  const result = fc.check(stable, { numRuns: 3_000 })
  t.equal(fc.defaultReportMessage(result) ?? '', '')
  t.ok(taken > 300, `${taken} were taken`)
})
