/** Whatever HTML comes in, what comes out is a body Dateline takes, and what is lost is told. */
import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { toHtml } from '../../src/body/render.ts'
import { BodyInput, bodySchemas } from '../../src/body/schema.ts'
import { makeValidators } from '../../src/http/validation.ts'
import { readLeniently } from '../../src/importing/lenient.ts'
import { losses } from '../../src/importing/report.ts'
import { withoutShortcodes } from '../../src/importing/shortcodes.ts'

const { check } = makeValidators(bodySchemas)

/** What readers get of it, and what was lost. */
function shown(html: string, { raw = false } = {}) {
  const lost = losses()
  const picture = { url: 'https://old.example/p.jpg', alt: 'P', caption: 'C' }
  const source = raw ? withoutShortcodes(html, (id) => (id === '1' ? picture : null), lost) : html
  const blocks = readLeniently(source, {
    base: 'https://old.example/',
    lost,
    newlines: raw && !source.includes('<!-- wp:'),
    embeds: raw
  })
  check(BodyInput, structuredClone({ blocks }), '')
  return { html: toHtml(readBody({ blocks })).replace(/>\n</g, '><'), lost: lost.lines() }
}

for (const [html, becomes, lost] of [
  ['<h1>A</h1><p>b</p>', '<h2>A</h2><p>b</p>', 'heading of level 1 turned into one of level 2'],
  ['<div>a<div>b</div>c</div>', '<p>a</p><p>b</p><p>c</p>', ''],
  [
    '<table><tr><th>a</th><td>b</td></tr><tr><td>c</td><td><p>d</p></td></tr></table>',
    '<p>a | b</p><p>c | d</p>',
    'table turned into paragraphs'
  ],
  [
    '<ul><li><p>a</p><p>b</p><ul><li>c</li></ul></li></ul>',
    '<ul><li>a<br>b<ul><li>c</li></ul></li></ul>',
    ''
  ],
  [
    '<ul><li>1<ul><li>2<ul><li>3<ul><li>4<ul><li>5</li></ul></li></ul></li></ul></li></ul></li></ul>',
    '<ul><li>1<ul><li>2<ul><li>3<ul><li>4</li><li>5</li></ul></li></ul></li></ul></li></ul>',
    'list nested more than 4 deep made flat'
  ],
  [
    '<blockquote><p>a</p><h2>b</h2></blockquote>',
    '<blockquote><p>a</p></blockquote><h2>b</h2>',
    'heading inside a quotation stands outside it'
  ],
  [
    '<p>a <img src="/x.jpg" alt="X"> b</p>',
    '<p>a</p><figure><img src="https://old.example/x.jpg" alt="X" loading="lazy"></figure><p>b</p>',
    'image within text stands between paragraphs'
  ],
  [
    '<a href="/big.jpg"><img src="/x.jpg" alt=""></a>',
    '<figure><img src="https://old.example/x.jpg" alt="" loading="lazy"></figure>',
    'link around an image removed'
  ],
  [
    '<figure><img src="/x.jpg" alt=""><figcaption>a<cite>b</cite></figcaption></figure>',
    '<figure><img src="https://old.example/x.jpg" alt="" loading="lazy"><figcaption>a <cite>b</cite></figcaption></figure>',
    ''
  ],
  [
    '<pre>a\n  b</pre>',
    '<p><code>a<br>&#32;&#32;b</code></p>',
    'preformatted text turned into a paragraph of code'
  ],
  [
    '<p>H<sub>2</sub>O <u>u</u></p>',
    '<p>H2O u</p>',
    '<sub> removed, its text kept, <u> removed, its text kept'
  ],
  [
    '<iframe src="//video.example/1"></iframe>',
    '<figure data-embed><a href="https://video.example/1" rel="noopener">https://video.example/1</a></figure>',
    'iframe of video.example kept as a link'
  ],
  [
    '<video controls><source src="/a.mp4">no</video>',
    '<figure data-embed><a href="https://old.example/a.mp4" rel="noopener">https://old.example/a.mp4</a></figure>',
    'video of old.example kept as a link'
  ],
  [
    '<p style="a" onclick="b" align="left">a</p>',
    '<p>a</p>',
    'inline style removed, event handler removed, attribute align removed'
  ],
  ['<p>a</p><hr><p>b</p>', '<p>a</p><hr><p>b</p>', ''],
  ['<q>a</q>', '<p>“a”</p>', '']
] as const) {
  t.test(html.slice(0, 70), async (t) => {
    const seen = shown(html)
    t.equal(seen.html.replace(/>\n\s*/g, '>').trim(), becomes)
    t.equal(seen.lost.join(', '), lost)
  })
}

