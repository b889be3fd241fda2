/** The news page as a reader's browser shows it. Screenshots go into a folder whose path is printed: look at them. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { demoPage, hostile } from '../examples/demo-page.ts'
import { openChromium } from './chromium.ts'
import {
  addresses,
  allTexts,
  faintTexts,
  focused,
  headings,
  type Shown,
  tooWide,
  watchShifts
} from './looking.ts'

const room = await demoPage(t)
const context = await openChromium(t)
const shots = mkdtempSync(join(tmpdir(), 'dateline-page-'))
t.comment(`Screenshots are in ${shots}`)

const trams = '/en/port-ansel-trams-will-run-all-night-after-a-baker-counts-the-passengers'
const rich = `/en/${room.rich.slug}`
const next = (await room.api('GET /v1/content/articles?locale=en&limit=12')).page.next as string
const pages = [
  { name: 'front', path: '/en', status: 200 },
  { name: 'front-next', path: `/en?cursor=${next}`, status: 200 },
  { name: 'front-ru', path: '/ru', status: 200 },
  { name: 'article', path: trams, status: 200 },
  { name: 'article-rich', path: rich, status: 200 },
  { name: 'article-ru', path: '/ru/harbour-lights-return', status: 200 },
  { name: 'tag', path: '/en/tag/science', status: 200 },
  { name: 'tag-ru', path: '/ru/tag/science', status: 200 },
  { name: 'author', path: '/en/author/leila-tamrazi', status: 200 },
  { name: 'author-ru', path: '/ru/author/leila-tamrazi', status: 200 },
  { name: 'gone', path: '/en/taken-down', status: 410 },
  { name: 'nothing', path: '/en/nothing-here', status: 404 },
  { name: 'nothing-ru', path: '/ru/nothing-here', status: 404 },
  { name: 'search', path: '/en?q=trams', status: 200 },
  { name: 'search-ru', path: '/ru?q=%D0%BE%D0%B3%D0%BD%D0%B8', status: 200 },
  { name: 'search-none', path: '/en?q=zzzzqqq', status: 200 }
]

const faults: string[] = []
const page = await context.newPage()
await page.addInitScript(watchShifts)
page.on('pageerror', (error) => faults.push(String(error)))
page.on('dialog', async (dialog) => {
  faults.push(`dialog: ${dialog.message()}`)
  await dialog.dismiss()
})
page.on('console', (message) => {
  // Chromium tells of every 404 and 410 it loads; here they are asked for.
  if (!/status of (404|410)/.test(message.text())) faults.push(`${message.type()}: ${message.text()}`)
})
const hosts = new Set<string>()
page.on('request', (request) => hosts.add(new URL(request.url()).host))

const visit = async (
  page: Page,
  path: string,
  { base = room.url, width = 1280, scheme = 'light' as 'light' | 'dark' } = {}
) => {
  await page.emulateMedia({ colorScheme: scheme })
  await page.setViewportSize({ width, height: width < 600 ? 1600 : 1000 })
  const response = await page.goto(base + path)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  return response
}

t.test('every page: status, width, contrast, nothing moves', async (t) => {
  for (const { name, path, status } of pages) {
    for (const [width, scheme] of [
      [1280, 'light'],
      [1280, 'dark'],
      [390, 'dark'],
      [320, 'light']
    ] as const) {
      const told = `${name} ${width} ${scheme}`
      const response = await visit(page, path, { width, scheme })
      t.equal(response?.status(), status, told)
      t.same(await page.evaluate(tooWide), [], `${told}: fits`)
      const { faint, looked } = await page.evaluate(faintTexts)
      t.same(faint, [], `${told}: contrast`)
      t.ok(looked > 10, `${told}: ${looked} texts were looked at`)
      // Pictures that wait to be seen are seen.
      await page.evaluate(async () => {
        for (const image of document.images) {
          image.scrollIntoView()
          await image.decode().catch(() => {})
        }
        window.scrollTo(0, 0)
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
      })
      t.equal(
        await page.evaluate(() => (window as unknown as { shifts: number }).shifts),
        0,
        `${told}: no shift`
      )
      t.ok(
        await page.evaluate(() => [...document.images].every((image) => image.naturalWidth > 0)),
        `${told}: pictures came`
      )
      await page.screenshot({ path: join(shots, `${name}-${width}-${scheme}.png`), fullPage: width > 600 })
    }
  }
})

t.test('no faults in the console, no other hosts', async (t) => {
  t.same(faults, [])
  t.same(
    [...hosts].sort(),
    [room.url, room.pictureUrl, room.plain.url].map((url) => new URL(url).host).sort(),
    'pages, pictures, and Dateline for the views'
  )
})

t.test('what assistive technology is told', async (t) => {
  for (const { name, path } of pages) {
    await visit(page, path)
    t.equal(await page.getByRole('banner').count(), 1, `${name}: one banner`)
    t.equal(await page.getByRole('main').count(), 1, `${name}: one main`)
    t.equal(await page.getByRole('contentinfo').count(), 1, `${name}: one footer`)
    t.equal(await page.getByRole('search').count(), 1, `${name}: one search`)
    t.equal(await page.getByRole('heading', { level: 1 }).count(), 1, `${name}: one h1`)
    const navigations = await page.getByRole('navigation').all()
    const names = await Promise.all(navigations.map((one) => one.getAttribute('aria-label')))
    t.equal(new Set(names.filter(Boolean)).size, navigations.length, `${name}: navigations have names`)
    const levels = await page.evaluate(headings)
    t.same(
      levels.filter((level, index) => level - (levels[index - 1] ?? 0) > 1),
      [],
      `${name}: headings in order ${levels}`
    )
    t.equal(await page.locator('html').getAttribute('lang'), path.slice(1, 3), `${name}: lang`)
    t.equal(await page.locator('html').getAttribute('dir'), 'ltr', `${name}: dir`)
    t.equal(await page.locator('img:not([alt])').count(), 0, `${name}: alts`)
    t.equal(await page.locator('a:not([href])').count(), 0, `${name}: links lead somewhere`)
    const links = await page.getByRole('link').allTextContents()
    t.ok(links.length > 10 && links.every((text) => text.trim()), `${name}: links have names`)
  }
  await visit(page, rich)
  t.equal(await page.getByRole('complementary').count(), 1, 'beside the article')
  t.equal(await page.getByRole('img').first().getAttribute('alt'), 'The old pier at dusk, with its lamps lit')
})

t.test('a keyboard gets past the navigation, and sees where it is', async (t) => {
  for (const scheme of ['light', 'dark'] as const) {
    await visit(page, trams, { scheme })
    await page.keyboard.press('Tab')
    const first = await page.evaluate(focused)
    t.match(first.name, 'Port Ansel trams will run all night', 'the first stop is the way to the story')
    t.ok(first.seen)
    const seen = new Set<string>()
    for (let stop = 0; stop < 12; stop++) {
      await page.keyboard.press('Tab')
      const { name, seen: visible } = await page.evaluate(focused)
      t.ok(visible, `${scheme}: ${name}`)
      seen.add(name)
    }
    t.ok(seen.size >= 10, 'it went somewhere')
  }
  await visit(page, trams)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  t.equal((await page.evaluate(focused)).name, 'A Dana Okafor-Lind', 'on it, the next stop is in the story')
})

const scripts = { en: /\p{Script=Cyrillic}/u, ru: /\p{Script=Latin}{2,}/gu }

t.test('one page never mixes languages', async (t) => {
  for (const { name, path, status } of pages) {
    room.plain.forget()
    await visit(page, path)
    const texts = await page.evaluate(allTexts)
    t.ok(texts.length > 10)
    if (path.startsWith('/en')) {
      t.same(
        texts.filter(({ text }) => scripts.en.test(text)),
        [],
        `${name}: no Cyrillic`
      )
      continue
    }
    // Names may be written in Latin letters in Russian too: those the Russian answers hold.
    const russian = await room.textsOf('ru')
    const words = new Set([...russian].flatMap((text) => text.match(scripts.ru) ?? []))
    const strange = texts
      .flatMap(({ text }) => text.match(scripts.ru) ?? [])
      .filter((word) => !words.has(word))
    t.same(strange, [], `${name}: no Latin words but those of its own texts`)
    t.ok(
      texts.some(({ text }) => /\p{Script=Cyrillic}/u.test(text)),
      `${name} ${status}: is Russian`
    )
    const english = Object.values(
      (await room.api('GET /v1/content/site?locale=en')).strings as Record<string, string>
    )
    t.same(
      texts.filter(({ text }) => english.includes(text)),
      [],
      `${name}: no English strings`
    )
  }
})

/** What is no letter or digit of a disguise. */
const OURS = /[\p{L}\p{N}]/u
const undisguised = (text: string) => text.replace(/[\u2d30-\u2d67\u0966-\u096f]/gu, '')

