/** A proxy between a front end and Dateline: remembers what was answered, and can disguise it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export type Between = {
  server: Server
  /** Once it listens. */
  url: string
  /** What of each answer readers may be shown, and every address in it, since the last `forget`. */
  texts: Set<string>
  links: Set<string>
  forget: () => void
  /** Answers instead of Dateline from now on, where it has an answer; null ends that. */
  instead: (
    answer: ((path: string) => { status: number; headers?: Record<string, string> } | 'silence' | null) | null
  ) => void
}

/** No text for readers: names of things, addresses, moments. */
const NAMES =
  /^(id|storyId|locale|slug|url|path|at|publishedAt|updatedAt|timeZone|direction|kind|network|channel|qr|store|type|field|next|prev|licence|canonicalUrl|jsonld)$/

/** Letters become letters of Tifinagh and digits those of Devanagari: what is still ours came from somewhere else. */
export const disguise = (text: string) =>
  text.replace(/\{\w+\}|\p{L}|\d/gu, (found) =>
    found.startsWith('{')
      ? found
      : /\d/.test(found)
        ? String.fromCodePoint(0x966 + Number(found))
        : String.fromCodePoint(0x2d30 + ((found.codePointAt(0) as number) % 54))
  )

const disguiseHtml = (html: string) =>
  html
    .replace(/(?<=^|>)[^<]+/g, (text) =>
      text.replace(/&#?\w+;|[^&]+|&/g, (part) =>
        part.endsWith(';') && part.startsWith('&') ? part : disguise(part)
      )
    )
    .replace(/(?<= alt=")[^"]*/g, disguise)

export function watch(dateline: string, how: 'as it is' | 'disguised'): Between {
  const texts = new Set<string>()
  const links = new Set<string>()
  let instead: Parameters<Between['instead']>[0] = null

  const walk = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, name))
    if (value && typeof value === 'object') {
      // What strings say is for readers, whatever they are called.
      const called = (key: string) => (name === 'strings' ? name : key)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, called(key))]))
    }
    if (typeof value !== 'string') return value
    if (NAMES.test(name)) {
      links.add(value)
      return value
    }
    if (name === 'html')
      for (const [, url] of value.matchAll(/(?:href|src)="([^"]*)"/g)) links.add(url as string)
    const shown = how === 'as it is' ? value : name === 'html' ? disguiseHtml(value) : disguise(value)
    texts.add(shown)
    return shown
  }

  const server = createServer(async (request, response) => {
    const other = instead?.(request.url ?? '')
    if (other === 'silence') return
    if (other) return void response.writeHead(other.status, other.headers).end()
    const answer = await fetch(dateline + request.url, {
      method: request.method,
      redirect: 'manual',
      headers: { 'user-agent': request.headers['user-agent'] ?? '' }
    })
    const text = await answer.text()
    const headers: Record<string, string> = {}
    for (const name of ['content-type', 'cache-control', 'surrogate-key', 'location', 'retry-after']) {
      const value = answer.headers.get(name)
      if (value !== null) headers[name] = value
    }
    const json = answer.ok && /^application\/json/.test(headers['content-type'] ?? '')
    response.writeHead(answer.status, headers)
    response.end(json ? JSON.stringify(walk(JSON.parse(text), '')) : text)
  })
  return {
    server,
    url: '',
    texts,
    links,
    forget: () => {
      texts.clear()
      links.clear()
    },
    instead: (answer) => {
      instead = answer
    }
  }
}
