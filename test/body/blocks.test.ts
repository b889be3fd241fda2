import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import type { GivenBlock, GivenBody } from '../../src/body/schema.ts'
import { refusal } from './refusal.ts'

const span = (text: string, more = {}) => ({ _type: 'span' as const, text, ...more })
const paragraph = (more = {}) => ({
  _type: 'block' as const,
  children: [span('The ferry is late.')],
  ...more
})
const link = (href: string, _key = 'a') => ({ _type: 'link' as const, _key, href })
const image = (more = {}) => ({ _type: 'image' as const, url: 'https://example.com/a.jpg', alt: '', ...more })
const blocks = (...given: unknown[]) => ({ blocks: given as GivenBlock[] })
const linked = (href: string) => paragraph({ markDefs: [link(href)] })

const refused: [what: string, body: GivenBody, at: string][] = [
  ['nothing', {}, 'one_of at /body'],
  ['two forms at once', { blocks: [], html: '' }, 'one_of at /body'],
  ['2,001 blocks', blocks(...Array(2001).fill({ _type: 'divider' })), 'too_many_blocks at /body/blocks'],
  [
    'more than 1 MiB',
    blocks(...Array(12).fill(paragraph({ children: [span('x'.repeat(99_000))] }))),
    'too_large at /body/blocks'
  ],
  [
    'the same key twice',
    blocks({ _type: 'divider', _key: 'a' }, { _type: 'divider', _key: 'a' }),
    'duplicate_key at /body/blocks/1/_key'
  ],
  ['a key with a blank', blocks({ _type: 'divider', _key: 'a b' }), 'invalid_key at /body/blocks/0/_key'],
  [
    'a key of a span twice',
    blocks(paragraph({ children: [span('a', { _key: 'x' }), span('b', { _key: 'x' })] })),
    'duplicate_key at /body/blocks/0/children/1/_key'
  ],
  [
    'a key of a link twice',
    blocks(paragraph({ markDefs: [link('https://example.com/'), link('https://example.org/')] })),
    'duplicate_key at /body/blocks/0/markDefs/1/_key'
  ],
  [
    'a link called as a mark',
    blocks(paragraph({ markDefs: [link('https://example.com/', 'em')] })),
    'reserved_key at /body/blocks/0/markDefs/0/_key'
  ],
  [
    'a level without a list',
    blocks(paragraph(), paragraph({ level: 1 })),
    'level_without_list at /body/blocks/1/level'
  ],
  [
    'an unknown mark',
    blocks(paragraph({ children: [span('a', { marks: ['strong', 'underline'] })] })),
    'unknown_mark at /body/blocks/0/children/0/marks/1'
  ],
  [
    'the mark of another block’s link',
    blocks(linked('https://example.com/'), paragraph({ children: [span('a', { marks: ['a'] })] })),
    'unknown_mark at /body/blocks/1/children/0/marks/0'
  ],
  [
    'a mark twice',
    blocks(paragraph({ children: [span('a', { marks: ['em', 'em'] })] })),
    'duplicate_mark at /body/blocks/0/children/0/marks/1'
  ],
  [
    'a span in two links',
    blocks(
      paragraph({
        markDefs: [link('https://example.com/'), link('https://example.org/', 'b')],
        children: [span('a', { marks: ['a', 'b'] })]
      })
    ),
    'nested_link at /body/blocks/0/children/0/marks/1'
  ],
  [
    '501 spans',
    blocks(paragraph({ children: Array(501).fill(span('a')) })),
    'too_many_children at /body/blocks/0/children'
  ],
  [
    'a text of 100,001 characters',
    blocks(paragraph({ children: [span('a'.repeat(100_001))] })),
    'too_long at /body/blocks/0/children/0/text'
  ],
  ['an image of no protocol', blocks(image({ url: '/a.jpg' })), 'invalid_url at /body/blocks/0/url'],
  [
    'an image by mail',
    blocks(image({ url: 'mailto:a@example.com' })),
    'protocol_not_allowed at /body/blocks/0/url'
  ],
  [
    'an embed of data',
    blocks({ _type: 'embed', url: 'data:text/html,x' }),
    'protocol_not_allowed at /body/blocks/0/url'
  ],
  [
    'a control character in a credit',
    blocks(image({ credit: 'a\u0007' })),
    'control_character at /body/blocks/0/credit'
  ],
  [
    'half a surrogate pair in an alt',
    blocks(image({ alt: 'a\ud800' })),
    'control_character at /body/blocks/0/alt'
  ],
  [
    'a noncharacter in a caption',
    blocks(image({ caption: '\uffff' })),
    'control_character at /body/blocks/0/caption'
  ]
]
for (const char of ['\0', '\b', '\r', '\u001b', '\u0085', '\udc00']) {
  const at = 'control_character at /body/blocks/0/children/0/text'
  refused.push([
    `${JSON.stringify(char)} in a text`,
    blocks(paragraph({ children: [span(`a${char}b`)] })),
    at
  ])
}
const addresses: [href: string, code: string][] = [
  ['javascript:alert(1)', 'protocol_not_allowed'],
  ['JaVaScRiPt:alert(1)', 'protocol_not_allowed'],
  ['data:text/html,x', 'protocol_not_allowed'],
  ['vbscript:x', 'protocol_not_allowed'],
  ['ftp://example.com/', 'protocol_not_allowed'],
  ['tel:+4930123', 'protocol_not_allowed'],
  ['/relative', 'invalid_url'],
  ['//example.com/', 'invalid_url'],
  ['#part', 'invalid_url'],
  ['example.com', 'invalid_url'],
  ['', 'invalid_url'],
  [' https://example.com/', 'invalid_url'],
  ['https://example.com/ ', 'invalid_url'],
  ['https://example.com/a b', 'invalid_url'],
  ['java\nscript:alert(1)', 'invalid_url'],
  ['https://example.com/\u00a0', 'invalid_url'],
  ['https://example.com/\u0000', 'invalid_url'],
  ['https://example.com/"x', 'invalid_url'],
  ['https://example.com/<x>', 'invalid_url'],
  ['https:\\\\example.com\\', 'invalid_url'],
  ['https:example.com', 'invalid_url'],
  ['https:///example.com', 'invalid_url'],
  ['https://', 'invalid_url'],
  ['https://exa mple.com', 'invalid_url'],
  ['https://[::1', 'invalid_url'],
  ['mailto:', 'invalid_url'],
  ['https://desk@example.com/', 'credentials_in_url'],
  ['https://desk:secret@example.com/', 'credentials_in_url'],
  ['https://example.com@example.org/', 'credentials_in_url'],
  [`https://example.com/${'a'.repeat(2048)}`, 'too_long']
]
for (const [href, code] of addresses) {
  const at = `${code} at /body/blocks/0/markDefs/0/href`
  refused.push([`a link to ${JSON.stringify(href.slice(0, 40))}`, blocks(linked(href)), at])
}