/** Why a text may have letters of its own: `Intl` wrote it, of what Dateline said. */
function isIntl(
  { text, where, datetime, hreflang, between }: Shown,
  locale: string,
  timeZone: string
): boolean {
  if (where === 'span.views') {
    const number = /\p{N}.*/u.exec(undisguised(text))?.[0] ?? ''
    return new Intl.NumberFormat(locale).format(Number(number.replace(/[^\d]/g, ''))) === number
  }
  if (datetime !== null) {
    return (['long', 'medium'] as const).some(
      (dateStyle) =>
        new Intl.DateTimeFormat(locale, { dateStyle, timeStyle: 'short', timeZone }).format(
          new Date(datetime)
        ) === text
    )
  }
  if (hreflang !== null) return new Intl.DisplayNames([locale], { type: 'language' }).of(hreflang) === text
  const literals = new Intl.ListFormat(locale).formatToParts(['1', '2', '3']).map(({ value }) => value.trim())
  return (
    between &&
    [...literals, new Intl.ListFormat(locale).formatToParts(['1', '2'])[1]?.value.trim()].includes(text)
  )
}

t.test('every word and number comes from the API: disguised there, nothing else is left', async (t) => {
  let looked = 0
  const kinds = new Set<string>()
  for (const { name, path, status } of pages) {
    room.disguised.forget()
    const response = await visit(page, path, { base: room.disguisedUrl })
    t.equal(response?.status(), status, name)
    const locale = path.slice(1, 3)
    const timeZone = locale === 'en' ? 'Europe/Lisbon' : 'Europe/Moscow'
    const texts = await page.evaluate(allTexts)
    const asked = new URL(path, room.url).searchParams.get('q')
    const ours = texts.filter(
      (one) =>
        OURS.test(asked === null ? undisguised(one.text) : undisguised(one.text).replaceAll(asked, '')) &&
        !isIntl(one, locale, timeZone)
    )
    t.same(ours, [], `${name}: ${texts.length} texts`)
    looked += texts.length
    for (const { where } of texts) kinds.add(where)
  }
  t.ok(looked > 500, `${looked} texts`)
  for (const kind of [
    'title',
    'h1',
    'h2',
    'time',
    'button',
    'input',
    'nav.sections',
    'img',
    'meta',
    'figcaption'
  ])
    t.ok(kinds.has(kind), `${kind} was among them`)
})

