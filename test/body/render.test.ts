import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { toHtml, toMarkdown, toText } from '../../src/body/render.ts'
import type { GivenBlock, StoredBlock } from '../../src/body/schema.ts'
import { documents, text } from './documents.ts'

const markdown = `## The *ferry* is late

It left at **nine**\\
sharp. [The *port* says **so**](https://example.com/a?b=1&c=2) \\<b>.

> Never

> again

- one
- two
  1. inner
- three

![A boat](https://example.com/boat.jpg "The boat")

<https://example.com/video>

---

\`a < b\` ~~gone~~`
const blocks = readBody({ markdown })

t.test('renders HTML', async (t) => {
  t.equal(
    toHtml(blocks),
    `<h2>The <em>ferry</em> is late</h2>
<p>It left at <strong>nine</strong><br>sharp. <a href="https://example.com/a?b=1&amp;c=2" rel="noopener">The <em>port</em> says <strong>so</strong></a> &lt;b&gt;.</p>
<blockquote><p>Never</p><p>again</p></blockquote>
<ul><li>one</li><li>two<ol><li>inner</li></ol></li><li>three</li></ul>
<figure><img src="https://example.com/boat.jpg" alt="A boat" loading="lazy"><figcaption>The boat</figcaption></figure>
<figure data-embed><a href="https://example.com/video" rel="noopener">https://example.com/video</a></figure>
<hr>
<p><code>a &lt; b</code> <s>gone</s></p>`
  )
})

t.test('renders Markdown', async (t) => {
  t.equal(toMarkdown(blocks), markdown.replace('Never\n\n>', 'Never\n>\n>'))
})

t.test('renders text', async (t) => {
  t.equal(
    toText(blocks),
    `The ferry is late

It left at nine
sharp. The port says so <b>.

Never

again

- one
- two
  1. inner
- three

The boat

https://example.com/video

* * *

a < b gone`
  )
})

t.test('renders nothing as nothing', async (t) => {
  t.same([toHtml([]), toMarkdown([]), toText([])], ['', '', ''])
})

t.test('renders an image with all it has', async (t) => {
  const image = {
    _type: 'image' as const,
    url: 'https://example.com/a.jpg',
    alt: 'A "boat"',
    width: 640,
    height: 480
  }
  const given = readBody({ blocks: [{ ...image, caption: 'Out <there>', credit: 'Ann & Co' }, image] })
  t.equal(
    toHtml(given),
    `<figure><img src="https://example.com/a.jpg" alt="A &quot;boat&quot;" width="640" height="480" loading="lazy"><figcaption>Out &lt;there&gt; <cite>Ann &amp; Co</cite></figcaption></figure>
<figure><img src="https://example.com/a.jpg" alt="A &quot;boat&quot;" width="640" height="480" loading="lazy"></figure>`
  )
  t.equal(toText(given), 'Out <there> Ann & Co\n\nA "boat"')
})

t.test('a link stays one link, whatever marks cross it', async (t) => {
  const children = [
    ['a', ['strong']],
    ['b', ['strong', 'l']],
    ['c', ['l', 'em']],
    ['d', ['em']]
  ].map(([text, marks]) => ({ _type: 'span', text, marks }))
  const markDefs = [{ _type: 'link', _key: 'l', href: 'https://example.com/' }]
  const given = readBody({ blocks: [{ _type: 'block', children, markDefs }] as GivenBlock[] })
  t.equal(toHtml(given).match(/<a /g)?.length, 1)
  t.equal(toMarkdown(given), '**a**[**b***c*](https://example.com/)*d*'.replace('**b***c*', '**b**_c_'))
})

t.test('numbers list items as they are nested', async (t) => {
  const item = (text: string, listItem: 'bullet' | 'number', level: number) => ({
    _type: 'block' as const,
    listItem,
    level,
    children: [{ _type: 'span' as const, text }]
  })
  const given = readBody({
    blocks: [
      item('a', 'number', 1),
      item('b', 'number', 2),
      item('c', 'number', 2),
      item('d', 'number', 1),
      item('e', 'bullet', 1),
      item('f', 'number', 1),
      item('g', 'bullet', 4)
    ]
  })
  t.equal(toText(given), '1. a\n  1. b\n  2. c\n2. d\n- e\n1. f\n      - g')
  t.equal(
    toHtml(given),
    '<ol><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ol><ul><li>e</li></ul>' +
      '<ol><li>f<ul><li><ul><li><ul><li>g</li></ul></li></ul></li></ul></li></ol>'
  )
})

const attributes: Record<string, string[]> = {
  a: ['href', 'rel'],
  img: ['src', 'alt', 'width', 'height', 'loading'],
  figure: ['data-embed']
}
const elements = 'p h2 h3 h4 blockquote ul ol li strong em s code a br hr img figure figcaption cite'.split(
  ' '
)

/** Whatever a strict look finds in the HTML that should not be there. */
function unsafe(html: string) {
  const found: string[] = []
  const open: string[] = []
  const parser = new Parser({
    onopentag(name, given) {
      if (!elements.includes(name)) found.push(`<${name}>`)
      for (const [attribute, value] of Object.entries(given)) {
        if (!attributes[name]?.includes(attribute)) found.push(`${name} ${attribute}`)
        if (attribute === 'href' && !/^(https?:\/\/|mailto:)/i.test(value)) found.push(value)
        if (attribute === 'src' && !/^https?:\/\//i.test(value)) found.push(value)
      }
      open.push(name)
    },
    onclosetag(name, implied) {
      if (open.pop() !== name) found.push(`</${name}> crosses`)
      if (implied && !['br', 'hr', 'img'].includes(name)) found.push(`</${name}> missing`)
    },
    oncomment: (comment) => found.push(`<!--${comment}-->`),
    onprocessinginstruction: (name) => found.push(`<${name}>`)
  })
  parser.write(html)
  parser.end()
  return found
}

t.test('HTML holds nothing but what is on the list, however hostile the text', async (t) => {
  const seen: string[][] = []
  const result = fc.check(
    fc.property(documents, (blocks) => {
      seen.push(unsafe(toHtml(blocks)))
      return seen.at(-1)?.length === 0
    }),
    { numRuns: 3_000 }
  )
  t.equal(fc.defaultReportMessage(result) ?? '', '', String(seen.at(-1)))
  t.not(unsafe('<p onclick=x><a href="javascript:x">').length, 0, 'the look does see something')
})

t.test('even blocks that were never checked make no other tags and no other links', async (t) => {
  const hostile = fc.record({
    text,
    href: fc.oneof(text, fc.constantFrom('javascript:alert(1)', '" onclick="x', 'data:x'))
  })
  const result = fc.check(
    fc.property(hostile, ({ text, href }) => {
      const children = [{ _type: 'span', _key: 'a', text: text || 'x', marks: ['l', '<b>', '__proto__'] }]
      const block = {
        _type: 'block',
        _key: 'b',
        style: 'normal',
        children,
        markDefs: [{ _type: 'link', _key: 'l', href }]
      }
      return unsafe(toHtml([block as StoredBlock])).length === 0
    }),
    { numRuns: 1_000 }
  )
  t.equal(fc.defaultReportMessage(result) ?? '', '')
})
