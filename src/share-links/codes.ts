/** Codes of share links. */
import { randomInt } from 'node:crypto'
import { Invalid } from '../http/errors.ts'

/** No 0/o, 1/i/l: read aloud or typed from paper, a code comes out as it was. `new_share_code` in the database makes the same. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz'
const LENGTH = 8
export const newCode = () =>
  Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** Words an address of ours could need, or that would mislead. */
const RESERVED = new Set([
  'admin',
  'api',
  'app',
  'assets',
  'auth',
  'bulk',
  'docs',
  'favicon',
  'health',
  'help',
  'index',
  'login',
  'logout',
  'metrics',
  'new',
  'openapi',
  'preview',
  'problems',
  'public',
  'qr',
  'robots',
  'root',
  'share',
  'sitemap',
  'static',
  'stats',
  'status',
  'undefined',
  'null',
  'well-known',
  'www'
])

/** Throws Invalid for a word that no link may have. */
export function refuseReserved(code: string) {
  if (RESERVED.has(code)) throw Invalid('/code', 'is a reserved word', 'reserved')
}
