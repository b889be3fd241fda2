import t from 'tap'
import { everyone, newsroom } from '../helper.ts'
import { changesNothing, refused, tally, written } from '../traces.ts'

const room = await newsroom(t)
const { api, db } = room

const editor = { as: 'editor' } as const
const admin = { as: 'admin' } as const
const get = async (locale: string) => (await api(`GET /v1/site/${locale}`, { ...editor, expect: 200 })).body
const versionOf = async (locale: string) => (await get(locale)).version as number
const defaults = async () =>
  (await db.query<{ locale: string }>({ text: 'SELECT locale FROM sites WHERE is_default' }, [])).map(
    ({ locale }) => locale
  )
/** Changes what is there now. */
const change = async (locale: string, body: object, as: 'editor' | 'admin' = 'editor') =>
  (await api(`PATCH /v1/site/${locale}`, { as, ifMatch: await versionOf(locale), body, expect: 200 })).body

const template = 'https://news.example/{locale}/{slug}'
/** A locale without a site of its own has its articles where the default site says. */
const blank = {
  isDefault: false,
  articleUrl: template,
  fallbacks: [],
  name: 'Dateline',
  tagline: '',
  timeZone: 'UTC',
  navigation: [],
  networks: [],
  apps: [],
  shareChannels: [
    'x',
    'facebook',
    'telegram',
    'whatsapp',
    'linkedin',
    'reddit',
    'bluesky',
    'threads',
    'email'
  ],
  terms: null,
  copyright: '',
  strings: {},
  version: 0,
  updatedAt: null
}

t.test('who may', async (t) => {
  for (const who of everyone) {
    const refusal = {
      nobody: '401 unauthenticated',
      contributor: '403 forbidden',
      author: '403 forbidden',
      editor: undefined,
      admin: undefined
    }[who]
    t.test(`${who} reads a site: ${who === 'nobody' ? 401 : 200}`, async (t) => {
      if (who === 'nobody') await refused(t, room, 'GET /v1/site/en', {}, '401 unauthenticated')
      else await api('GET /v1/site/en', { as: who, expect: 200 })
    })
    t.test(`${who} changes a site: ${refusal ?? 200}`, async (t) => {
      const options = { as: who, ifMatch: await versionOf('ru'), body: { tagline: `As ${who} says` } }
      if (refusal) await refused(t, room, 'PATCH /v1/site/ru', options, refusal)
      else
        await written(t, room, 'PATCH /v1/site/ru', options, {
          type: 'site.updated',
          subject: null,
          fields: ['tagline']
        })
    })
  }
})

t.test('the first site of all is the default one, and there must be one', async (t) => {
  t.same(await defaults(), ['en'])
  const ifMatch = await versionOf('en')
  await refused(
    t,
    room,
    'PATCH /v1/site/en',
    { ...editor, ifMatch, body: { isDefault: false } },
    '409 default_site'
  )
  await changesNothing(t, room, 'PATCH /v1/site/ru', {
    ...editor,
    ifMatch: await versionOf('ru'),
    body: { isDefault: false }
  })
})

