import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { toHtml } from '../../src/body/render.ts'
import { Problem } from '../../src/http/errors.ts'
import { canonical } from './documents.ts'
import { refusal } from './refusal.ts'

const img = '<img src="https://example.com/a.jpg" alt="">'
const refused: [what: string, html: string, code: string, line: number, names?: string][] = [
  ['a script', '<p>one</p>\n<script>alert(1)</script>', 'element', 2, '<script>'],
  ['a style element', '<style>p{}</style>', 'element', 1, '<style>'],
  ['a frame', '<iframe src="https://example.com/"></iframe>', 'element', 1, '<iframe>'],
  ['a table', '<p>a</p>\n\n<table><tr><td>x</td></tr></table>', 'element', 3, '<table>'],
  ['a form', '<form action="/"><input></form>', 'element', 1, '<form>'],
  ['an object', '<object data="x"></object>', 'element', 1, '<object>'],
  ['a drawing', '<svg onload="alert(1)"></svg>', 'element', 1, '<svg>'],
  ['mathematics', '<math><mi>x</mi></math>', 'element', 1, '<math>'],
  ['a video', '<video src="x"></video>', 'element', 1, '<video>'],
  ['a whole page', '<!doctype html><html><body>x</body></html>', 'declaration', 1],
  ['a page without its type', '<html><body>x</body></html>', 'element', 1, '<html>'],
  ['preformatted text', '<pre>x</pre>', 'element', 1, '<pre>'],
  ['underlined text', '<p>a\nb <u>c</u></p>', 'element', 2, '<u>'],
  ['a text area', '<textarea><p></textarea>', 'element', 1],
  ['a template', '<template><p>x</p></template>', 'element', 1],
  ['an unknown element', '<p><x-card>a</x-card></p>', 'element', 1, '<x-card>'],
  ['a first-level heading', '<h1>x</h1>', 'element', 1, 'headline'],
  ['a fifth-level heading', '<h5>x</h5>', 'element', 1, 'h2, h3 or h4'],
  ['a handler', '<p onclick="alert(1)">x</p>', 'attribute', 1, '"onclick" of <p>'],
  [
    'a handler on an image',
    `<p>\n<img src=x alt="" onerror=alert(1)></p>`,
    'attribute',
    2,
    '"onerror" of <img>'
  ],
  ['a style attribute', '<span style="font-weight:bold">x</span>', 'attribute', 1, '"style" of <span>'],
  ['a title', '<p title="x">x</p>', 'attribute', 1],
  ['the title of a link', '<a href="https://example.com/" title="x">x</a>', 'attribute', 1],
  ['the source of a quotation', '<blockquote cite="https://example.com/">x</blockquote>', 'attribute', 1],
  ['a data attribute', '<p data-id="1">x</p>', 'attribute', 1],
  ['an attribute called __proto__', '<p __proto__="x">x</p>', 'attribute', 1],
  ['a set of sources', '<img src="https://example.com/" alt="" srcset="x 2x">', 'attribute', 1],
  ['an attribute twice', '<a href="https://example.com/" href="https://example.org/">x</a>', 'attribute', 1],
  ['a comment', '<p>a</p>\n<!-- note -->', 'comment', 2],
  ['a comment that never ends', '<p>a</p>\n<!-- note', 'unfinished_tag', 2],
  ['a conditional comment', '<![if IE]><p>x</p><![endif]>', 'declaration', 1],
  ['a CDATA section', '<![CDATA[x]]>', 'comment', 1],
  ['a processing instruction', '<?php echo 1 ?>', 'declaration', 1],
  ['a tag that never ends', '<p>a</p>\n<p', 'unfinished_tag', 2],
  ['an attribute that never ends', '<p>a</p>\n<p class="x>y</p>', 'unfinished_tag', 2],
  ['a closing tag that never ends', '<p>a</p', 'unfinished_tag', 1],
  ['a script as a link', '<p>a\n<a href="javascript:alert(1)">x</a></p>', 'protocol_not_allowed', 2],
  ['a script in references', '<a href="&#106;avascript&colon;alert(1)">x</a>', 'protocol_not_allowed', 1],
  ['a script with a tab', '<a href="java&Tab;script:alert(1)">x</a>', 'invalid_url', 1],
  ['a relative link', '<a href="/a">x</a>', 'invalid_url', 1],
  ['an empty address', '<a href="">x</a>', 'invalid_url', 1],
  ['a link with a password', '<a href="https://a:b@example.com/">x</a>', 'credentials_in_url', 1],
  ['a link without text', '<p>a <a href="https://example.com/"> </a></p>', 'empty_link', 1],
  [
    'a link in a link',
    '<a href="https://example.com/">a <a href="https://example.org/">b</a></a>',
    'nested_link',
    1
  ],
  ['a link around an image', `<a href="https://example.com/">${img}</a>`, 'linked_image', 1],
  [
    'a link around the image of a figure',
    `<figure><a href="https://example.com/">${img}</a></figure>`,
    'link_in_figure',
    1
  ],
  [
    'a link around a figure',
    `<a href="https://example.com/">x<figure>${img}</figure></a>`,
    'linked_image',
    1
  ],
  ['marks around a caption', `<b><figure>${img}<figcaption>x</figcaption></figure></b>`, 'marked_caption', 1],
  ['a quotation straight in a list', '<ul><blockquote>x</blockquote></ul>', 'text_in_list', 1],
  ['a paragraph straight in a list', '<ul><p>x</p></ul>', 'text_in_list', 1],
  ['an image of data', '<img src="data:image/png;base64,AA" alt="">', 'protocol_not_allowed', 1],
  ['an image without alt', '<img src="https://example.com/">', 'alt_missing', 1],
  ['an image of no size', '<img src="https://example.com/" alt="" width="50%">', 'invalid_size', 1],
  ['an image after text', `<p>a\n${img}</p>`, 'image_in_text', 2],
  ['an image before text', `<p>${img}\na</p>`, 'image_in_text', 2],
  ['an image in a heading', `<h2>${img}</h2>`, 'image_in_text', 1],
  ['an image in a list', `<ul><li>${img}</li></ul>`, 'image_inside', 1],
  ['an image in a quotation', `<blockquote>${img}</blockquote>`, 'image_inside', 1],
  ['two images in a figure', `<figure>${img}${img}</figure>`, 'figure_content', 1],
  ['a figure of nothing', '<figure></figure>', 'figure_content', 1],
  ['a caption of nothing', '<figure><figcaption>x</figcaption></figure>', 'figure_content', 1],
  ['a figure in a figure', `<figure>${img}<figure>${img}</figure></figure>`, 'figure_content', 1],
  [
    'two captions',
    `<figure>${img}<figcaption>a</figcaption><figcaption>b</figcaption></figure>`,
    'figure_content',
    1
  ],
  ['a caption elsewhere', '<p>a</p><figcaption>x</figcaption>', 'figure_content', 1],
  ['a cite elsewhere', '<p>a <cite>x</cite></p>', 'figure_content', 1],
  ['text in a figure', `<figure>${img}x</figure>`, 'text_in_figure', 1],
  [
    'a caption after its credit',
    `<figure>${img}<figcaption><cite>a</cite> b</figcaption></figure>`,
    'text_in_figure',
    1
  ],
  ['marks in a caption', `<figure>${img}<figcaption><b>x</b></figcaption></figure>`, 'marked_caption', 1],
  [
    'a paragraph in a caption',
    `<figure>${img}<figcaption><p>x</p></figcaption></figure>`,
    'figure_content',
    1
  ],
  ['a figure in a list', `<ul><li><figure>${img}</figure></li></ul>`, 'image_inside', 1],
  ['an embed of nothing', '<figure data-embed></figure>', 'invalid_embed', 1],
  [
    'an embed with words',
    '<figure data-embed><a href="https://example.com/">watch</a></figure>',
    'invalid_embed',
    1
  ],
  [
    'an embed by mail',
    '<figure data-embed><a href="mailto:a@example.com">mailto:a@example.com</a></figure>',
    'protocol_not_allowed',
    1
  ],
  [
    'two embeds in a figure',
    '<figure data-embed><a href="https://a.example/">https://a.example/</a><a href="https://b.example/">x</a></figure>',
    'link_in_figure',
    1
  ],
  ['a quotation in a quotation', '<blockquote><blockquote>x</blockquote></blockquote>', 'nested_quote', 1],
  ['a list in a quotation', '<blockquote><ul><li>x</li></ul></blockquote>', 'list_in_quote', 1],
  ['a heading in a quotation', '<blockquote><h2>x</h2></blockquote>', 'heading_in_quote', 1],
  ['a divider in a list', '<ul><li><hr></li></ul>', 'divider_inside', 1],
  ['a paragraph in a heading', '<h2>a<p>b</p></h2>', 'block_in_heading', 1],
  ['text in a list', '<ul>x<li>a</li></ul>', 'text_in_list', 1],
  ['an item outside a list', '<p>a</p>\n<li>x</li>', 'item_outside_list', 2],
  ['a second paragraph in an item', '<ul><li><p>a</p>\n<p>b</p></li></ul>', 'list_item_paragraphs', 2],
  ['text after an inner list', '<ul><li>a<ul><li>b</li></ul>\nc</li></ul>', 'list_item_paragraphs', 2],
  ['a fifth level of lists', '<ul><li>'.repeat(5), 'list_too_deep', 1],
  ['a list that begins with 3', '<ol start="3"><li>x</li></ol>', 'list_numbers', 1],
  ['two numbered lists in a row', '<ol><li>a</li></ol>\n<ol><li>b</li></ol>', 'list_numbers', 2],
  ['a list that counts down', '<ol reversed><li>x</li></ol>', 'attribute', 1],
  ['an item with a number', '<ol><li value="7">x</li></ol>', 'attribute', 1],
  ['a mark that reaches into the next paragraph', '<p><b>a</p><p>b</p>', 'unclosed', 1, '<b>'],
  ['marks that cross', '<p><b>a<i>b</b>c</i></p>', 'unclosed', 1, '<i>'],
  ['a control character', '<p>a</p>\n<p>b\u0007</p>', 'control_character', 2],
  ['a control character by reference', '<p>a</p>\n<p>b&#7;</p>', 'control_character', 2],
  ['a paragraph beyond all bounds', `<p>${'a'.repeat(100_001)}</p>`, 'too_long', 1],
  ['a paragraph in 501 pieces', `<p>${'<b>a</b>b'.repeat(251)}</p>`, 'too_many_children', 1],
  ['2,001 paragraphs', '<p>a\n'.repeat(2_001), 'too_many_blocks', 2001],
  ['101 elements in each other', '<span>'.repeat(101), 'too_deep', 1],
  ['a million elements in each other', '<b>'.repeat(300_000), 'too_deep', 1]
]
for (const [what, html, code, line, names = ''] of refused) {
  t.test(`refuses ${what}`, async (t) => {
    const { at, message } = refusal({ html })
    t.equal(at, `${code} at /body/html`)
    t.match(message, new RegExp(`^Line ${line}: .*${names}`))
  })
}

