/** QR codes: what they say, how large they are, and when there are none. Read back pixel by pixel. */
import { crc32, inflateSync } from 'node:zlib'
import { create } from 'qrcode'
import t from 'tap'
import { ask } from '../articles/ledger.ts'
import type { Article } from '../articles/states.ts'
import { draft, everyone, newsroom, story, unique } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'

const room = await newsroom(t)
const { api } = room
const { patch, publish, unpublish, withdraw } = desk(room)
// biome-ignore lint/suspicious/noExplicitAny: a share link as the API shows it
type Link = any

const linkOf = async ({ id }: Article, channel = 'qr'): Promise<Link> =>
  (await api(`GET /v1/articles/${id}/share-links?limit=100`, { as: 'editor', expect: 200 })).body.data.find(
    (link: Link) => link.channel === channel
  )
const fetchPng = async (path: string) => Buffer.from(await (await fetch(room.url + path)).arrayBuffer())

type Picture = { size: number; dark: (x: number, y: number) => boolean }

/** A PNG of one bit a pixel, by its specification: every chunk whole, every line unfiltered. */
function readPng(bytes: Buffer): Picture {
  t.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n')
  const chunks: [type: string, data: Buffer][] = []
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const data = bytes.subarray(at + 8, at + 8 + length)
    t.equal(
      bytes.readUInt32BE(at + 8 + length),
      crc32(bytes.subarray(at + 4, at + 8 + length)),
      'the checksum'
    )
    chunks.push([bytes.toString('latin1', at + 4, at + 8), data])
    at += 12 + length
  }
  t.same(
    chunks.map(([type]) => type),
    ['IHDR', 'IDAT', 'IEND']
  )
  const [[, head], [, data]] = chunks as [[string, Buffer], [string, Buffer]]
  const [size, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  t.equal(size, height)
  t.same([...head.subarray(8)], [1, 0, 0, 0, 0], 'one bit of grey')
  const pixels = inflateSync(data)
  const width = 1 + Math.ceil(size / 8)
  t.equal(pixels.length, width * size)
  for (let line = 0; line < size; line++) if (pixels[line * width] !== 0) t.fail('a filter')
  return {
    size,
    dark: (x, y) => (((pixels[y * width + 1 + (x >> 3)] as number) >> (7 - (x & 7))) & 1) === 0
  }
}

function readSvg(text: string): Picture {
  const size = Number(/^<svg [^>]*width="(\d+)"/.exec(text)?.[1])
  t.match(text, `viewBox="0 0 ${size} ${size}"`)
  const dark = new Set<number>()
  const path = /<path d="([^"]*)"/.exec(text)?.[1] ?? ''
  for (const [, x, y, width, height, back] of path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z/g)) {
    if (width !== back) t.fail('not closed')
    for (let row = 0; row < Number(height); row++)
      for (let column = 0; column < Number(width); column++)
        dark.add((Number(y) + row) * size + Number(x) + column)
  }
  t.equal(path.replace(/M\d+ \d+h\d+v\d+h-\d+z/g, ''), '', 'nothing else is drawn')
  return { size, dark: (x, y) => dark.has(y * size + x) }
}

/** Every pixel must be as this text has it, with at least so many blank modules around. */
function says({ size, dark }: Picture, text: string, margin: number): boolean {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const scale = Math.floor(size / (modules.size + 2 * margin))
  const offset = Math.floor((size - modules.size * scale) / 2)
  if (offset < margin * scale) return false
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [column, row] = [Math.floor((x - offset) / scale), Math.floor((y - offset) / scale)]
      const inside = column >= 0 && row >= 0 && column < modules.size && row < modules.size
      if (dark(x, y) !== (inside && Boolean(modules.get(row, column)))) return false
    }
  }
  return true
}

t.test('both pictures say the short address, in every size and margin', async (t) => {
  const { code, url } = await linkOf(await story(room))
  for (const [query, size, margin] of [
    ['', 512, 4],
    ['?size=64', 64, 4],
    ['?size=64&margin=0', 64, 0],
    ['?size=333&margin=1', 333, 1],
    ['?size=2048&margin=16', 2048, 16],
    ['?margin=7', 512, 7]
  ] as const) {
    const svg = await api(`GET /s/${code}/qr.svg${query}`, { expect: 200 })
    t.equal(svg.headers.get('content-type'), 'image/svg+xml')
    const [drawn, painted] = [readSvg(svg.text), readPng(await fetchPng(`/s/${code}/qr.png${query}`))]
    for (const [what, picture] of [
      ['SVG', drawn],
      ['PNG', painted]
    ] as const) {
      t.equal(picture.size, size, `${what}${query}`)
      t.ok(says(picture, url, margin), `${what}${query} says ${url}`)
      t.notOk(says(picture, `${url}x`, margin), `${what}${query} says nothing else`)
    }
  }
  const { headers } = await api(`GET /s/${code}/qr.png`, { expect: 200 })
  t.equal(headers.get('content-type'), 'image/png')
  t.ok((await fetchPng(`/s/${code}/qr.png?size=2048`)).length < 20_000, 'a small file')
  for (const who of everyone) await api(`GET /s/${code.toUpperCase()}/qr.svg`, { as: who, expect: 200 })
})

