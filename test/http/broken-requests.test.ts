/** What is not a request, or only half of one: answered as every refusal is, and nobody's fault but the sender's. */
import { connect } from 'node:net'
import t from 'tap'
import { newsroom } from '../helper.ts'

const room = await newsroom(t)
const port = Number(new URL(room.url).port)

/** Sends bytes as they are, and answers with what came back until the connection was closed. */
function sendRaw(bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => done(text))
    socket.on('error', failed)
  })
}

/** The parts of a raw answer. */
function read(text: string) {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const headers = new Map(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim()
      ])
  )
  return { status: Number(head.split(' ')[1]), headers, body: body ? JSON.parse(body) : undefined }
}

t.test('what Node’s parser refuses is a problem too', async (t) => {
  const rows: [string, string, number, string][] = [
    ['no HTTP at all', 'GOOD MORNING\r\n\r\n', 400, 'malformed_request'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nhost\r\n\r\n', 400, 'malformed_request'],
    [
      'two lengths',
      'POST /v1/sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      400,
      'malformed_request'
    ],
    [
      '20 KB of headers',
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large'
    ],
    [
      'an address of 20 KB',
      `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`,
      431,
      'headers_too_large'
    ]
  ]
  for (const [what, bytes, status, code] of rows) {
    const answer = read(await sendRaw(bytes))
    t.equal(answer.status, status, what)
    t.match(answer.body, { type: `/problems/${code}`, status, code, title: /\S/, detail: /\S/ }, what)
    t.equal(answer.headers.get('content-type'), 'application/problem+json', what)
    t.equal(answer.headers.get('cache-control'), 'no-store', what)
    t.equal(answer.headers.get('x-request-id'), answer.body.requestId, what)
    t.equal((await room.api(`GET /problems/${code}`)).status, 200, `${code} has a page`)
  }
})

t.test('methods no route can have: 405 where the address is known, 404 where it is not', async (t) => {
  const ask = async (method: string, path: string) =>
    read(await sendRaw(`${method} ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`))
  for (const method of ['TRACE', 'PROPFIND', 'LOCK', 'PURGE', 'LINK']) {
    for (const [path, allow] of [
      ['/v1/tags', 'GET, HEAD, POST'],
      ['/v1/tags/7?a=1', 'DELETE, GET, HEAD, PATCH'],
      ['/v1/content/articles/some-slug', 'GET, HEAD'],
      ['/s/abc', 'GET, HEAD']
    ] as const) {
      const answer = await ask(method, path)
      t.equal(answer.status, 405, `${method} ${path}`)
      t.equal(answer.headers.get('allow'), allow, `${method} ${path}`)
      t.match(answer.body, { code: 'method_not_allowed' })
    }
    t.equal((await ask(method, '/v1/nothing')).status, 404, `${method} of what is not there`)
    t.equal((await ask(method, '/v1/tags/')).status, 404)
  }
})

t.test('who leaves in the middle of a body changes nothing and breaks nothing', async (t) => {
  const before = await room.db.query<{ count: number }>(
    { text: 'SELECT count(*)::int AS count FROM tags' },
    []
  )
  await new Promise<void>((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `POST /v1/tags HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${room.tokens.editor}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"kind":"topic",`,
        () => socket.destroy()
      )
    })
    socket.on('close', () => done())
  })
  t.equal((await room.api('GET /v1/me', { as: 'editor' })).status, 200)
  t.same(await room.db.query({ text: 'SELECT count(*)::int AS count FROM tags' }, []), before)
})
