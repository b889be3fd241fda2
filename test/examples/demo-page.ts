/** The demo newsroom, and the news page of `examples/` over it. Both speak HTTP, as in production. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { newsPage } from '../../examples/news-page/news-page.ts'
import { buildApp } from '../../src/app.ts'
import { makeReady } from '../../src/start.ts'
import { configFor, freshDatabase, PASSWORD } from '../helper.ts'
import { type Between, listen, watch } from './between.ts'

type Test = { teardown: (work: () => Promise<void> | void) => void }

export const hostile = `<script>alert(1)</script> "'><img src=x onerror=alert(2)> & </title>`
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800" fill="#58786b"/><circle cx="840" cy="320" r="150" fill="#f2d492"/><path d="M0 640 380 430l300 160 240-90 280 180v120H0z" fill="#22393c"/></svg>'

export type DemoPage = Awaited<ReturnType<typeof demoPage>>

/** The page, with stories that show what those of the demo do not: pictures, corrections, an embed, hostile text. */
export async function demoPage(t: Test) {
  const { settings, drop } = await freshDatabase()
  const firstAdmin = { email: 'admin@example.org', password: PASSWORD }
  const config = { ...configFor(settings), firstAdmin, demo: true }
  const { db } = await makeReady(config)
  const app = await buildApp(config, db)
  const dateline = await app.listen({ port: 0, host: '127.0.0.1' })

  let token = ''
  const api = async (request: string, body?: object, ifMatch?: number) => {
    const [method = '', path] = request.split(' ')
    const response = await fetch(dateline + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` })
      },
      ...(body && { body: JSON.stringify(body) })
    })
    const text = await response.text()
    assert.ok(response.ok, `${request}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : null
  }
  token = (await api('POST /v1/sessions', { email: 'admin@example.org', password: PASSWORD })).accessToken

  // Two fronts over the same Dateline: one as it is, one whose every letter of the API was changed on the way.
  const plain = watch(dateline, 'as it is')
  const disguised = watch(dateline, 'disguised')
  const servers: Server[] = [plain.server, disguised.server]
  const pictures = createServer((_request, response) => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(svg), 150)
  })
  servers.push(pictures)
  const pictureUrl = `${await listen(pictures)}/coast.svg`
  const open = async (between: Between) => {
    const base = await listen(between.server)
    between.url = base
    const settings = {
      dateline: base,
      datelinePublic: base,
      origin: '',
      list: 'world-news',
      timeoutMs: 2_000
    }
    const server = newsPage(settings)
    servers.push(server)
    settings.origin = await listen(server)
    return settings.origin
  }
  const url = await open(plain)
  const disguisedUrl = await open(disguised)

  t.teardown(async () => {
    for (const server of servers) {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    }
    await app.close()
    await db.close()
    await drop()
  })

  for (const locale of ['en', 'ru']) {
    const { version } = await api(`GET /v1/site/${locale}`)
    await api(`PATCH /v1/site/${locale}`, { articleUrl: `${url}/{locale}/{slug}` }, version)
  }

  const publish = async (article: { id: string; version: number }, more: object = {}) =>
    api(`POST /v1/articles/${article.id}/publications`, more, article.version)
  const write = async (fields: object) => {
    const article = await api('POST /v1/articles', fields)
    await publish(article)
    return article
  }
  const image = (alt: string, size = {}) => ({ url: pictureUrl, alt, caption: null, credit: null, ...size })
  const common = {
    source: { name: 'Nikkei', url: 'https://www.nikkei.com/' },
    breaking: true,
    rights: null
  }
  const tags = (await api('GET /v1/tags?limit=100')).data
  const authors = (await api('GET /v1/authors?limit=100')).data
  const idOf = (all: { slug: string; id: string }[], slug: string) => all.find((one) => one.slug === slug)?.id
  const signed = {
    tags: [idOf(tags, 'world'), idOf(tags, 'port-ansel')],
    authors: [idOf(authors, 'ines-halloran'), idOf(authors, 'dana-okafor-lind')]
  }
  const rich = await api('POST /v1/articles', {
    locale: 'en',
    headline: 'Harbour lights return to the old pier after a long winter',
    kicker: 'Coast',
    standfirst:
      'The lamps were found in a shed, cleaned by pupils and hung in the order of an old photograph.',
    dateline: 'Port Ansel',
    ...common,
    ...signed,
    image: image('The old pier at dusk, with its lamps lit', {
      width: 1200,
      height: 800,
      caption: 'The pier at dusk.',
      credit: 'Rana Holt'
    }),
    body: {
      blocks: [
        { _type: 'block', style: 'normal', children: [{ _type: 'span', text: 'The lamps came on at six.' }] },
        { _type: 'image', ...image('A lamp on a workbench'), caption: 'One of twelve.' },
        { _type: 'block', style: 'h2', children: [{ _type: 'span', text: 'What the photograph showed' }] },
        { _type: 'embed', url: 'https://video.example/watch?v=harbour-lights' },
        { _type: 'divider' },
        {
          _type: 'block',
          style: 'blockquote',
          children: [{ _type: 'span', text: 'It was brighter than I remember.' }]
        },
        {
          _type: 'block',
          style: 'normal',
          listItem: 'bullet',
          level: 1,
          children: [{ _type: 'span', text: 'Twelve lamps' }]
        }
      ]
    }
  })
  await publish(rich)
  const richRu = await api(`POST /v1/articles/${rich.id}/translations`, { locale: 'ru' })
  const russian = await api(
    `PATCH /v1/articles/${richRu.id}`,
    {
      headline: 'Портовые огни возвращаются на старый пирс после долгой зимы',
      slug: 'harbour-lights-return',
      kicker: 'Побережье',
      standfirst: 'Фонари нашли в сарае, отмыли и развесили в том порядке, что виден на старой фотографии.',
      dateline: 'Порт-Ансел',
      image: image('Старый пирс в сумерках', { caption: 'Пирс в сумерках.', credit: null }),
      body: { markdown: 'Фонари зажглись в шесть.\n\n## Что показала фотография\n\nИх было двенадцать.' }
    },
    richRu.version
  )
  await publish(russian)
  const corrected = await api(
    `PATCH /v1/articles/${rich.id}`,
    { dateline: 'Port Ansel, Marenia' },
    rich.version
  )
  await publish(corrected, { correction: 'An earlier version put the pier on the wrong side of the bay.' })

  await write({
    locale: 'en',
    headline: hostile,
    slug: 'hostile',
    kicker: hostile,
    standfirst: hostile,
    dateline: hostile,
    source: { name: hostile, url: 'https://hostile.example/' },
    image: image(hostile, { caption: hostile, credit: hostile }),
    seo: { title: hostile, description: hostile },
    body: { markdown: 'Quiet.' }
  })
  const gone = await write({ locale: 'en', headline: 'A story that is taken down', slug: 'taken-down' })
  await api(`POST /v1/articles/${gone.id}/withdraw`, { reason: 'A court said so.' })
  /** All texts of the API in one language that the page may show. */
  const textsOf = async (locale: string) => {
    plain.forget()
    for (const path of [
      'site?',
      'articles?limit=100&',
      'tags?limit=100&',
      'authors?limit=100&',
      'lists/world-news?'
    ])
      await fetch(`${plain.url}/v1/content/${path}locale=${locale}`)
    for (const { slug } of (await api(`GET /v1/content/articles?limit=100&locale=${locale}`)).data)
      await fetch(`${plain.url}/v1/content/articles/${slug}?include=share&locale=${locale}`)
    return new Set(plain.texts)
  }
  return { url, disguisedUrl, dateline, api, plain, disguised, rich, write, pictureUrl, textsOf }
}