for (const [what, body, at] of refused) {
  t.test(`refuses ${what}`, async (t) => t.match(refusal(body), { at, status: 400 }))
}

t.test('takes every address that is allowed, as it is given', async (t) => {
  const hrefs = [
    'https://example.com',
    'HTTP://EXAMPLE.com/A',
    'https://пример.рф/путь?a=1&b=2#c',
    'https://example.com/(a)_[b]{c}|~*`',
    'http://[::1]:8080/',
    'mailto:desk@example.com?subject=Ferry',
    'https://example.com/@desk',
    `https://example.com/${'a'.repeat(2028)}`
  ]
  for (const href of hrefs) t.match(readBody(blocks(linked(href))), [{ markDefs: [{ href }] }])
})

t.test('fills in what was left out', async (t) => {
  const [text, item, empty, picture] = readBody(
    blocks(
      paragraph(),
      paragraph({ listItem: 'bullet' }),
      paragraph({ children: [] }),
      image({ caption: '' })
    )
  )
  t.match(text, { style: 'normal', markDefs: [], children: [{ _type: 'span', marks: [] }] })
  t.notOk(text && 'listItem' in text)
  t.match(item, { listItem: 'bullet', level: 1 })
  t.match(empty, { children: [{ _type: 'span', text: '', marks: [] }] })
  t.match(picture, { caption: null, credit: null, width: null, height: null })
})

t.test('keeps the keys it is given and makes the others unique', async (t) => {
  const given = blocks(
    paragraph({
      _key: 'first',
      children: [span('a'), span('b', { _key: 's0' }), span('c', { _key: 's0-1' })]
    }),
    paragraph(),
    paragraph(),
    paragraph()
  )
  const kept = readBody(given)
  const keys = kept.map((block) => block._key)
  t.equal(keys[0], 'first')
  t.equal(new Set(keys).size, 4)
  for (const key of keys) t.match(key, /^[A-Za-z0-9_-]{1,64}$/)
  t.match(kept, [{ children: [{ _key: 's0-2' }, { _key: 's0' }, { _key: 's0-1' }] }])
  t.same(readBody({ blocks: kept }), kept, 'what is stored is taken back unchanged')
})

t.test('a paragraph keeps its key when the text around it is written again', async (t) => {
  const [one] = readBody({ markdown: 'The ferry is late.' })
  const again = readBody({ markdown: 'New at the top.\n\nThe ferry is late.\n\nThe ferry is late.' })
  t.equal(again[1]?._key, one?._key)
  t.equal(again[2]?._key, `${one?._key}-1`)
})

t.test('keeps links that no text uses, and takes 2,000 blocks', async (t) => {
  t.match(readBody(blocks(linked('https://example.com/'))), [
    { markDefs: [{ href: 'https://example.com/' }] }
  ])
  t.equal(readBody(blocks(...Array(2000).fill(paragraph()))).length, 2000)
})

t.test('points where the caller says the body is', async (t) => {
  t.throws(() => readBody(blocks({ _type: 'embed', url: 'x' }), '/items/3/body'), {
    errors: [{ pointer: '/items/3/body/blocks/0/url' }]
  })
})