t.test('setting up a locale', async (t) => {
  t.test('one never set up reads as version 0', async (t) => {
    const answer = await changesNothing(t, room, 'GET /v1/site/pt-BR', editor)
    t.same(answer.body, { locale: 'pt-BR', ...blank })
    t.equal(answer.headers.get('etag'), '"0"')
  })

  t.test('the first PATCH sets it up', async (t) => {
    const body = {
      name: 'O Registro do Porto',
      tagline: 'Notícias da costa',
      fallbacks: ['en', 'ru'],
      timeZone: 'America/Sao_Paulo',
      navigation: [
        { label: 'Mundo', url: '/pt-BR/mundo' },
        { label: 'Loja', url: 'https://shop.example/?a=1#top' }
      ],
      networks: [{ network: 'youtube', label: 'No YouTube', url: 'https://www.youtube.com/@porto' }],
      apps: [{ store: 'app_store', label: 'App Store', url: 'https://apps.example/porto' }],
      terms: { text: 'Somente com um link para {link}.', link: { label: 'O Registro', url: '/' } },
      copyright: '© {year} O Registro',
      strings: { search: 'Buscar' }
    }
    const fields = Object.keys(body)
    const answer = await written(
      t,
      room,
      'PATCH /v1/site/pt-BR',
      { ...editor, ifMatch: 0, body },
      { type: 'site.updated', subject: null, fields }
    )
    const { updatedAt, ...shown } = answer.body
    const { updatedAt: _, ...unset } = blank
    t.same(shown, { locale: 'pt-BR', ...unset, ...body, version: 1 })
    t.ok(Math.abs(Date.now() - Date.parse(updatedAt)) < 60_000)
    t.equal(answer.headers.get('etag'), '"1"')
    const read = await api('GET /v1/site/pt-BR', { as: 'contributor', expect: 200 })
    t.same(read.body, answer.body)
    t.equal(read.headers.get('etag'), '"1"')
    const [audit] = await db.query<{ resource: string }>(
      { text: 'SELECT resource FROM audit WHERE request_id = $1::text' },
      [answer.headers.get('x-request-id')]
    )
    t.equal(audit?.resource, 'site:pt-BR')
    const [event] = await db.query<{
      payload: { locale: string; fields: string[] }
      surrogate_keys: string[]
    }>(
      {
        text: `SELECT payload, surrogate_keys FROM events WHERE type = 'site.updated' ORDER BY at DESC, id DESC LIMIT 1`
      },
      []
    )
    t.same(event?.payload.locale, 'pt-BR')
    t.same(event?.payload.fields.toSorted(), fields.toSorted(), 'fields, not values')
    t.same(
      event?.surrogate_keys.toSorted(),
      ['addresses', 'all', 'site:pt-BR', 'sites'],
      'all sites list each other; where articles stand is new'
    )
    const shownToReaders = await api('GET /v1/content/site?locale=pt-BR', { expect: 200 })
    t.match(shownToReaders.body, { locale: 'pt-BR', name: body.name, strings: { search: 'Buscar' } })
  })

  t.test('with nothing in it: set up all the same', async (t) => {
    await written(
      t,
      room,
      'PATCH /v1/site/lv',
      { ...editor, ifMatch: 0, body: {} },
      { type: 'site.updated', subject: null, fields: [] }
    )
    t.equal(await versionOf('lv'), 1)
  })

  t.test('twenty times at once: done once', async (t) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        api('PATCH /v1/site/lt', { ...editor, ifMatch: 0, body: { name: `Name ${index}` } })
      )
    )
    t.same(tally(answers), { 200: 1, 412: 19 })
    t.same(await get('lt'), answers.find(({ status }) => status === 200)?.body)
  })

  for (const locale of ['EN', 'en-us', 'english', 'en_US', 'e', '*']) {
    t.test(`${locale} is no locale: 400`, async (t) => {
      await refused(t, room, `GET /v1/site/${locale}`, editor, '400 invalid_request', '/path/locale')
      await refused(
        t,
        room,
        `PATCH /v1/site/${locale}`,
        { ...editor, ifMatch: 0, body: {} },
        '400 invalid_request',
        '/path/locale'
      )
    })
  }
})

t.test('If-Match', async (t) => {
  const current = await versionOf('ru')
  const conditions: [string, string | undefined, string | undefined][] = [
    ['missing', undefined, '428 precondition_required'],
    ['a star', '*', '428 precondition_required'],
    ['0, as if it were new', '"0"', '412 stale_version'],
    ['the version before', `"${current - 1}"`, '412 stale_version'],
    ['the version', `"${current}"`, undefined],
    ['the version as a proxy that compresses sends it', `W/"${current}"`, undefined]
  ]
  for (const [what, ifMatch, refusal] of conditions) {
    t.test(`${what}: ${refusal ?? 200}`, async (t) => {
      const condition = ifMatch === undefined ? {} : { ifMatch }
      if (!refusal)
        return void (await changesNothing(t, room, 'PATCH /v1/site/ru', {
          ...editor,
          ...condition,
          body: {}
        }))
      const answer = await refused(
        t,
        room,
        'PATCH /v1/site/ru',
        { ...editor, ...condition, body: { name: 'Another' } },
        refusal
      )
      if (refusal.startsWith('412')) t.equal(answer.body.currentVersion, current)
    })
  }

  t.test('a hundred changes at once on one version: one is made', async (t) => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        api('PATCH /v1/site/ru', { ...editor, ifMatch: current, body: { tagline: `Line ${index}` } })
      )
    )
    t.same(tally(answers), { 200: 1, 412: 99 })
    t.same(await get('ru'), answers.find(({ status }) => status === 200)?.body)
  })
})

