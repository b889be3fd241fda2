/** One page never mixes languages: nor does its share bar, in any locale Dateline has words for. */
import t from 'tap'
import { newsroom, story } from '../helper.ts'

const room = await newsroom(t)
const { api } = room

const scripts: Record<string, RegExp> = {
  en: /\p{Script=Latin}/u,
  ru: /\p{Script=Cyrillic}/u,
  hy: /\p{Script=Armenian}/u,
  fr: /\p{Script=Latin}/u,
  de: /\p{Script=Latin}/u,
  es: /\p{Script=Latin}/u,
  ar: /\p{Script=Arabic}/u
}
/** Names, which are written alike everywhere. */
const brands = ['X', 'Facebook', 'Telegram', 'WhatsApp', 'LinkedIn', 'Reddit', 'Bluesky', 'Threads']

// biome-ignore lint/suspicious/noExplicitAny: a share bar as the API shows it
type Bar = any
const barOf = async (locale: string): Promise<Bar> => {
  const { slug } = await story(room, { locale })
  const { body, headers } = await api(`GET /v1/content/articles/${slug}/share?locale=${locale}`, {
    expect: 200
  })
  return { ...body, language: headers.get('content-language') }
}
/** What readers read of it. */
const wordsOf = ({ prompt, copy, networks }: Bar): string[] => [
  prompt,
  copy.label,
  copy.done,
  ...networks.map(({ label }: { label: string }) => label).filter((label: string) => !brands.includes(label))
]

const bars: Record<string, Bar> = {}
for (const locale of Object.keys(scripts)) bars[locale] = await barOf(locale)
const withSites: Record<string, Bar> = {}
for (const locale of Object.keys(scripts)) {
  const { version } = (await api(`GET /v1/site/${locale}`, { as: 'admin', expect: 200 })).body
  const body = { name: locale, fallbacks: Object.keys(scripts).filter((other) => other !== locale) }
  await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: version, body, expect: 200 })
  withSites[locale] = await barOf(locale)
}
// The default site speaks in a tongue of its own, which is nobody else's.
const { version } = (await api('GET /v1/site/en', { as: 'admin' })).body
await api('PATCH /v1/site/en', {
  as: 'admin',
  ifMatch: version,
  body: { strings: { sharePrompt: 'Ahoy', copyLink: 'Avast', linkCopied: 'Aye', email: 'Bottle post' } },
  expect: 200
})

const beside: Record<string, Bar> = {}
for (const locale of [...Object.keys(scripts), 'fr-CA', 'ja']) beside[locale] = await barOf(locale)

for (const [locale, script] of Object.entries(scripts)) {
  t.test(`${locale}: no word of another`, async (t) => {
    const others = Object.entries(bars).flatMap(([other, bar]) => (other === locale ? [] : wordsOf(bar)))
    for (const bar of [bars[locale], withSites[locale], ...(locale === 'en' ? [] : [beside[locale]])]) {
      const words = wordsOf(bar)
      t.equal(bar.language, locale)
      t.equal(words.length, 4, words.join(' | '))
      t.same(
        bar.networks
          .map(({ label }: { label: string }) => label)
          .filter((label: string) => brands.includes(label)),
        brands
      )
      for (const text of words) {
        const letters = text.match(/\p{Letter}/gu) ?? []
        t.ok(letters.length > 2, text)
        t.same(
          letters.filter((letter) => !script.test(letter)),
          [],
          text
        )
        t.notOk(others.includes(text), `${text}: nowhere else`)
      }
      t.same(words, wordsOf(bars[locale]))
    }
  })
}

t.test('a locale of a language; one nobody has words for', async (t) => {
  t.same(wordsOf(beside['fr-CA']), wordsOf(bars.fr))
  t.same(wordsOf(beside.ja), wordsOf(bars.en), 'English ones, as on its site')
})

t.test('a language only its site has words for: all of them, or none', async (t) => {
  const words = { sharePrompt: 'Поширте', copyLink: 'Копіювати', linkCopied: 'Скопійовано', email: 'Пошта' }
  const wordsWith = async (strings: Record<string, string | null>) => {
    const { version } = (await api('GET /v1/site/uk', { as: 'admin' })).body
    const body = { fallbacks: ['ru'], strings }
    await api('PATCH /v1/site/uk', { as: 'admin', ifMatch: version, body, expect: 200 })
    return wordsOf(await barOf('uk'))
  }
  const { email, ...most } = words
  t.same(await wordsWith(most), wordsOf(bars.ru), 'no two languages in one bar')
  t.same(await wordsWith({ email }), Object.values(words))
})