t.test('refuses more than 1 MiB, in bytes', async (t) => {
  t.equal(refusal({ html: 'я'.repeat(524_289) }).at, 'too_large at /body/html')
})

const block = (text: string, more = {}) => ({
  style: 'normal',
  spans: text ? [{ text, marks: '' }] : [],
  ...more
})
const on = (text: string, marks: string) => ({ text, marks })
const taken: [what: string, html: string, blocks: unknown[]][] = [
  ['nothing', '', []],
  ['blanks', ' \n\t', []],
  ['text without tags', 'one\n two', [block('one two')]],
  [
    'text between paragraphs',
    'a<p>b</p>c <b>d</b>',
    [block('a'), block('b'), { spans: [on('c ', ''), on('d', 'strong')] }]
  ],
  [
    'white space as a browser does',
    '<p>\n  one\r\n\ttwo   <b> three </b> four\n</p>',
    [{ spans: [on('one two ', ''), on('three ', 'strong'), on('four', '')] }]
  ],
  ['blanks written as references', '<p>&#32;a&#32; b&#9;&nbsp;c&#x20;</p>', [block(' a  b\t\u00a0c ')]],
  ['line breaks', '<p>a <br/> b<br>\n<br>c</p>', [block('a\nb\n\nc')]],
  ['references', '<p>&lt;b&gt; &amp;amp; &copy; &eacute</p>', [block('<b> &amp; © é')]],
  ['signs that are no tags', '<p>1 < 2 && 3 > 2</p>', [block('1 < 2 && 3 > 2')]],
  ['an empty paragraph', '<p></p>', [block('')]],
  [
    'headings',
    '<h2>a</h2><h3>b</h3><h4>c</h4>',
    [block('a', { style: 'h2' }), block('b', { style: 'h3' }), block('c', { style: 'h4' })]
  ],
  [
    'every mark',
    '<strong>a</strong><b>b</b><em>c</em><i>d</i><code>e</code><s>f</s><del>g</del><strike>h</strike>',
    [{ spans: [on('ab', 'strong'), on('cd', 'em'), on('e', 'code'), on('fgh', 'strike-through')] }]
  ],
  ['marks in marks', '<b>a<i>b<b>c</b></i></b>', [{ spans: [on('a', 'strong'), on('bc', 'em,strong')] }]],
  [
    'marks around paragraphs',
    '<b><p>a</p><p>b</p></b>',
    [{ spans: [on('a', 'strong')] }, { spans: [on('b', 'strong')] }]
  ],
  [
    'what has no meaning',
    '<div class="x"><span id=y lang="de" dir=ltr>a</span><div>b</div>c</div>',
    [block('a'), block('b'), block('c')]
  ],
  [
    'tags that are left open',
    '<p>a<p>b<ul><li>c<li><b>d',
    [block('a'), block('b'), block('c', { level: 1 }), { spans: [on('d', 'strong')] }]
  ],
  ['tags that close nothing', '</b><p>a</p></p></div>', [block('a')]],
  ['capital letters', '<P>a<BR>b</P>', [block('a\nb')]],
  [
    'a link',
    '<p><a href="https://example.com/?a=1&amp;b" target=_blank rel=nofollow>a</a></p>',
    [{ spans: [on('a', 'link https://example.com/?a=1&b')] }]
  ],
  ['an anchor without an address', '<p><a id="x">a</a></p>', [block('a')]],
  [
    'a quotation',
    '<blockquote><p>a</p>\n<p>b</p></blockquote><blockquote>c</blockquote>',
    ['a', 'b', 'c'].map((text) => block(text, { style: 'blockquote' }))
  ],
  [
    'lists in lists',
    '<ol>\n<li>a\n<ul><li><p>b</p></li></ul></li>\n<li>c</li></ol>',
    [
      block('a', { listItem: 'number', level: 1 }),
      block('b', { listItem: 'bullet', level: 2 }),
      block('c', { listItem: 'number', level: 1 })
    ]
  ],
  [
    'a list straight in a list',
    '<ul><li>a</li><ul><li>b</li></ul></ul>',
    [block('a', { level: 1 }), block('b', { level: 2 })]
  ],
  ['a jump of levels', '<ul><li><ul><li>a</li></ul></li></ul>', [block('a', { level: 2 })]],
  [
    'empty items',
    '<ul><li></li><li><p></p><ul><li>a</li></ul></li></ul>',
    [block('', { level: 1 }), block('', { level: 1 }), block('a', { level: 2 })]
  ],
  [
    'a heading and a quotation as items',
    '<ul><li><h3>a</h3></li><li><blockquote>b</blockquote></li></ul>',
    [block('a', { style: 'h3', level: 1 }), block('b', { style: 'blockquote', level: 1 })]
  ],
  [
    'images with and without a paragraph',
    `${img}<p>${img}</p>`,
    [{ _type: 'image', alt: '', width: null }, { _type: 'image' }]
  ],
  [
    'a figure',
    '<figure class="x">\n<div><img src="https://example.com/a" alt="a &quot;b&quot;" width=640 height="480" loading=lazy></div>\n<figcaption> The <br> boat <cite> Ann </cite></figcaption></figure>',
    [{ _type: 'image', alt: 'a "b"', caption: 'The\nboat', credit: 'Ann', width: 640, height: 480 }]
  ],
  [
    'an embed',
    '<figure data-embed>\n<a href="https://example.com/?a&amp;b">https://example.com/?a&amp;b</a>\n</figure>',
    [{ _type: 'embed', url: 'https://example.com/?a&b' }]
  ],
  ['a divider', 'a<hr>b', [block('a'), { _type: 'divider' }, block('b')]]
]
for (const [what, html, blocks] of taken) {
  t.test(`takes ${what}`, async (t) => {
    const read = canonical(readBody({ html }))
    t.match(read, blocks)
    t.equal(read.length, blocks.length)
  })
}

