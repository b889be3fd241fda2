/** Learns what each server answers, sees that the answers are the same content, and makes questions of it. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { Question } from './client.ts'
import type { Asked } from './rows.ts'

/** A server, or a part of one (`prefix`). */
export type Subject = { name: string; port: number; prefix: string }

export type Learned = { path: string; status: number; headers: IncomingHttpHeaders; body: Buffer }

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

function get(port: number, path: string): Promise<Learned> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, port, host: '127.0.0.1', path }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          path,
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(pieces)
        })
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

type Page = { page: { next: string | null } }

/** Asks once, walking on to the page that is wanted. Throws when it cannot be had. */
async function learnOne({ port, prefix, name }: Subject, { path, page = 1 }: Asked): Promise<Learned> {
  let at = `${prefix}${path}`
  for (let walked = 1; ; walked++) {
    const learned = await get(port, at)
    if (learned.status !== 200) throw new Error(`${name} answers ${learned.status} to ${at}`)
    if (walked === page) return learned
    const { next } = (JSON.parse(learned.body.toString()) as Page).page
    if (next === null) throw new Error(`${name} has only ${walked} pages of ${path}`)
    at = `${prefix}${path}&cursor=${encodeURIComponent(next)}`
  }
}

export async function learn(subject: Subject, asked: Asked[]): Promise<Learned[]> {
  const learned: Learned[] = []
  // A few at a time, in their order.
  for (let from = 0; from < asked.length; from += 8)
    learned.push(...(await Promise.all(asked.slice(from, from + 8).map((one) => learnOne(subject, one)))))
  return learned
}

/** Cursors are each server's own; that there is one, is content. */
const content = ({ body }: Learned) =>
  JSON.stringify(JSON.parse(body.toString()), (key, value) =>
    (key === 'next' || key === 'prev') && typeof value === 'string' ? 'cursor' : value
  )

/** Throws when two servers do not show the same, member by member in the same order. */
export function compare(name: string, ours: Learned[], theirs: Learned[]) {
  for (const [index, one] of ours.entries()) {
    const other = theirs[index] as Learned
    const [left, right] = [content(one), content(other)]
    if (left === right) continue
    const at = [...left].findIndex((character, place) => character !== right[place])
    const near = (text: string) => text.slice(Math.max(0, at - 40), at + 60)
    throw new Error(`${name} shows something else at ${other.path}:\n  ${near(left)}\n  ${near(right)}`)
  }
}

/** With `known`, they carry the ETag of the answer and expect 304. */
export function questionsOf(learned: Learned[], known = false): Question[] {
  return learned.map(({ path, status, headers, body }) => {
    const { etag } = headers
    if (known && etag === undefined) throw new Error(`The answer to ${path} has no ETag.`)
    const match = known ? `if-none-match: ${etag}\r\n` : ''
    return {
      request: Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${match}\r\n`),
      expected: known ? { status: 304, body: Buffer.alloc(0) } : { status, body }
    }
  })
}

const BY_NODE = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'])

/** The headers of an answer that a server sets itself: the fixed buffer is sent with them, so that as many bytes go over. */
export const ownHeaders = ({ headers }: Learned): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      BY_NODE.has(name) || value === undefined ? [] : [[name, String(value)]]
    )
  )
