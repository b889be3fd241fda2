/** What the loaded articles say: paragraphs of invented words, always the same ones, put together anew for each article. */
import { toHtml, toText } from '../../src/body/render.ts'
import { slugFrom } from '../../src/slugs.ts'

export const LOCALES = ['en', 'ru'] as const
export type Locale = (typeof LOCALES)[number]

/** Paragraphs to choose from, per language. */
export const POOL = 3_000
const VOCABULARY = 6_000
/** Words of a paragraph: five paragraphs make about 2.5 kB in either alphabet. */
const WORDS = { en: 78, ru: 42 }

/** Words that stand in a fixed number of stories, however many there are: searches with as many hits at any size. */
export const MARKERS = 50
export const HITS_PER_MARKER = 40

/** A row of the pool: one paragraph in its three forms, and a headline and a standfirst to choose. */
export type Paragraph = {
  locale: Locale
  place: number
  block: string
  html: string
  text: string
  headline: string
  slug: string
  standfirst: string
  words: number
}

const letters = {
  en: {
    onsets: 'b d f g h k l m n p r s t v w br dr fl gr pl st tr'.split(' '),
    vowels: 'a e i o u'.split(' '),
    ends: ' n r l s m'.split(' ')
  },
  ru: {
    onsets: 'б в г д ж з к л м н п р с т ф х бр гр др пл ст тр'.split(' '),
    vowels: 'а е и о у'.split(' '),
    ends: ' н р л с м'.split(' ')
  }
}

/** The same numbers each time (mulberry32). */
function numbersFrom(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Numbers = () => number
const oneOf = (numbers: Numbers, list: string[]) => list[Math.floor(numbers() * list.length)] as string

/** The vocabulary of a language, the frequent words first. */
export function vocabularyOf(locale: Locale): string[] {
  const numbers = numbersFrom(locale === 'en' ? 11 : 12)
  const { onsets, vowels, ends } = letters[locale]
  const syllable = () => oneOf(numbers, onsets) + oneOf(numbers, vowels) + oneOf(numbers, ends)
  const words = new Set<string>()
  while (words.size < VOCABULARY)
    words.add(Array.from({ length: 2 + Math.floor(numbers() * 2) }, syllable).join(''))
  return [...words]
}

/** Words no paragraph has. */
export const markerWords = (locale: Locale) =>
  vocabularyOf(locale)
    .slice(0, MARKERS)
    .map((word) => (locale === 'en' ? `qu${word}x` : `щ${word}ц`))

/** As in a language, few words are frequent and most are rare (Zipf). */
export function paragraphsOf(locale: Locale): Paragraph[] {
  const numbers = numbersFrom(locale === 'en' ? 21 : 22)
  const vocabulary = vocabularyOf(locale)
  const word = () => vocabulary[Math.floor(vocabulary.length ** numbers()) - 1] as string
  const phrase = (length: number) => {
    const words = Array.from({ length }, word).join(' ')
    return words.charAt(0).toUpperCase() + words.slice(1)
  }
  return Array.from({ length: POOL }, (_, place) => {
    const length = WORDS[locale] / 3
    const text = `${phrase(length)}, ${phrase(length).toLowerCase()}. ${phrase(length)}.`
    const block = {
      _type: 'block' as const,
      _key: `p${place}`,
      style: 'normal' as const,
      children: [{ _type: 'span' as const, _key: 's', text, marks: [] }],
      markDefs: []
    }
    const headline = phrase(6)
    return {
      locale,
      place,
      block: JSON.stringify(block),
      html: toHtml([block]),
      text: toText([block]),
      headline,
      slug: slugFrom(headline, 'story'),
      standfirst: `${phrase(14)}.`,
      words: text.split(' ').length
    }
  })
}
