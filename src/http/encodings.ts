/** Content encodings: which one a client takes, and making it. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Encoding } from '../caching/store.ts'

/** Smaller ones gain nothing. */
export const LEAST_BYTES = 1_024

const chosen = new Map<string, Encoding | null>()

/** The best of what an Accept-Encoding header takes (RFC 9110, 12.5.3); null for plain bytes. */
export function encodingFor(accept: string | undefined): Encoding | null {
  if (!accept) return null
  const known = chosen.get(accept)
  if (known !== undefined) return known
  const choice = choose(accept)
  if (chosen.size < 500) chosen.set(accept, choice)
  return choice
}

function choose(accept: string): Encoding | null {
  const weights = new Map<string, number>()
  for (const part of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0)
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0
  const [br, gz, identity] = [weightOf('br'), weightOf('gzip'), weights.get('identity') ?? 0]
  if (Math.max(br, gz) === 0 || identity > Math.max(br, gz)) return null
  return br >= gz ? 'br' : 'gzip'
}

const compressors = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (content: Buffer) => promisify(gzip)(content, { level: 6 })
}

export const encode = (encoding: Encoding, content: Buffer): Promise<Buffer> => compressors[encoding](content)