for (const [html, becomes, lost] of [
  ['a\nb\n\nc', '<p>a<br>b</p><p>c</p>', ''],
  ['<h2>a</h2>\nb\n<ul>\n<li>c</li>\n</ul>\nd', '<h2>a</h2><p>b</p><ul><li>c</li></ul><p>d</p>', ''],
  ['<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->', '<p>a b</p>', ''],
  ['<!-- wp:latest-posts {"n":5} /-->', '', 'block latest-posts removed, which the site makes itself'],
  ['a<!--more-->b', '<p>ab</p>', 'marker of a cut or a page removed'],
  [
    '[embed]https://v.example/1[/embed]',
    '<figure data-embed><a href="https://v.example/1" rel="noopener">https://v.example/1</a></figure>',
    ''
  ],
  [
    '[gallery ids="1,2"]',
    '<figure><img src="https://old.example/p.jpg" alt="P" loading="lazy"><figcaption>C</figcaption></figure>',
    'pictures of a gallery are not in the file, gallery turned into single pictures'
  ],
  [
    'a [sic] b [[gallery]] [contact-form id="1"] [x]c[/x]',
    '<p>a [sic] b [gallery] c</p>',
    'shortcode [contact-form] removed, shortcode [x] removed'
  ]
] as const) {
  t.test(`of WordPress: ${JSON.stringify(html).slice(0, 70)}`, async (t) => {
    const seen = shown(html, { raw: true })
    t.equal(seen.html.replace(/>\n\s*/g, '>').trim(), becomes)
    t.equal(seen.lost.join(', '), lost)
  })
}