t.test('what is out of bounds is refused', async (t) => {
  const { code } = await linkOf(await story(room))
  for (const [query, pointer] of [
    ['size=63', '/query/size'],
    ['size=2049', '/query/size'],
    ['size=100000000', '/query/size'],
    ['size=1e3', '/query/size'],
    ['size=100.5', '/query/size'],
    ['size=', '/query/size'],
    ['size=64&size=65', '/query/size'],
    ['margin=-1', '/query/margin'],
    ['margin=17', '/query/margin'],
    ['colour=red', '/query/colour'],
    ['utm_source=x', '/query/utm_source']
  ]) {
    for (const file of ['qr.svg', 'qr.png'])
      t.match(
        await api(`GET /s/${code}/${file}?${query}`, { expect: 400 }),
        { body: { errors: [{ pointer }] } },
        `${file}?${query}`
      )
  }
  const long = (
    await api('POST /v1/share-links', {
      as: 'editor',
      body: { articleId: (await story(room)).id, channel: 'other', code: `long-${'x'.repeat(55)}` },
      expect: 201
    })
  ).body
  await api(`GET /s/${long.code}/qr.png?size=64`, { expect: 200 })
  t.match(
    await api(`GET /s/${long.code}/qr.png?size=64&margin=16`, { expect: 400 }),
    { body: { errors: [{ pointer: '/query/size', code: 'too_small' }] } },
    'no room'
  )
})

t.test('there is one as long as following leads somewhere', async (t) => {
  const changed = async (link: Link, body: object) =>
    (
      await api(`PATCH /v1/share-links/${link.id}`, {
        as: 'editor',
        ifMatch: link.version,
        body,
        expect: 200
      })
    ).body
  const rows: [what: string, status: number, code: () => Promise<string>][] = [
    ['of a live article', 200, async () => (await linkOf(await story(room))).code],
    [
      'a former code',
      200,
      async () => {
        const link = await linkOf(await story(room))
        await changed(link, { code: unique('new') })
        return link.code
      }
    ],
    ['unknown', 404, async () => 'nobody-has-this'],
    ['a strange one', 404, async () => '%F0%9F%98%80'],
    [
      'of a draft',
      404,
      async () =>
        (
          await api('POST /v1/share-links', {
            as: 'editor',
            body: { articleId: (await draft(room)).id, channel: 'qr' },
            expect: 201
          })
        ).body.code
    ],
    [
      'of what is scheduled',
      404,
      async () => {
        const article = await draft(room)
        await publish(article, { liveFrom: Y2089 })
        return (await linkOf(article)).code
      }
    ],
    [
      'of what has ended',
      404,
      async () => {
        const article = await story(room)
        await unpublish(article, { expect: 200 })
        return (await linkOf(article)).code
      }
    ],
    [
      'not yet valid',
      404,
      async () => (await changed(await linkOf(await story(room)), { validFrom: Y2089 })).code
    ],
    [
      'withdrawn',
      410,
      async () => {
        const article = await story(room)
        const { code } = await linkOf(article)
        await withdraw(article, { expect: 200 })
        return code
      }
    ],
    [
      'archived',
      410,
      async () => {
        const link = await linkOf(await story(room))
        await api(`DELETE /v1/share-links/${link.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
        return link.code
      }
    ]
  ]
  for (const [what, status, find] of rows) {
    const code = await find()
    for (const file of ['qr.svg', 'qr.png']) {
      const { headers } = await api(`GET /s/${code}/${file}`, { expect: status })
      t.match(
        headers.get('cache-control'),
        status === 200 ? /^public/ : /no-store/,
        `${file} ${what}: ${status}`
      )
    }
  }
})

t.test('caches may keep it, until it says something else', async (t) => {
  let article = await story(room)
  const link = await linkOf(article)
  for (const file of ['qr.svg', 'qr.png']) {
    const path = `/s/${link.code}/${file}`
    const { headers } = await api(`GET ${path}`, { expect: 200 })
    const etag = headers.get('etag') as string
    t.match(headers.get('cache-control'), /^public, max-age=0, s-maxage=\d+/)
    t.same(headers.get('surrogate-key')?.split(' '), [`article:${article.id}`, `share:${article.id}`])
    await api(`GET ${path}`, { headers: { 'if-none-match': etag }, expect: 304 })
    t.equal((await api(`HEAD ${path}`, { expect: 200 })).headers.get('etag'), etag)
    t.equal(await room.statements(() => api(`GET ${path}`, { expect: 200 })), 0, `${file} is kept`)
  }
  const code = unique('another')
  await api(`PATCH /v1/share-links/${link.id}`, { as: 'editor', ifMatch: 1, body: { code }, expect: 200 })
  for (const one of [link.code, code])
    t.ok(
      says(
        readSvg((await api(`GET /s/${one}/qr.svg`, { expect: 200 })).text),
        `http://dateline.test/s/${code}`,
        4
      )
    )
  article = await patch(article, { headline: 'Other' })
  await publish(article)
  await api(`GET /s/${code}/qr.svg`, { expect: 200 })
  await unpublish(article, { expect: 200 })
  await api(`GET /s/${code}/qr.svg`, { expect: 404 })
  await publish(article)
  await api(`GET /s/${code}/qr.svg`, { expect: 200 })
  await api(`DELETE /v1/share-links/${link.id}`, { as: 'editor', ifMatch: 2, expect: 204 })
  await api(`GET /s/${code}/qr.svg`, { expect: 410 })
  t.equal(
    await ask<number>(
      room,
      'SELECT (human + bots)::int FROM share_link_totals WHERE share_link_id = $1::uuid',
      link.id
    ),
    0,
    'looking at a code is no click'
  )
})