t.test('every link comes from the API, or is one of the page’s own addresses', async (t) => {
  for (const { name, path } of pages) {
    room.plain.forget()
    await visit(page, path)
    const known = room.plain.links
    const own = (url: string) => {
      const { origin, pathname, search, hash } = new URL(url, room.url)
      if (origin === room.plain.url)
        return /^\/feeds\/(rss\.xml|atom\.xml|feed\.json)\?locale=(en|ru)$/.test(pathname + search)
      if (origin !== room.url) return false
      if (hash === '#content') return true
      if (/^\/(style\.css|icon\.svg|share\.js|views\.js)$/.test(pathname)) return true
      const [, locale = '', kind, slug = ''] = pathname.split('/')
      const cursor = new URLSearchParams(search).get('cursor')
      return (
        ['en', 'ru'].includes(locale) &&
        (kind === undefined || ((kind === 'tag' || kind === 'author') && known.has(slug))) &&
        (cursor === null || known.has(cursor))
      )
    }
    const links = await page.evaluate(addresses)
    t.ok(links.length > 20)
    t.same(
      links.filter(({ url }) => !known.has(url) && !own(url)),
      [],
      `${name}: ${links.length} links`
    )
  }
})

t.test('hostile text is text', async (t) => {
  faults.length = 0
  await visit(page, '/en/hostile')
  for (const place of ['h1', '.story .kicker', '.dateline', 'figcaption cite', '.story > footer a'])
    t.equal(await page.locator(place).first().textContent(), hostile, place)
  t.equal(await page.locator('.story img').getAttribute('alt'), hostile)
  t.equal(await page.title(), `${hostile} | Meridian Post`)
  t.equal(await page.locator('script:not([type="application/ld+json"], [src])').count(), 0)
  const data = JSON.parse((await page.locator('script:not([src])').textContent()) ?? '')
  t.equal(data.headline, hostile, 'JSON-LD')
  t.same(faults, [])
})

t.test('the share bar, in the language of the page', async (t) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  for (const [path, prompt, copyLink, linkCopied, email] of [
    [rich, 'Liked the story? Share it on social media!', 'Copy link', 'Link copied', 'Email'],
    [
      '/ru/harbour-lights-return',
      'Понравилась новость? Поделитесь ею в соцсетях!',
      'Скопировать ссылку',
      'Ссылка скопирована',
      'Электронная почта'
    ]
  ] as const) {
    const slug = path.split('/').at(-1)
    const { copy, networks } = await room.api(
      `GET /v1/content/articles/${slug}/share?locale=${path.slice(1, 3)}`
    )
    await visit(page, path, { width: 390 })
    const bar = page.getByRole('region', { name: prompt })
    t.same(
      await bar.getByRole('link').allTextContents(),
      [
        ...['X', 'Facebook', 'Telegram', 'WhatsApp', 'LinkedIn', 'Reddit', 'Bluesky', 'Threads'],
        email,
        copyLink
      ],
      path
    )
    const links = await bar.getByRole('link').all()
    t.same(
      await Promise.all(links.map((link) => link.getAttribute('href'))),
      [...networks.map(({ url }: { url: string }) => url), copy.url],
      `${path}: they lead where Dateline says`
    )
    t.equal(await bar.getByRole('status').textContent(), '', `${path}: nothing is said yet`)
    await page.evaluate(() => navigator.clipboard.writeText('something else'))
    await bar.getByRole('link', { name: copyLink }).click()
    await bar.getByText(linkCopied).waitFor()
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), copy.url, `${path}: it is copied`)
    t.equal(page.url(), room.url + path, `${path}: the page stays`)
    t.match(copy.url, /^http:\/\/[^/]+\/s\/[2-9a-z]{8}$/)
    const others = path.startsWith('/en') ? /\p{Script=Cyrillic}/u : /Liked|Copy|Link copied|Email/
    t.notMatch(await bar.textContent(), others, `${path}: no word of another language`)
    await bar.scrollIntoViewIfNeeded()
    await page.screenshot({ path: join(shots, `share-${path.slice(1, 3)}-390.png`) })
    await page.setViewportSize({ width: 1280, height: 1000 })
    await bar.scrollIntoViewIfNeeded()
    await page.screenshot({ path: join(shots, `share-${path.slice(1, 3)}-1280.png`) })
  }
})

