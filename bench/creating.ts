/**
 * The row that writes: a new article with three tags, each under a headline of its own, with its revision, event and audit
 * row. All that was acknowledged is found in the tables afterwards, each with all its rows.
 */
import { deepStrictEqual } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { hash } from '@node-rs/argon2'
import type pg from 'pg'
import type { Question } from './client.ts'
import { onServer } from './counting.ts'
import type { Loader, Run } from './measure.ts'
import type { Row } from './rows.ts'

export type CreateRow = Pick<Row, 'name' | 'work' | 'target' | 'beside'> & { creates: true }

export const createRow: CreateRow = {
  name: 'create',
  work: 'create an article with 3 tags, its revision, event and audit row',
  target: 0.5,
  beside: 'hand SQL',
  creates: true
}

const PASSWORD = 'eleven paper kites above the weir'
/** As wide as every address that is put in its place, and the address of none. */
const ADDRESSES = { Dateline: '999.999.999.999', 'hand SQL': '998.998.998.998' }
type Subject = keyof typeof ADDRESSES
/** Another one in each answer, always as wide. */
const FREE = ['id', 'storyId', 'slug', 'headline', 'createdAt', 'updatedAt'] as const

type Writer = { id: string; email: string; acknowledged: number }

export type Creating = {
  prepare: (row: CreateRow, ports: Record<string, number>, loader: Loader) => Promise<Run[]>
  /** Throws when not all that was acknowledged is there, with all its rows. */
  check: () => Promise<void>
}

export async function openCreating(url: string): Promise<Creating> {
  const passwordHash = await hash(PASSWORD)
  const writerNamed = async (client: pg.Client, name: string): Promise<Writer> => {
    const writer = { id: randomUUID(), email: `${name}@bench.example`, acknowledged: 0 }
    await client.query(
      `INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, $3, 'editor', $4)`,
      [writer.id, writer.email, name, passwordHash]
    )
    return writer
  }
  const { writers, tags } = await onServer(url, async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM tags ORDER BY id LIMIT 3')
    const writers: Record<Subject, Writer> = {
      Dateline: await writerNamed(client, 'dateline'),
      'hand SQL': await writerNamed(client, 'hand-sql')
    }
    return { writers, tags: rows }
  })
  const bodyOf = (address: string) =>
    JSON.stringify({
      locale: 'en',
      headline: `Written at ${address}`,
      standfirst: 'What was written down at once, and by whom.',
      body: { blocks: paragraphs() },
      tags: tags.map(({ id }) => id)
    })

  return {
    async prepare({ name }, ports, loader) {
      const runs: Run[] = []
      const answers: object[] = []
      for (const [subject, address] of Object.entries(ADDRESSES) as [Subject, string][]) {
        const port = ports[subject] as number
        const writer = writers[subject]
        const body = bodyOf(address)
        const headersOf = async (): Promise<Record<string, string>> =>
          subject === 'Dateline' ? { authorization: await signIn(port, writer) } : { 'x-writer': writer.id }
        const learned = await write(port, await headersOf(), body)
        writer.acknowledged++
        answers.push(shape(learned))
        const expected = { status: 201, body: Buffer.from(learned), free: freeIn(learned) }
        runs.push({
          row: name,
          subject,
          port,
          // An access token is good for ten minutes, and a run of the bench may take longer.
          async before() {
            await loader.learn(`${name} ${subject}`, [
              { ...asking(await headersOf(), body, address), expected }
            ])
          },
          after({ asked }) {
            writer.acknowledged += asked
          }
        })
      }
      deepStrictEqual(answers[1], answers[0], 'both show the same')
      return runs
    },
    async check() {
      await onServer(url, async (client) => {
        for (const [subject, { id, acknowledged }] of Object.entries(writers)) {
          const { rows } = await client.query<{ whole: number }>(WHOLE, [id])
          if (rows[0]?.whole !== acknowledged)
            throw new Error(
              `${subject}: ${acknowledged} were acknowledged, ${rows[0]?.whole} are there with all their rows.`
            )
        }
      })
    }
  }
}

const WHOLE = `
  SELECT count(*)::int AS whole FROM articles a
  JOIN revisions r ON r.article_id = a.id AND r.version = 1 AND r.content ->> 'headline' = a.headline
  WHERE a.created_by = $1 AND (SELECT count(*) FROM article_tags t WHERE t.article_id = a.id) = 3
    AND (SELECT count(*) FROM events e WHERE e.subject_id = a.id AND e.type = 'article.created') = 1
    AND (SELECT count(*) FROM audit d WHERE d.resource_id = a.id AND d.user_id = a.created_by) = 1`

/** About 3 KB of text. */
function paragraphs() {
  const sentence = 'The harbour office counted the boats twice that night and wrote both numbers down. '
  return Array.from({ length: 6 }, (_, index) => ({
    _type: 'block',
    _key: `p${index}`,
    style: 'normal',
    children: [{ _type: 'span', _key: `s${index}`, text: sentence.repeat(6).trim(), marks: [] }],
    markDefs: []
  }))
}

async function signIn(port: number, { email }: Writer): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD })
  })
  const { accessToken } = (await response.json()) as { accessToken?: string }
  if (!accessToken) throw new Error(`${email} cannot sign in: ${response.status}`)
  return `Bearer ${accessToken}`
}

async function write(port: number, headers: Record<string, string>, body: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/articles`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body
  })
  const text = await response.text()
  if (response.status !== 201)
    throw new Error(`Creating an article: ${response.status} ${text.slice(0, 300)}`)
  return text
}

/** The answer but for what is another one each time. */
function shape(answer: string): object {
  const { createdBy: _, ...article } = JSON.parse(answer)
  for (const member of FREE) delete article[member]
  return article
}

function freeIn(answer: string): Uint8Array {
  const free = new Uint8Array(Buffer.byteLength(answer))
  const article = JSON.parse(answer)
  for (const member of FREE) {
    const written = `"${member}":${JSON.stringify(article[member])}`
    const at = answer.indexOf(written)
    if (at < 0) throw new Error(`The answer has no ${member}.`)
    const from = Buffer.byteLength(answer.slice(0, at))
    free.fill(1, from, from + Buffer.byteLength(written))
  }
  return free
}

function asking(headers: Record<string, string>, body: string, address: string): Omit<Question, 'expected'> {
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`POST /v1/articles HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  return { request, visitorAt: request.indexOf(address) }
}
