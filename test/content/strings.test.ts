import t from 'tap'
import { newsroom } from '../helper.ts'

const room = await newsroom(t)
const { api } = room

/** Words that are the same in English and in another language. */
const truly: Record<string, string[]> = { fr: ['source'] }
const scripts: Record<string, RegExp> = {
  en: /\p{Script=Latin}/u,
  ru: /\p{Script=Cyrillic}/u,
  hy: /\p{Script=Armenian}/u,
  fr: /\p{Script=Latin}/u,
  de: /\p{Script=Latin}/u,
  es: /\p{Script=Latin}/u,
  ar: /\p{Script=Arabic}/u
}

/** What a site without words of its own says to readers. */
async function stringsOf(locale: string): Promise<Record<string, string>> {
  if (!['en', 'ru'].includes(locale)) {
    const body = { name: `Site ${locale}` }
    await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: 0, body, expect: 200 })
  }
  const { body } = await api(`GET /v1/content/site?locale=${locale}`, { expect: 200 })
  t.equal(body.locale, locale)
  return body.strings
}

const placeholders = (text: string) => text.match(/\{\w+\}/g)?.sort() ?? []
const lettersOf = (text: string) => text.replace(/\{\w+\}/g, '').match(/\p{Letter}/gu) ?? []

const english = await stringsOf('en')

t.test('English says how often, and who reports', async (t) => {
  t.ok(Object.keys(english).length >= 24)
  t.match(english, { views: /\{count\}/, sourceReports: /\{source\}/ })
})

for (const [locale, script] of Object.entries(scripts)) {
  t.test(`${locale}: complete, and in its own language`, async (t) => {
    const strings = locale === 'en' ? english : await stringsOf(locale)
    t.same(Object.keys(strings), Object.keys(english), 'every string is there')
    for (const [name, text] of Object.entries(strings)) {
      const letters = lettersOf(text)
      t.ok(letters.length > 0, `${name} says something`)
      t.same(
        letters.filter((letter) => !script.test(letter)),
        [],
        `${name} is in the script of ${locale}: ${text}`
      )
      t.same(placeholders(text), placeholders(english[name] ?? ''), `${name} has the same placeholders`)
      t.equal(text, text.trim(), `${name} has no blanks around it`)
      const same = text === english[name]
      t.equal(
        same,
        locale === 'en' || (truly[locale] ?? []).includes(name),
        `${name} is ${same ? '' : 'not '}English: ${text}`
      )
    }
    t.equal(new Set(Object.values(strings)).size, Object.keys(strings).length, 'no two are the same')
  })
}
