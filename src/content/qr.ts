/** QR codes of short addresses, as SVG and PNG. */
import { crc32, deflateSync } from 'node:zlib'
import { create } from 'qrcode'
import type { Reader } from '../database/database.ts'
import { live, NOW } from './live.ts'

type Row = {
  articleId: string
  presentCode: string
  gone: boolean
  there: boolean
}

/** $1 a code, also a former one. */
const readLink = {
  name: 'content-qr',
  text: `
    SELECT l.article_id AS "articleId", l.present_code AS "presentCode",
      l.archived_at IS NOT NULL OR EXISTS (SELECT FROM publications w WHERE w.article_id = l.article_id AND w.withdrawn) AS gone,
      coalesce(l.valid_from <= now(), true)
        AND EXISTS (SELECT FROM publications p WHERE p.article_id = l.article_id AND ${live('p', NOW)}) AS there
    FROM public_share_links l WHERE l.code = $1::text`
}

/**
 * The link with this code, for as long as following it leads somewhere or will tell why not; null otherwise: nobody was
 * ever given it, its time or its article's has not come, or the article has ended.
 */
export async function findQr(db: Reader, code: string) {
  const [row] = await db.query<Row>(readLink, [code.toLowerCase()])
  if (!row || (!row.gone && !row.there)) return null
  const { articleId, presentCode, gone } = row
  return { articleId, presentCode, gone }
}

export type Drawing = { size: number; margin: number }

/**
 * A square of `size` pixels, of which each module takes as many whole ones as fit; null when it is too small for that.
 * Level M: 15 % of it may be dirty.
 */
function layout(text: string, { size, margin }: Drawing) {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const scale = Math.floor(size / (modules.size + 2 * margin))
  if (scale < 1) return null
  return { modules, scale, offset: Math.floor((size - modules.size * scale) / 2) }
}

/** Null when the size leaves no room for the code and its margin. */
export function qrSvg(text: string, drawing: Drawing): string | null {
  const plan = layout(text, drawing)
  if (!plan) return null
  const { modules, scale, offset } = plan
  const { size } = drawing
  let path = ''
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (!modules.get(row, column)) continue
      const start = column
      while (column + 1 < modules.size && modules.get(row, column + 1)) column++
      const width = (column - start + 1) * scale
      path += `M${offset + start * scale} ${offset + row * scale}h${width}v${scale}h-${width}z`
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
}

/** One bit a pixel, 0 = black: a few hundred bytes, made in a few milliseconds. Null as above. */
export function qrPng(text: string, drawing: Drawing): Buffer | null {
  const plan = layout(text, drawing)
  if (!plan) return null
  const { modules, scale, offset } = plan
  const { size } = drawing
  // Each line begins with its filter, 0 = none.
  const width = 1 + Math.ceil(size / 8)
  const pixels = Buffer.alloc(width * size, 0xff)
  for (let line = 0; line < size; line++) {
    pixels[line * width] = 0
    const row = Math.floor((line - offset) / scale)
    if (row < 0 || row >= modules.size) continue
    for (let x = offset; x < offset + modules.size * scale; x++) {
      if (!modules.get(row, Math.floor((x - offset) / scale))) continue
      const place = line * width + 1 + (x >> 3)
      pixels[place] = (pixels[place] as number) & ~(0x80 >> (x & 7))
    }
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head[8] = 1
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0))
  ])
}

/** Length, type, data, checksum of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