t.test('changing a site is a merge patch', async (t) => {
  t.test('strings merge; null is the default again', async (t) => {
    const search = async () =>
      (await api('GET /v1/content/site?locale=ru', { expect: 200 })).body.strings.search
    const usual = await search()
    const first = await change('ru', { strings: { search: 'Искать', home: 'Домой' } })
    t.same(first.strings, { search: 'Искать', home: 'Домой' })
    t.equal(await search(), 'Искать')
    const second = await written(
      t,
      room,
      'PATCH /v1/site/ru',
      { ...editor, ifMatch: first.version, body: { strings: { search: null, gone: 'Снято' } } },
      {
        type: 'site.updated',
        subject: null,
        fields: ['strings']
      }
    )
    t.same(second.body.strings, { home: 'Домой', gone: 'Снято' })
    t.equal(await search(), usual)
    await changesNothing(t, room, 'PATCH /v1/site/ru', {
      ...editor,
      ifMatch: second.body.version,
      body: { strings: { search: null, home: 'Домой' } }
    })
  })

  t.test('arrays are replaced whole, the rest stays', async (t) => {
    const before = await change('ru', {
      navigation: [
        { label: 'Мир', url: '/ru/mir' },
        { label: 'Наука', url: '/ru/nauka' }
      ]
    })
    const { navigation, version, updatedAt, ...after } = await change('ru', {
      navigation: [{ label: 'Спорт', url: '/ru/sport' }]
    })
    t.same(navigation, [{ label: 'Спорт', url: '/ru/sport' }])
    const { navigation: _, version: earlier, updatedAt: __, ...rest } = before
    t.same(after, rest)
    t.equal(version, earlier + 1)
    t.ok(updatedAt >= before.updatedAt)
  })

  t.test('terms can be taken away with null', async (t) => {
    t.not(
      (
        await change('ru', {
          terms: { text: 'Только со ссылкой на {link}.', link: { label: 'Мы', url: '/' } }
        })
      ).terms,
      null
    )
    t.equal((await change('ru', { terms: null })).terms, null)
  })

  t.test('what is already so: no change, no new version, no trace', async (t) => {
    const { locale: _, version, updatedAt: __, ...settings } = await get('ru')
    for (const body of [{}, { strings: {} }, settings])
      await changesNothing(t, room, 'PATCH /v1/site/ru', { ...editor, ifMatch: version, body })
  })

  const faults: [string, object, string][] = [
    ['an unknown string', { strings: { greeting: 'Hello' } }, '/strings/greeting'],
    ['a string there is in every object', { strings: { toString: 'Hello' } }, '/strings/toString'],
    ['a string that is empty', { strings: { search: '' } }, '/strings/search'],
    ['a string that is a number', { strings: { search: 1 } }, '/strings/search'],
    ['null for all strings', { strings: null }, '/strings'],
    ['an unknown member', { colour: 'red' }, '/colour'],
    ['a version', { version: 7 }, '/version'],
    ['a locale', { locale: 'en' }, '/locale'],
    ['a blank name', { name: ' ' }, '/name'],
    ['a null name', { name: null }, '/name'],
    ['a fallback twice', { fallbacks: ['en', 'en'] }, '/fallbacks'],
    ['a fallback that is no locale', { fallbacks: ['English'] }, '/fallbacks/0'],
    [
      'navigation to a script',
      { navigation: [{ label: 'x', url: 'javascript:alert(1)' }] },
      '/navigation/0/url'
    ],
    [
      'navigation to another host without saying so',
      { navigation: [{ label: 'x', url: '//evil.example/' }] },
      '/navigation/0/url'
    ],
    [
      'navigation with a backslash',
      { navigation: [{ label: 'x', url: '/\\evil.example' }] },
      '/navigation/0/url'
    ],
    [
      'a network nobody knows',
      { networks: [{ network: 'myspace', label: 'x', url: 'https://a.example/' }] },
      '/networks/0/network'
    ],
    ['an app without a store', { apps: [{ label: 'x', url: 'https://a.example/' }] }, '/apps/0/store'],
    ['terms without a link', { terms: { text: 'All of it.' } }, '/terms/link'],
    ['NUL in the tagline', { tagline: 'a\0b' }, '/tagline'],
    ['isDefault as text', { isDefault: 'true' }, '/isDefault'],
    ['an array', [], '']
  ]
  for (const [what, body, pointer] of faults) {
    t.test(`with ${what}: 400`, async (t) => {
      await refused(
        t,
        room,
        'PATCH /v1/site/ru',
        { ...editor, ifMatch: await versionOf('ru'), body },
        '400 invalid_request',
        pointer
      )
    })
  }
})

