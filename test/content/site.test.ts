import t from 'tap'
import { everyone, newsroom, type Options } from '../helper.ts'

const room = await newsroom(t)
const { api } = room

const get = (query = '', options: Options = {}) => api(`GET /v1/content/site${query}`, options)
const site = async (query = '') => (await get(query, { expect: 200 })).body
async function change(locale: string, body: object) {
  const { version } = (await api(`GET /v1/site/${locale}`, { as: 'admin', expect: 200 })).body
  return (await api(`PATCH /v1/site/${locale}`, { as: 'admin', ifMatch: version, body, expect: 200 })).body
}

t.test('everybody may read it', async (t) => {
  for (const who of everyone) {
    const { status, headers } = await get('', { as: who })
    t.equal(status, 200, who)
    t.equal(headers.get('cache-control')?.startsWith('public'), who === 'nobody', who)
  }
})

t.test('by locale; without one, or for one there is not, the default', async (t) => {
  for (const [query, locale] of [
    ['', 'en'],
    ['?locale=en', 'en'],
    ['?locale=ru', 'ru'],
    ['?locale=hy', 'en'],
    ['?locale=en-GB', 'en']
  ] as const) {
    const { body, headers } = await get(query, { expect: 200 })
    t.match(body, { locale, name: `Site ${locale}` }, query)
    t.equal(headers.get('content-language'), locale)
  }
  for (const query of ['?locale=EN', '?locale=', '?locale=en&locale=ru', '?lang=en'])
    await get(query, { expect: 400 })
  t.same((await site()).locales, [
    { locale: 'en', name: 'Site en', isDefault: true },
    { locale: 'ru', name: 'Site ru', isDefault: false }
  ])
  await change('ru', { isDefault: true })
  t.equal((await site()).locale, 'ru')
  t.same(
    (await site('?locale=en')).locales.map(({ locale }: { locale: string }) => locale),
    ['ru', 'en'],
    'the default first'
  )
  await change('en', { isDefault: true })
})

t.test('each string in the locale’s own language, or as the site words it', async (t) => {
  const [en, ru] = [(await site()).strings, (await site('?locale=ru')).strings]
  t.match(en, {
    linkCopied: 'Link copied',
    views: 'Views: {count}',
    sharePrompt: 'Liked the story? Share it on social media!'
  })
  t.match(ru, { linkCopied: 'Ссылка скопирована' })
  t.same(Object.keys(ru), Object.keys(en))
  for (const [name, text] of Object.entries<string>(ru)) t.match(text, /[а-я]/i, `${name} is Russian`)
  for (const [name, text] of Object.entries<string>(en)) t.notMatch(text, /[а-я]/i, `${name} is English`)
  await change('ru', { strings: { linkCopied: 'Готово', views: 'Читали: {count}' } })
  t.same((await site('?locale=ru')).strings, { ...ru, linkCopied: 'Готово', views: 'Читали: {count}' })
  t.same((await site()).strings, en)
  await change('ru', { strings: { linkCopied: null } })
  t.same((await site('?locale=ru')).strings, { ...ru, views: 'Читали: {count}' })
})

t.test('a locale without strings of ours takes those of its language, then of its fallbacks', async (t) => {
  for (const [locale, fallbacks, copied, direction] of [
    ['ru-BY', [], 'Ссылка скопирована', 'ltr'],
    ['ka', ['ru', 'en'], 'Ссылка скопирована', 'ltr'],
    ['hy', ['ru', 'en'], 'Հղումը պատճենված է', 'ltr'],
    ['ar', [], 'تم نسخ الرابط', 'rtl'],
    ['he', [], 'Link copied', 'rtl'],
    ['az-Arab', ['en'], 'Link copied', 'rtl'],
    ['ku-Latn', [], 'Link copied', 'ltr']
  ] as const) {
    await change(locale, { name: `Site ${locale}`, fallbacks })
    t.match(await site(`?locale=${locale}`), { locale, direction, strings: { linkCopied: copied } }, locale)
  }
})

t.test('all of the page is there, and a change is there at once', async (t) => {
  const settings = {
    name: 'The Harbour Record',
    tagline: 'From the coast',
    timeZone: 'Asia/Yerevan',
    navigation: [
      { label: 'World', url: '/en/world' },
      { label: 'Shop', url: 'https://shop.example/' }
    ],
    networks: [{ network: 'youtube', label: 'Follow us on YouTube', url: 'https://www.youtube.com/@record' }],
    apps: [
      { store: 'app_store', label: 'App Store', url: 'https://apps.example/1' },
      { store: 'google_play', label: 'Google Play', url: 'https://play.example/1' }
    ],
    terms: {
      text: 'Any use only with a hyperlink to {link}.',
      link: { label: 'us', url: 'https://news.example/' }
    }
  }
  const before = (await get()).headers.get('etag') ?? ''
  await change('en', settings)
  const { body } = await get('', { headers: { 'if-none-match': before }, expect: 200 })
  t.match(body, settings)
  t.notOk(['version', 'articleUrl', 'updatedAt', 'isDefault', 'fallbacks'].some((name) => name in body))
  await change('en', { terms: null })
  t.equal((await site()).terms, null)
})

t.test('the copyright line has the year it is in the site’s time zone', async (t) => {
  for (const timeZone of ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'AET', 'utc']) {
    await change('en', { timeZone, copyright: '© 2011–{year} {year} Record' })
    const year = () => new Intl.DateTimeFormat('en', { timeZone, year: 'numeric' }).format()
    const before = year()
    const { copyright } = await site()
    t.ok(
      [before, year()].some((now) => copyright === `© 2011–${now} ${now} Record`),
      `${timeZone}: ${copyright}`
    )
  }
  await change('en', { copyright: 'All rights reserved' })
  t.equal((await site()).copyright, 'All rights reserved')
})
