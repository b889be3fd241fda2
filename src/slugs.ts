/** Slugs: the readable end of an address. */
import { transliterate } from 'transliteration'
import { v7 as uuid } from 'uuid'

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

/** Of texts by locale, the one a slug is made from: English if there is one, for it needs no transliteration. */
export const textForSlug = (texts: Record<string, string>) => texts.en ?? Object.values(texts)[0] ?? ''

/** A slug from `text` that is none of those `taken` finds among the candidates. */
export async function freeSlug(
  text: string,
  fallback: string,
  taken: (candidates: string[]) => Promise<{ slug: string }[]>
): Promise<string> {
  const candidates = slugCandidates(slugFrom(text, fallback))
  const found = new Set((await taken(candidates)).map(({ slug }) => slug))
  return candidates.find((slug) => !found.has(slug)) ?? `${candidates[0]}-${uuid().slice(-8)}`
}

/**
 * Runs `work`, which makes a slug with `freeSlug`, again while somebody takes that slug between looking and writing:
 * a slug that was made and not chosen gives way. `isTaken` tells that error from others, which are thrown on.
 */
export async function whileSlugIsTaken<T>(
  isTaken: (error: unknown) => boolean | Promise<boolean>,
  work: () => Promise<T>
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= 50 || !(await isTaken(error))) throw error
    }
  }
}