t.test('articleUrl', async (t) => {
  t.test('is for admins: an editor may send it as it is, and no other', async (t) => {
    const { version } = await get('ru')
    await changesNothing(t, room, 'PATCH /v1/site/ru', {
      ...editor,
      ifMatch: version,
      body: { articleUrl: template }
    })
    for (const articleUrl of ['https://evil.example/{slug}', 'https://news.example/{slug}']) {
      await refused(
        t,
        room,
        'PATCH /v1/site/ru',
        { ...editor, ifMatch: version, body: { articleUrl, name: 'Mine' } },
        '403 forbidden'
      )
    }
    const moved = await written(
      t,
      room,
      'PATCH /v1/site/ru',
      { ...admin, ifMatch: version, body: { articleUrl: 'https://news.example/r/{slug}' } },
      {
        type: 'site.updated',
        subject: null,
        fields: ['articleUrl']
      }
    )
    t.equal(moved.body.articleUrl, 'https://news.example/r/{slug}')
  })

  t.test(
    'makes no site the default whose articles are elsewhere: all without a site would move',
    async (t) => {
      const { version } = await get('ru')
      const isDefault = { ifMatch: version, body: { isDefault: true } }
      await refused(t, room, 'PATCH /v1/site/ru', { ...editor, ...isDefault }, '403 forbidden')
      await api('PATCH /v1/site/ru', { ...admin, ...isDefault, expect: 200 })
      await change('en', { isDefault: true }, 'admin')
      await change('ru', { articleUrl: template }, 'admin')
    }
  )

  t.test('of a locale not set up yet too', async (t) => {
    await refused(
      t,
      room,
      'PATCH /v1/site/et',
      { ...editor, ifMatch: 0, body: { articleUrl: 'https://evil.example/{slug}' } },
      '403 forbidden'
    )
    await api('PATCH /v1/site/et', {
      ...editor,
      ifMatch: 0,
      body: { articleUrl: blank.articleUrl },
      expect: 200
    })
  })

  const bad = [
    'https://news.example/',
    'https://news.example/{Slug}',
    'https://news.example/{slug',
    'https://news.example/{slug}/{year}',
    'https://news.example/{slug}}',
    'https://{slug}.example/',
    'https://{locale}.news.example/{slug}',
    'https://news.example?{slug}',
    'https://editor:secret@news.example/{slug}',
    'https://news.example:99999/{slug}',
    'https://news.example\\{slug}/{slug}',
    'https://news .example/{slug}',
    'https://news.example/a b/{slug}',
    '//news.example/{slug}',
    '/{slug}',
    'javascript:alert("{slug}")//{slug}',
    'ftp://news.example/{slug}',
    'news.example/{slug}',
    `https://news.example/${'x'.repeat(500)}/{slug}`,
    '',
    null,
    7
  ]
  for (const articleUrl of bad) {
    t.test(`${JSON.stringify(articleUrl)?.slice(0, 60)}: 400`, async (t) => {
      await refused(
        t,
        room,
        'PATCH /v1/site/en',
        { ...admin, ifMatch: await versionOf('en'), body: { articleUrl } },
        '400 invalid_request',
        '/articleUrl'
      )
    })
  }

  for (const articleUrl of [
    'http://localhost:5173/{slug}',
    'https://news.example/?story={slug}&in={locale}',
    'https://новости.example/{locale}/статья/{slug}',
    template
  ]) {
    t.test(`${articleUrl}: 200`, async (t) => {
      t.equal((await change('en', { articleUrl }, 'admin')).articleUrl, articleUrl)
    })
  }
})