t.test('without scripts, or without leave to copy, copy link is a link', async (t) => {
  const scriptless = await (context.browser() as Browser).newContext({ javaScriptEnabled: false })
  const plain = await scriptless.newPage()
  await plain.goto(room.url + rich)
  const { copy } = await room.api(`GET /v1/content/articles/${room.rich.slug}/share?locale=en`)
  t.equal(await plain.getByRole('link', { name: 'Copy link' }).getAttribute('href'), copy.url)
  await scriptless.close()
  const refused = await (context.browser() as Browser).newContext()
  const reader = await refused.newPage()
  await reader.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))
  })
  await reader.goto(room.url + rich)
  await Promise.all([
    reader.waitForRequest(copy.url),
    reader.getByRole('link', { name: 'Copy link' }).click()
  ])
  await refused.close()
})

t.test('a reader finds her way: sections, stories, languages, more', async (t) => {
  await visit(page, '/')
  t.equal(page.url(), `${room.url}/en`, 'the default language')
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Science' }).click()
  t.equal(await page.locator('h1').textContent(), 'Science')
  t.equal(await page.locator('.sections [aria-current="page"]').textContent(), 'Science')
  await page.goto(room.url + rich)
  await page.getByRole('navigation', { name: 'Languages' }).getByRole('link').click()
  t.equal(page.url(), `${room.url}/ru/harbour-lights-return`, 'the same story in Russian')
  t.equal(await page.locator('.credit').textContent(), '— сообщает Nikkei')
  t.equal(await page.locator('.credit a').getAttribute('href'), 'https://www.nikkei.com/')
  await page.goto(`${room.url}/en`)
  const first = await page.locator('#latest ~ ol h3').allTextContents()
  await page.getByRole('link', { name: 'Show more' }).click()
  const second = await page.locator('#latest ~ ol h3').allTextContents()
  t.ok(second.length > 0)
  t.same(
    second.filter((headline) => first.includes(headline)),
    []
  )
  await page.getByRole('link', { name: second[0] as string, exact: true }).click()
  t.equal(await page.locator('h1').textContent(), second[0])
  await page.getByRole('searchbox').fill('trams')
  await page.getByRole('button', { name: 'Search' }).click()
  t.equal(page.url(), `${room.url}/en?q=trams`)
  t.match(await page.locator('h2').first().textContent(), 'Port Ansel trams')
  t.equal(await page.locator('mark').first().textContent(), 'trams')
})

t.test('a reader is counted, once, and sees how often the story was read', async (t) => {
  const { id } = await room.write({ locale: 'en', headline: 'A story that is read', slug: 'read' })
  // The same ids twice over are another question, which nobody kept the answer to.
  const total = async (times: number) =>
    (await room.api(`GET /v1/content/views?ids=${Array(times).fill(id).join()}`)).data[0].total
  const reader = await context.newPage()
  const devtools = await context.newCDPSession(reader)
  const read = async (agent: string) => {
    await devtools.send('Network.setUserAgentOverride', { userAgent: agent })
    const beacon = reader.waitForResponse((response) => response.url().endsWith(`/${id}/views`))
    await reader.goto(`${room.url}/en/read`)
    t.equal((await beacon).status(), 204)
  }
  const chrome = (await reader.evaluate(() => navigator.userAgent)).replace('Headless', '')
  await read('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')
  t.equal(await reader.locator('.views').textContent(), 'Views: 0')
  t.equal(await total(2), 0, 'a robot is told nothing else, and not counted')
  await read(chrome)
  t.equal(await total(3), 1)
  await read(chrome)
  t.equal(await total(4), 1, 'not again so soon')
  await reader.close()
})