const schemes = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  '&#106;avascript&colon;alert(1)',
  'data:text/html,<script>1</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://a/b'
]
for (const [name, html] of [
  ...schemes.map(
    (scheme) =>
      [
        `a link to ${JSON.stringify(scheme)}`,
        `<a href="${scheme}">x</a><img src="${scheme}" alt=""><iframe src="${scheme}"></iframe>`
      ] as const
  ),
  ['a script', '<script>alert(1)</script><SCRIPT SRC=//evil.example/x.js></SCRIPT>x'],
  ['a broken script', '<scr<script>ipt>alert(1)</scr</script>ipt>x'],
  [
    'an SVG',
    '<svg onload=alert(1)><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>x'
  ],
  [
    'handlers',
    '<img src=x onerror=alert(1)><body onload=alert(1)><details ontoggle=alert(1) open>x</details>'
  ],
  [
    'math and its kin',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>x'
  ],
  ['noscript', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">x'],
  ['a template', '<template><script>alert(1)</script></template>x'],
  [
    'a form',
    '<form action="javascript:alert(1)"><button formaction="javascript:alert(1)">x</button></form>x'
  ],
  [
    'an object',
    '<object data="data:text/html;base64,PHNjcmlwdD4="><embed src="javascript:alert(1)"></object>x'
  ],
  ['NULs and halves', 'a\u0000b\uD800c\uDC00d\uFFFEe&#0;&#xD800;&#xFFFE;&#1;'],
  ['a comment that never ends', '<!-- <script>alert(1)</script>'],
  ['a tag that never ends', '<p>x</p><img src="x" onerror="alert(1)"'],
  ['a base', '<base href="javascript:alert(1)//"><a href="x">x</a>']
] as const) {
  t.test(`hostile: ${name} ends safe`, async (t) => {
    const { html: made } = shown(html)
    t.notMatch(made, /<(script|svg|iframe|object|embed|form|style|base|math|template)/i)
    t.notMatch(made.replace(/>[^<]*</g, '><'), /\son\w+=|javascript:|vbscript:|data:|file:|blob:/i)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    t.notMatch(made, /[\u0000\u0001\uFFFE\uD800-\uDFFF]/)
  })
}

for (const [name, html] of [
  ['100,000 nested elements', `${'<div>'.repeat(100_000)}x${'</div>'.repeat(100_000)}`],
  ['100,000 open lists', `${'<ul><li>'.repeat(50_000)}x`],
  ['100,000 ends of nothing', `x${'</div></p></b>'.repeat(33_000)}`],
  ['a million “<”', '<'.repeat(1_000_000)],
  ['a million “[”', '[a '.repeat(300_000)],
  ['shortcodes without an end', '[b x="1"]'.repeat(100_000)],
  [
    '100,000 attributes',
    `<p ${Array.from({ length: 100_000 }, (_, index) => `a${index}="1"`).join(' ')}>x</p>`
  ],
  ['100,000 changes of marks in a paragraph', '<b>a</b><i>b</i>'.repeat(50_000)],
  ['a word of a megabyte', 'x'.repeat(900_000)]
] as const) {
  t.test(`hostile: ${name} ends, in a short time`, async (t) => {
    const began = Date.now()
    const lost = losses()
    const blocks = readLeniently(
      withoutShortcodes(html, () => null, lost),
      { base: null, lost, newlines: true, embeds: true }
    )
    try {
      readBody({ blocks })
    } catch (error) {
      t.match(error, { message: /at most/ }, 'or is refused for its size')
    }
    t.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`)
    t.ok(lost.lines().length <= 51)
  })
}

const tags =
  'p div h1 h2 h6 ul ol li dl dt table tr td th b i a img figure figcaption cite blockquote pre br hr code span script style svg iframe video source q x-caption x-embed u form'.split(
    ' '
  )
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    ' ',
    '\n',
    '\n\n',
    '&nbsp;',
    '&#0;',
    'https://a.example/x',
    '[caption]',
    '[/caption]',
    '<!-- wp:x /-->',
    '\uD800',
    '\u0000',
    '[gallery ids="1"]'
  ),
  fc.constantFrom(...tags).map((tag) => `<${tag}>`),
  fc.constantFrom(...tags).map((tag) => `</${tag}>`),
  fc
    .tuple(fc.constantFrom('a', 'img', 'iframe', 'x-embed'), fc.webUrl())
    .map(([tag, url]) => `<${tag} href="${url}" src="${url}" alt="x">`)
)

t.test('any HTML ends in a body that our own schema takes', async (t) => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.boolean(), (pieces, raw) => {
      shown(pieces.join(''), { raw })
    }),
    { numRuns: 1_500 }
  )
  t.pass()
})

t.test('no word of ordinary HTML is lost', async (t) => {
  const plain =
    'p div h2 h5 ul ol li dl dt table tr td th b i figure figcaption cite blockquote pre code span u'.split(
      ' '
    )
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom(...plain).map((tag) => `<${tag}>`),
          fc.constantFrom(...plain).map((tag) => `</${tag}>`),
          fc.constant('WORD')
        ),
        { maxLength: 50 }
      ),
      fc.boolean(),
      (pieces, raw) => {
        const words = pieces.map((one, index) => (one === 'WORD' ? ` w${index} ` : one))
        const { html } = shown(words.join(''), { raw })
        const seen = html.replace(/<[^>]*>/g, ' ')
        return pieces.every((one, index) => one !== 'WORD' || new RegExp(`\\bw${index}\\b`).test(seen))
      }
    ),
    { numRuns: 1_500 }
  )
  t.pass()
})