t.test('the time zone', async (t) => {
  for (const timeZone of [
    'Mars/Olympus',
    'Riga',
    'Europe/Riga ',
    '+03:00',
    '-0500',
    'UTC+3',
    'MSK',
    '',
    ' ',
    'Europe/../Riga',
    'x'.repeat(65),
    null,
    2
  ]) {
    t.test(`${JSON.stringify(timeZone).slice(0, 40)}: 400`, async (t) => {
      await refused(
        t,
        room,
        'PATCH /v1/site/ru',
        { ...editor, ifMatch: await versionOf('ru'), body: { timeZone } },
        '400 invalid_request',
        '/timeZone'
      )
    })
  }

  t.test('each that is taken can be shown to readers', async (t) => {
    const zones = [
      'Europe/Riga',
      'Europe/Kyiv',
      'Asia/Kolkata',
      'Asia/Kathmandu',
      'America/Argentina/Ushuaia',
      'Pacific/Kiritimati',
      'Etc/GMT+12',
      'UTC'
    ]
    for (const timeZone of zones) {
      await change('ru', { timeZone })
      t.equal((await api('GET /v1/content/site?locale=ru', { expect: 200 })).body.timeZone, timeZone)
    }
  })

  t.test('all that this Node knows, Postgres knows too', async (t) => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const [row] = await db.query<{ hour: number }>(
        { text: `SELECT extract(hour FROM now() AT TIME ZONE $1::text)::int AS hour` },
        [zone]
      )
      if (typeof row?.hour !== 'number') t.fail(zone)
    }
    t.pass('all of them')
  })
})

t.test('the default site', async (t) => {
  t.test('moves: taken from the one before, whose version grows', async (t) => {
    t.same(await defaults(), ['en'])
    const [en, ru] = [await get('en'), await get('ru')]
    const moved = await written(
      t,
      room,
      'PATCH /v1/site/ru',
      { ...editor, ifMatch: ru.version, body: { isDefault: true } },
      { type: 'site.updated', subject: null, fields: ['isDefault'] }
    )
    t.match(moved.body, { isDefault: true, version: ru.version + 1 })
    t.same(await defaults(), ['ru'])
    const { updatedAt: _, ...before } = en
    const { updatedAt: __, ...after } = await get('en')
    t.same(after, { ...before, isDefault: false, version: en.version + 1 })
    await refused(
      t,
      room,
      'PATCH /v1/site/en',
      { ...editor, ifMatch: en.version, body: { name: 'Old' } },
      '412 stale_version'
    )
    t.equal(
      (await api('GET /v1/content/site', { expect: 200 })).body.locale,
      'ru',
      'readers who name no locale get it'
    )
    await change('en', { isDefault: true })
    t.same(await defaults(), ['en'])
  })

  t.test('claimed by ten at once: one has it, and each had it once', async (t) => {
    const locales = ['de', 'fr', 'es', 'it', 'nl', 'sv', 'fi', 'pl', 'cs', 'el']
    for (const locale of locales)
      await api(`PATCH /v1/site/${locale}`, { ...editor, ifMatch: 0, body: {}, expect: 200 })
    for (let round = 0; round < 3; round++) {
      const [holder] = (await defaults()) as [string]
      const claimants = locales.filter((locale) => locale !== holder)
      const before = await Promise.all(claimants.map(versionOf))
      const answers = await Promise.all(
        claimants.map((locale, index) =>
          api(`PATCH /v1/site/${locale}`, { ...editor, ifMatch: before[index], body: { isDefault: true } })
        )
      )
      t.same(tally(answers), { 200: claimants.length }, `round ${round}`)
      const [winner, ...more] = await defaults()
      t.same(more, [], 'one default')
      for (const [index, locale] of claimants.entries()) {
        // Each got it (one version more), and all but the last lost it again (one more).
        t.equal(await versionOf(locale), (before[index] as number) + (locale === winner ? 1 : 2), locale)
      }
    }
    await change('en', { isDefault: true })
  })

  t.test('two who set up a locale as the default at once: one has it', async (t) => {
    const answers = await Promise.all(
      ['hu', 'ro'].map((locale) =>
        api(`PATCH /v1/site/${locale}`, { ...editor, ifMatch: 0, body: { isDefault: true } })
      )
    )
    t.same(tally(answers), { 200: 2 })
    t.equal((await defaults()).length, 1)
    await change('en', { isDefault: true })
  })
})
