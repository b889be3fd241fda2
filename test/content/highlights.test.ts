/** The words of the code and those of the database are the same, and highlights stand on them exactly. */
import fc from 'fast-check'
import t from 'tap'
import { highlightsOf, lexemesOf } from '../../src/content/highlights.ts'
import { termsOf, wordsOf } from '../../src/content/search-words.ts'
import { newsroom } from '../helper.ts'

const room = await newsroom(t)
const ask = async <T>(text: string, values: unknown[]) =>
  (await room.db.query<{ value: T }>({ text }, values))[0]?.value as T

const letters = [
  ...'aZ9 éÉßłŁøİıѬЁёйЙжЖґԵևΆσςאבךשַׁالْأـकस्थนํ日本のガ々한ㄱ😀👩🏽\u200d🚀𝔘𠮷',
  'e\u0301',
  'и\u0306',
  '\u00ad',
  '\u200b',
  '\u0301',
  '՞',
  '-',
  '’',
  "'",
  '.',
  '/',
  '<b>',
  '&amp;',
  '@',
  '\n',
  '  '
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...letters), { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 40 })
)
const wellFormed = (value: string) => !/\p{Surrogate}/u.test(value)
/** As it can be stored: the edge refuses NUL and lone surrogates. */
const storable = text.filter((value) => !value.includes('\0') && wellFormed(value))

/** As the database writes each of them, and as it composes them: newer letters compose in newer versions of Unicode only. */
const theirs = (texts: string[]) =>
  ask<[words: string, composed: string][]>(
    `SELECT jsonb_agg(jsonb_build_array(search_text(x.given), normalize(x.given, NFC)) ORDER BY x.place) AS value
      FROM unnest($1::text[]) WITH ORDINALITY AS x (given, place)`,
    [texts]
  )
const ours = (given: string) =>
  wordsOf(given)
    .map((word) => word.text)
    .join(' ')
/** Those that compose alike here and there, and of them those whose words differ. */
async function compare(texts: string[]) {
  const answers = await theirs(texts)
  const alike = texts
    .map((given, index) => ({ given, answer: answers[index] as [words: string, composed: string] }))
    .filter(({ given, answer: [, composed] }) => composed === given.normalize('NFC'))
  const differing = alike.filter(({ given, answer: [words] }) => ours(given) !== words.replace(/ +/g, ' '))
  return { alike: alike.length, differing }
}

t.test('the same words here and in the database', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(storable, { minLength: 100, maxLength: 100 }), async (texts) => {
      t.same((await compare(texts)).differing, [])
    }),
    { numRuns: 20 }
  )
})

t.test('each letter there is parts words or joins them, here and in the database alike', async (t) => {
  const points = Array.from({ length: 0x10ffff }, (_, index) => index + 1).filter(
    (p) => p < 0xd800 || p > 0xdfff
  )
  const texts = points.map((point) => `x${String.fromCodePoint(point)}y`)
  let composedAlike = 0
  for (let from = 0; from < texts.length; from += 50_000) {
    const { alike, differing } = await compare(texts.slice(from, from + 50_000))
    composedAlike += alike
    t.same(differing, [])
  }
  t.ok(composedAlike > 1_100_000)
})

t.test('highlights are whole words that the query has, apart and in order', async (t) => {
  for (const config of ['english', 'russian', 'simple']) {
    await fc.assert(
      fc.asyncProperty(storable, storable, fc.nat(20), async (headline, standfirst, place) => {
        const all = wordsOf(`${headline} ${standfirst}`).map((word) => word.text)
        const sought = all[place % Math.max(all.length, 1)] ?? 'none'
        const lexemes = (word: string) =>
          ask<string[]>(
            `SELECT tsvector_to_array(to_tsvector('dateline_${config}', search_text($1::text))) AS value`,
            [word]
          )
        const item = { headline, standfirst, kicker: '', dateline: sought }
        const stems = await ask<string>(
          `SELECT search_stems('dateline_${config}', concat_ws(' ', $1::text, '', $2::text, $3::text)) AS value`,
          [headline, standfirst, sought]
        )
        const query = lexemesOf(
          await ask<string>(
            `SELECT plainto_tsquery('dateline_${config}', search_text($1::text))::text AS value`,
            [sought]
          )
        )
        t.same([...query].sort(), (await lexemes(sought)).sort())
        const matched = new Set<string>()
        for (const word of new Set([...all, sought]))
          if ((await lexemes(word)).some((lexeme) => query.has(lexeme))) matched.add(word)
        const marks = highlightsOf(item, stems, query)
        let last = { field: '', end: 0 }
        for (const { field, start, end } of marks) {
          if (field === last.field) t.ok(start >= last.end, 'apart')
          last = { field, end }
          t.ok(0 <= start && start < end && end <= item[field].length, 'within')
          const cut = item[field].slice(start, end)
          t.ok(wellFormed(cut), 'no half of a letter')
          t.ok(
            (await lexemes(cut)).some((lexeme) => query.has(lexeme)),
            `${cut} is ${sought}`
          )
        }
        const counted = (value: string) => wordsOf(value).filter((word) => matched.has(word.text)).length
        t.equal(marks.length, counted(headline) + counted(standfirst) + counted(sought), 'none is missing')
      }),
      { numRuns: 25 }
    )
  }
})

t.test('what is meant by what is typed', async (t) => {
  const rows: [typed: string, ...terms: [group: number, negated: boolean, words: string][]][] = [
    ['one two', [0, false, 'one'], [0, false, 'two']],
    ['“one two” -three', [0, false, 'one two'], [0, true, 'three']],
    ['one-two', [0, false, 'one two']],
    ['-"one two', [0, true, 'one two']],
    ['--one', [0, true, 'one']],
    ['one or two OR three', [0, false, 'one'], [1, false, 'two'], [2, false, 'three']],
    ['or', [0, false, 'or']],
    ['or or or', [0, false, 'or']],
    ['"one or two"', [0, false, 'one or two']],
    ['one -or two', [0, false, 'one'], [0, true, 'or'], [0, false, 'two']],
    ['北京', [0, false, '北 京']],
    [' - "" & | ! :* '],
    ['x'.repeat(99), [0, false, 'x'.repeat(50)]]
  ]
  for (const [typed, ...terms] of rows)
    t.same(
      termsOf(typed).map(({ group, negated, words }) => [group, negated, words]),
      terms,
      typed
    )
  t.equal(termsOf('a '.repeat(100)).length, 24)
})
