/** A newsroom with something of everything, made over HTTP; exports of it, and what readers are answered. */
import { Readable } from 'node:stream'
import { buildApp } from '../../src/app.ts'
import type { Database } from '../../src/database/database.ts'
import type { Line } from '../../src/importing/report.ts'
import { makeReady } from '../../src/start.ts'
import { exportAll } from '../../src/transfer/export.ts'
import { importAll } from '../../src/transfer/import.ts'
import { author, BROWSER, configFor, freshDatabase, type Newsroom, story, tag } from '../helper.ts'
import { desk, Y2088, Y2089 } from '../publishing/desk.ts'

const CYRILLIC = `## Порт

Паром **ушёл** в *первый* рейс. [Подробнее](https://news.example/a?b=1&c=2)

- один
- два

![Паром](https://images.example/ferry.jpg "У причала")

> Это было поздно.`

export async function fillRichly(room: Newsroom) {
  const { api, userIds } = room
  const at = desk(room)
  const as = 'editor' as const
  const sea = await tag(room, { kind: 'section', slug: 'sea', names: { en: 'Sea', ru: 'Море' } })
  const boats = await tag(room, { names: { en: 'Boats' }, parentId: sea.id, aliases: ['ships'] })
  const ferries = await tag(room, { names: { en: 'Ferries', ru: 'Паромы' }, slug: 'ferries' })
  const ferry = await tag(room, { names: { en: 'Ferry' }, slug: 'ferry', descriptions: { en: 'A boat.' } })
  const maya = await author(room, {
    name: 'Maya Lindqvist',
    bios: { en: 'Writes about ports.', ru: 'Пишет о портах.' },
    image: { url: 'https://images.example/maya.jpg', alt: 'Maya' },
    links: [{ label: 'Site', url: 'https://maya.example/' }],
    userId: userIds.author
  })
  const signed = { authors: [maya.id], tags: [ferry.id, boats.id] }

  const long = await story(room, {
    ...{ headline: 'Ferry line reopens', kicker: 'Coast', dateline: 'Port Ansel', ...signed },
    source: { name: 'The Lantern Review', url: 'https://lantern.example/' },
    image: {
      url: 'https://images.example/a.jpg',
      alt: 'A ferry',
      caption: 'Back',
      credit: 'R. Holt',
      width: 16,
      height: 9
    },
    seo: { title: 'Ferry' },
    rights: { licence: 'https://licence.example/by' },
    body: { markdown: CYRILLIC }
  })
  // Many revisions, corrections on the way, minor and not, and an old slug.
  let article = long
  for (let number = 0; number < 12; number++) {
    article = await at.patch(article, {
      standfirst: `In ${number} sentences.`,
      ...(number === 5 && { slug: 'ferry-is-back' }),
      ...(number === 7 && { message: 'The name of the harbour' })
    })
    if (number % 4 === 1)
      await at.publish(article, { correction: `It was ${number}, not more.`, minor: number === 5 })
  }
  await at.patch(article, { headline: 'Ferry line reopens again' })
  await api(`POST /v1/articles/${long.id}/revisions/2/restore`, {
    as,
    ifMatch: article.version + 1,
    expect: 200
  })

  const ru = (
    await api(`POST /v1/articles/${long.id}/translations`, {
      as,
      body: { locale: 'ru', headline: 'Паром снова ходит', body: { markdown: CYRILLIC } },
      expect: 201
    })
  ).body
  await at.publish(ru)

  const scheduled = await at.write({ headline: 'Next year', ...signed })
  await at.publish(scheduled, { liveFrom: Y2088, liveUntil: Y2089 })
  const both = await story(room, { headline: 'Live now, other later', tags: [sea.id] })
  await at.publish(both, { liveFrom: Y2088 })
  const ended = await story(room, { headline: 'Over' })
  await at.unpublish(ended, { expect: 200 })
  const withdrawn = await story(room, { headline: 'Withdrawn' })
  await at.withdraw(withdrawn, { expect: 200 })
  const trashed = await at.write({ headline: 'In the trash' })
  await api(`DELETE /v1/articles/${trashed.id}`, { as, ifMatch: trashed.version, expect: 204 })
  const review = (
    await api('POST /v1/articles', {
      as: 'contributor',
      body: { locale: 'ru', headline: 'Черновик' },
      expect: 201
    })
  ).body
  await api(`POST /v1/articles/${review.id}/stage`, {
    as: 'contributor',
    ifMatch: review.version,
    body: { to: 'in_review', note: 'Готово?' },
    expect: 200
  })
  await api(`POST /v1/tags/${ferry.id}/merge`, { as, body: { into: ferries.id }, expect: 200 })

  const link = (
    await api('POST /v1/share-links', {
      as,
      body: {
        ...{ articleId: long.id, channel: 'telegram', campaign: 'spring', code: 'Spring-1', maxClicks: 5 },
        ...{ expiresAt: Y2088, expiredUrl: 'https://news.example/en/over', note: 'For the channel' }
      },
      expect: 201
    })
  ).body
  await api(`PATCH /v1/share-links/${link.id}`, {
    as,
    ifMatch: link.version,
    body: { code: 'spring-2' },
    expect: 200
  })
  for (const agent of [BROWSER, BROWSER, 'Slackbot-LinkExpanding 1.0'])
    await api('GET /s/spring-2', {
      headers: { 'user-agent': agent, referer: 'https://t.example/' },
      expect: [200, 302]
    })
  await api(`POST /v1/content/articles/${long.id}/views`, { expect: 204 })

  const list = (
    await api('POST /v1/lists', {
      as,
      body: { slug: 'top', titles: { en: 'Top', ru: 'Главное' }, size: 5, tail: { tag: sea.id } },
      expect: 201
    })
  ).body
  await api(`PUT /v1/lists/${list.id}/items`, {
    as,
    ifMatch: list.version,
    body: [{ storyId: both.storyId, pinnedUntil: Y2088 }, { storyId: long.storyId }],
    expect: 200
  })
  for (const body of [
    { path: '/2019/ferry', storyId: long.storyId },
    { path: '/старое', target: '/en/about' }
  ])
    await api('POST /v1/redirects', { as, body, expect: 201 })
  return { long, ru, both, ended, withdrawn, sea, boats, ferries, maya }
}