t.test('reading what it wrote changes nothing, whatever was read', async (t) => {
  const bits = fc.constantFrom(
    ...[
      '<p>',
      '</p>',
      '<b>',
      '</b>',
      '<em>',
      '</em>',
      '<a href="https://example.com/">',
      '</a>',
      '<br>',
      '<hr>'
    ],
    ...['<ul>', '</ul>', '<ol>', '</ol>', '<li>', '</li>', '<h2>', '</h2>', '<blockquote>', '</blockquote>'],
    ...['<div>', '</div>', '<span>', '</span>', '<code>', '</code>', img, `<figure>${img}</figure>`],
    ...['<figure>', '</figure>', '<figcaption>', '</figcaption>', '<cite>', '</cite>'],
    ...[' ', '\n', '&#32;', '&nbsp;', '&lt;', 'word', 'a', '<', '&', '<li>a', '<p>b']
  )
  let taken = 0
  const stable = fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
    let blocks: ReturnType<typeof readBody>
    try {
      blocks = readBody({ html: parts.join('') })
    } catch (error) {
      return error instanceof Problem
    }
    taken += 1
    return JSON.stringify(canonical(readBody({ html: toHtml(blocks) }))) === JSON.stringify(canonical(blocks))
  })
  const result = fc.check(stable, { numRuns: 5_000 })
  t.equal(fc.defaultReportMessage(result) ?? '', '')
  t.ok(taken > 500, `${taken} were taken`)
})
