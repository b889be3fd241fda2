import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { countWords } from '../../src/body/render.ts'
import { wordsIn } from '../../src/body/words.ts'
import { text } from './documents.ts'

const segmenter = new Intl.Segmenter('und', { granularity: 'word' })
const bySegmenter = (text: string) =>
  [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike).length

const cases: [language: string, text: string, words: number][] = [
  ['nothing', '', 0],
  ['punctuation', ' … — ! 😀 ', 0],
  ['English', 'The ferry didn’t leave at 9.30: the well-known captain was ill.', 12],
  ['Russian', 'Паром «Нева» вышел из порта в 9 часов — с опозданием на 2,5 часа.', 13],
  ['Chinese', '渡轮今天早上九点离开港口。', bySegmenter('渡轮今天早上九点离开港口。')],
  ['Arabic', 'غادرت العبّارة الميناء في الساعة التاسعة صباحًا، بعد تأخير.', 9],
  ['Thai', 'เรือออกจากท่า', bySegmenter('เรือออกจากท่า')]
]
for (const [language, text, words] of cases) {
  t.test(`counts ${language}`, async (t) => t.equal(wordsIn(text), words))
}

t.test('Chinese has words, though no blanks', async (t) => {
  const words = wordsIn('渡轮今天早上九点离开港口。')
  t.ok(words >= 5 && words <= 9, String(words))
})

t.test('counts as the segmenter does, only faster', async (t) => {
  const result = fc.check(
    fc.property(text, (text) => wordsIn(text) === bySegmenter(text)),
    { numRuns: 5_000 }
  )
  t.equal(fc.defaultReportMessage(result) ?? '', '')
})

t.test(
  'counts paragraphs, headings and lists, joined across spans; not captions and addresses',
  async (t) => {
    const markdown = `## Two words

- un**believ**able

> quoted

![alt text](https://example.com/a.jpg "a caption")

<https://example.com/video>`
    t.equal(countWords(readBody({ markdown })), 4)
  }
)

t.test('a stretch without blanks is cut, and stays about right', async (t) => {
  const sentence = '渡轮今天早上九点离开港口，'
  const words = wordsIn(sentence.repeat(1_000))
  const exact = bySegmenter(sentence) * 1_000
  t.ok(Math.abs(words - exact) < exact / 50, `${words} for ${exact}`)
})

t.test('1 MiB takes no time that grows with its square', async (t) => {
  for (const part of [
    'The ferry is late, says the port. ',
    'Паром опаздывает. ',
    '渡轮晚点。',
    'ก',
    'a.',
    '.',
    'a',
    '😀'
  ]) {
    const long = part.repeat(Math.floor(1_048_576 / Buffer.byteLength(part)))
    const started = performance.now()
    wordsIn(long)
    t.ok(performance.now() - started < 15_000, `${part}: ${Math.round(performance.now() - started)} ms`)
  }
})