export async function exportOf(db: Database): Promise<string> {
  const parts: string[] = []
  await exportAll(db, async (lines) => {
    parts.push(lines)
  })
  return parts.join('')
}

/** Imports a text, and answers with its counts and every line worth a look. */
export async function importInto(db: Database, text: string, options: { dryRun?: boolean } = {}) {
  const lines: Line[] = []
  const counts = await importAll(db, {
    input: Readable.from([Buffer.from(text)]),
    publicUrl: 'http://dateline.test',
    onLine: (line) => void ((line.fate === 'refused' || line.lost.length > 0) && lines.push(line)),
    ...options
  })
  return { ...counts, lines }
}

type Test = { teardown: (work: () => Promise<void> | void) => void }

/** An empty Dateline, which nobody has set up. */
export async function emptyRoom(t: Test) {
  const { settings, drop } = await freshDatabase()
  const config = configFor(settings)
  const { db } = await makeReady(config)
  // Embedded, a first start makes the first admin.
  await db.query({ text: 'DELETE FROM users' }, [])
  const app = await buildApp(config, db)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    await db.close()
    await drop()
  })
  return { app, db, url, config, settings }
}

/** Records of a text, and a text of records with the right first and last line. */
export const recordsIn = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type !== 'dateline' && type !== 'end')

export const textOf = (records: unknown[]) =>
  [{ type: 'dateline', format: 1 }, ...records, { type: 'end', records: records.length }]
    .map((record) => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`)
    .join('')
