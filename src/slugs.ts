/** Slugs: the readable end of an address. */
import { transliterate } from 'transliteration'

const LONGEST_MADE = 80

/** A slug from any text: transliterated, lower case, cut at a word; `fallback` when nothing is left of it. */
export function slugFrom(text: string, fallback: string): string {
  const plain = transliterate(text.slice(0, 400))
    .normalize('NFKD')
    .toLowerCase()
    .replace(/['’ʼ`]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  if (plain.length <= LONGEST_MADE) return plain || fallback
  const cut = plain.slice(0, LONGEST_MADE + 1)
  return cut.slice(0, Math.max(cut.lastIndexOf('-'), 20)).replace(/-+$/g, '')
}

/** `base`, `base-2`, `base-3`, …: what to try, in order. */
export function slugCandidates(base: string): string[] {
  return [base, ...Array.from({ length: 99 }, (_, index) => `${base}-${index + 2}`)]
}
