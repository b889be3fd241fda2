/** The client package, asking a running Dateline. */
import t from 'tap'
import {
  type ClientOptions,
  createClient,
  etagOf,
  ProblemError,
  type Tokens
} from '../../openapi/client/src/index.ts'
import { newsroom, PASSWORD, unique } from '../helper.ts'

const room = await newsroom(t)
const editor = { email: 'editor@example.org', password: PASSWORD }

type Step = (request: Request) => Promise<Response> | Response
/** A client of the newsroom, what it asked for, and whom to meet on the way: each request takes the next `step`. */
function reader(options: Omit<ClientOptions, 'baseUrl' | 'fetch'> = {}, steps: Step[] = []) {
  const asked: string[] = []
  const stored: (Tokens | null)[] = []
  const client = createClient({
    baseUrl: room.url,
    fetch: (request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname}`)
      return Promise.resolve((steps.shift() ?? fetch)(request))
    },
    onTokens: (tokens) => stored.push(tokens),
    ...options
  })
  return { client, asked, stored }
}

const openSession = async () =>
  (await room.api('POST /v1/sessions', { body: editor, expect: 201 })).body as Tokens
/** Where a token is signed, it says nothing any more. */
const spoiled = ({ accessToken, refreshToken }: Tokens) => ({
  accessToken: `${accessToken.slice(0, -20)}${'A'.repeat(20)}`,
  refreshToken
})
const count = (asked: string[], what: string) => asked.filter((one) => one === what).length
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (reason) => reason
  )
  if (!(error instanceof ProblemError)) throw error
  return error
}

t.test('a person signs in when there is something to ask, once', async (t) => {
  const { client, asked, stored } = reader({ credentials: editor })
  await client.GET('/v1/content/articles')
  t.same(asked, ['GET /v1/content/articles'], 'what is public needs no sign-in')
  const [me] = await Promise.all([client.GET('/v1/me'), client.GET('/v1/tags')])
  t.equal(me.data.email, editor.email)
  t.equal(count(asked, 'POST /v1/sessions'), 1)
  t.equal(stored.length, 1)
  await client.GET('/v1/content/articles', { params: { query: { at: '2030-01-01T09:00:00Z' } } })
  t.equal(asked.length, 5)
})

t.test('a sign-in by hand keeps tokens, no password; signing out ends the session', async (t) => {
  const { client, asked, stored } = reader()
  t.match(await refusal(client.GET('/v1/me')), { status: 401, code: 'unauthenticated' })
  t.match(await refusal(client.signIn({ ...editor, password: 'not the password at all' })), {
    status: 401,
    code: 'invalid_credentials'
  })
  t.equal((await client.signIn(editor)).email, editor.email)
  await client.GET('/v1/me')
  const tokens = stored.at(-1)
  await client.signOut()
  t.equal(stored.at(-1), null)
  await room.api('GET /v1/me', { token: tokens?.accessToken ?? '', expect: 401 })
  await room.api('POST /v1/sessions/refresh', {
    body: { refreshToken: tokens?.refreshToken },
    expect: 401
  })
  asked.length = 0
  t.match(await refusal(client.GET('/v1/me')), { status: 401 })
  t.same(asked, ['GET /v1/me'], 'nobody signs in again')
  await client.signOut()
  await t.rejects(client.signIn(), { name: 'TypeError' })
})

t.test('a refused token is renewed once, however many requests find it out', async (t) => {
  const session = await openSession()
  const { client, asked, stored } = reader({ credentials: spoiled(session) })
  const name = unique('Tag')
  const [me, made] = await Promise.all([
    client.GET('/v1/me'),
    client.POST('/v1/tags', { body: { kind: 'topic', names: { en: name } } })
  ])
  t.equal(me.data.email, editor.email)
  t.equal(made.data.names.en, name, 'the body is sent again too')
  t.equal(count(asked, 'POST /v1/sessions/refresh'), 1)
  t.equal(stored.length, 1)
  t.not(stored[0]?.refreshToken, session.refreshToken)
  await client.GET('/v1/me')
  t.equal(count(asked, 'POST /v1/sessions/refresh'), 1, 'the new token is the one in use')
})

t.test('whose session has ended gets in again', async (t) => {
  const credentials = { ...spoiled(await openSession()), refreshToken: 'ended', expiresAt: 0 }
  const { client, asked } = reader({ credentials })
  const body = { token: 'of nobody', password: 'four grey geese over town' }
  t.match(await refusal(client.POST('/v1/password-links/use', { body })), { status: 404 })
  t.ok((await client.POST('/v1/sessions', { body: editor })).data.accessToken)
  t.same(asked, ['POST /v1/password-links/use', 'POST /v1/sessions'])
})

t.test('a renewal that ends after another sign-in does not bring the one before back', async (t) => {
  const credentials = { ...(await openSession()), expiresAt: 0 }
  const release: (() => void)[] = []
  const held: Step = async (request) => {
    await new Promise<void>((done) => release.push(done))
    return fetch(request)
  }
  const { client, asked, stored } = reader({ credentials }, [held, held])
  const author = { email: 'author@example.org', password: PASSWORD }
  const signedIn = client.signIn(author)
  await new Promise(setImmediate)
  const me = client.GET('/v1/me')
  await new Promise(setImmediate)
  t.same(asked, ['POST /v1/sessions', 'POST /v1/sessions/refresh'])
  release[0]?.()
  await signedIn
  release[1]?.()
  t.equal((await me).data.email, author.email)
  t.equal((await client.GET('/v1/me')).data.email, author.email)
  t.equal(stored.length, 1)
})

t.test('a token that is about to end is renewed before it is refused', async (t) => {
  const session = await openSession()
  const credentials = { ...session, expiresAt: Date.now() + 5_000 }
  const { client, asked, stored } = reader({ credentials })
  await Promise.all([client.GET('/v1/me'), client.GET('/v1/me')])
  t.same(asked, ['POST /v1/sessions/refresh', 'GET /v1/me', 'GET /v1/me'])
  t.ok((stored[0]?.expiresAt ?? 0) > Date.now() + 500_000)
})

t.test('the reply to a refresh gets lost: the same token is good for a second try', async (t) => {
  const lost: Step = async (request) => {
    await fetch(request)
    throw new TypeError('the line went dead')
  }
  const { client, asked } = reader({ credentials: { ...(await openSession()), expiresAt: 0 } }, [lost])
  t.equal((await client.GET('/v1/me')).data.email, editor.email)
  t.equal(count(asked, 'POST /v1/sessions/refresh'), 2)
})

t.test('a session that was ended', async (t) => {
  const end = async ({ accessToken }: Tokens) =>
    room.api('DELETE /v1/sessions/current', { token: accessToken, expect: 204 })

  t.test('with tokens alone is over, and they are forgotten', async (t) => {
    const session = await openSession()
    await end(session)
    const { client, asked, stored } = reader({ credentials: session })
    t.match(await refusal(client.GET('/v1/me')), { status: 401, code: 'invalid_refresh_token' })
    t.same(stored, [null])
    t.match(await refusal(client.GET('/v1/me')), { status: 401, code: 'unauthenticated' })
    t.equal(count(asked, 'POST /v1/sessions/refresh'), 1)
  })

  t.test('with a password is opened anew', async (t) => {
    const { client, asked, stored } = reader({ credentials: editor })
    await client.GET('/v1/me')
    await end(stored[0] as Tokens)
    t.equal((await client.GET('/v1/me')).data.email, editor.email)
    t.equal(count(asked, 'POST /v1/sessions'), 2)
  })

  t.test('cannot be refreshed while the network is away: the tokens stay', async (t) => {
    const away: Step = () => Promise.reject(new TypeError('the line is dead'))
    const session = await openSession()
    const { client, stored } = reader({ credentials: { ...session, expiresAt: 0 }, retries: 0 }, [away])
    await t.rejects(client.GET('/v1/me'), { name: 'TypeError', message: 'the line is dead' })
    t.same(stored, [])
    t.equal((await client.GET('/v1/me')).data.email, editor.email)
  })
})

t.test('a program asks with its key', async (t) => {
  const body = { name: 'Importer', scopes: ['tags:write'] }
  const made = await room.api('POST /v1/api-keys', { as: 'editor', body, expect: 201 })
  const { client, asked } = reader({ credentials: { apiKey: made.body.key } })
  await client.POST('/v1/tags', { body: { kind: 'topic', names: { en: unique('Tag') } } })
  t.match(await refusal(client.GET('/v1/articles')), { status: 403, code: 'insufficient_scope' })
  await room.api(`DELETE /v1/api-keys/${made.body.id}`, { as: 'editor', expect: 204 })
  t.match(await refusal(client.GET('/v1/tags')), { status: 401, code: 'unauthenticated' })
  t.equal(asked.length, 3, 'there is nothing to renew')
})

t.test('lists are walked by item and by page', async (t) => {
  const { client, asked } = reader({ credentials: editor })
  const parentId = (
    await client.POST('/v1/tags', { body: { kind: 'topic', names: { en: unique('Parent') } } })
  ).data.id
  const made = new Set<string>()
  for (let i = 0; i < 7; i++) {
    const body = { kind: 'topic' as const, names: { en: unique('Child') }, parentId }
    made.add((await client.POST('/v1/tags', { body })).data.id)
  }
  asked.length = 0
  const init = { params: { query: { parentId, limit: 3 } } }

  const found: string[] = []
  for await (const tag of client.items('/v1/tags', init)) found.push(tag.id)
  t.same(new Set(found), made)
  t.equal(found.length, 7)
  t.equal(asked.length, 3)

  const sizes: number[] = []
  const firsts: string[] = []
  let second: string | null = null
  for await (const { data, page } of client.pages('/v1/tags', init)) {
    sizes.push(data.length)
    firsts.push(data[0]?.id ?? '')
    second ??= page.next
  }
  t.same(sizes, [3, 3, 1])

  const rest: string[] = []
  const query = { ...init.params.query, cursor: second ?? '' }
  for await (const tag of client.items('/v1/tags', { params: { query } })) rest.push(tag.id)
  t.same(rest, found.slice(3), 'from a cursor on')

  asked.length = 0
  for await (const tag of client.items('/v1/tags', init)) if (tag.id === found[2]) break
  t.equal(asked.length, 1, 'no page more than is looked at')
  const none = []
  for await (const tag of client.items('/v1/tags', { params: { query: { q: 'nowhere-to-be-found' } } }))
    none.push(tag)
  t.same(none, [])
})

t.test('a thing is changed without overwriting a colleague', async (t) => {
  const { client } = reader({ credentials: editor })
  const body = { locale: 'en', headline: unique('Ferries'), body: { markdown: 'They run.' } }
  const { data: article, response } = await client.POST('/v1/articles', { body })
  t.equal(etagOf(response), '"1"')
  const { id } = article
  const colleague = async (version: number) =>
    room.api(`PATCH /v1/articles/${id}`, {
      as: 'editor',
      ifMatch: version,
      body: { kicker: `Coast ${version}` },
      expect: 200
    })

  const seen: number[] = []
  const changed = await client.update('/v1/articles/{id}', { params: { path: { id } } }, async (current) => {
    seen.push(current.version)
    if (current.version < 3) await colleague(current.version)
    return { headline: `${current.headline} (${current.kicker})` }
  })
  t.same(seen, [1, 2, 3])
  t.match(changed, { version: 4, kicker: 'Coast 2', headline: `${body.headline} (Coast 2)` })

  let asked = 0
  const error = await refusal(
    client.update('/v1/articles/{id}', { params: { path: { id } }, tries: 2 }, async (current) => {
      asked++
      await colleague(current.version)
      return { headline: 'Never' }
    })
  )
  t.match(error, { status: 412, code: 'stale_version', problem: { currentVersion: 6 } })
  t.equal(asked, 2)

  const left = await client.update('/v1/articles/{id}', { params: { path: { id } } }, () => null)
  t.equal(left.version, 6)

  const live = await client.POST('/v1/articles/{id}/publications', {
    params: {
      path: { id },
      header: {
        'if-match': etagOf((await client.GET('/v1/articles/{id}', { params: { path: { id } } })).response)
      }
    },
    body: {}
  })
  t.equal(live.data.version, 6)
  t.throws(() => etagOf(new Response()), { name: 'TypeError' })
})

t.test('refusals are errors with a code', async (t) => {
  const { client } = reader({ credentials: editor })
  const invalid = await refusal(
    client.POST('/v1/tags', { body: { kind: 'topic', names: {}, slug: 'No Slug' } })
  )
  t.match(invalid, { name: 'ProblemError', status: 400, code: 'invalid_request', retryAfter: null })
  t.ok(invalid.errors.some(({ pointer }) => pointer === '/slug'))
  t.match(invalid.requestId, /^[0-9a-f-]{36}$/)
  t.match(invalid.message, invalid.detail)
  const missing = client.GET('/v1/content/articles/{slug}', { params: { path: { slug: 'no-such-story' } } })
  t.match(await refusal(missing), { status: 404, code: 'not_found', errors: [] })

  const proxy: Step = () =>
    new Response('<h1>Bad Gateway</h1>', { status: 502, headers: { 'retry-after': '7' } })
  const between = reader({}, [proxy])
  t.match(await refusal(between.client.GET('/v1/content/site')), { status: 502, code: null, retryAfter: 7 })
  const gone = createClient({ baseUrl: 'http://127.0.0.1:1', retries: 0 })
  await t.rejects(gone.GET('/v1/content/site'), { name: 'TypeError' })
})

/** A refusal that passes, as Dateline writes it. */
const refusing =
  (status: number, code: string, seconds: number): Step =>
  () =>
    new Response(
      JSON.stringify({
        type: `/problems/${code}`,
        title: 'Not now',
        status,
        detail: '',
        code,
        requestId: 'r'
      }),
      {
        status,
        headers: { 'content-type': 'application/problem+json', 'retry-after': String(seconds) }
      }
    )
const busy = (seconds: number) => refusing(503, 'overloaded', seconds)
const lostReply: Step = async (request) => {
  await (await fetch(request)).arrayBuffer()
  throw new TypeError('the line went dead')
}

t.test('a thing is made once, whatever gets lost', async (t) => {
  for (const [told, step] of [
    ['the reply', lostReply],
    ['the request', () => Promise.reject(new TypeError('no line'))],
    ['the patience of the server', busy(0)]
  ] as const) {
    const { client, asked } = reader({ credentials: await openSession() }, [step])
    const name = unique('Twin')
    const made = await client.POST('/v1/authors', { body: { name } })
    t.equal(asked.length, 2, told)
    const { data } = (await room.api(`GET /v1/authors?q=${name}`, { as: 'editor', expect: 200 })).body
    t.same(
      data.map(({ id }: { id: string }) => id),
      [made.data.id],
      `one author when ${told} is lost`
    )
  }
})

t.test('the first try is under way when the second comes: it is waited for', async (t) => {
  let begun = Promise.resolve(new Response())
  const { client, asked } = reader({ credentials: await openSession() }, [
    (request) => {
      begun = fetch(request)
      return Promise.reject(new TypeError('the line went dead'))
    },
    refusing(409, 'idempotency_key_in_use', 0)
  ])
  const name = unique('Twin')
  const made = await client.POST('/v1/authors', { body: { name } })
  const first = (await (await begun).json()) as { id: string }
  t.equal(first.id, made.data.id)
  t.equal(asked.length, 3)
})

t.test('tries are bounded, and only what cannot happen twice is tried again', async (t) => {
  const credentials = await openSession()
  const body = { name: unique('Author') }
  const stuck = reader({ credentials, retries: 2 }, [busy(0), busy(0), busy(0)])
  const error = await refusal(stuck.client.POST('/v1/authors', { body }))
  t.match(error, { status: 503, code: 'overloaded', retryAfter: 0 })
  t.equal(stuck.asked.length, 3)

  const long = reader({ credentials, maxWait: 5 }, [busy(6)])
  t.match(await refusal(long.client.GET('/v1/me')), { status: 503, retryAfter: 6 })
  t.equal(long.asked.length, 1)

  const { data: tag, response } = await stuck.client.POST('/v1/tags', {
    body: { kind: 'topic', names: { en: unique('Tag') } }
  })
  const patched = reader({ credentials }, [lostReply])
  const patch = patched.client.PATCH('/v1/tags/{id}', {
    params: { path: { id: tag.id }, header: { 'if-match': etagOf(response) } },
    body: { names: { en: unique('Tag') } }
  })
  await t.rejects(patch, { message: 'the line went dead' })
  t.equal(patched.asked.length, 1, 'a second PATCH would find its own first one')

  const viewed = reader({}, [lostReply])
  const view = viewed.client.POST('/v1/content/articles/{id}/views', {
    params: { path: { id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10' } }
  })
  await t.rejects(view, { message: 'the line went dead' })
  t.equal(viewed.asked.length, 1, 'a view takes no key')

  const leaving = new AbortController()
  const abandoned = reader({ credentials }, [busy(9)])
  const pending = abandoned.client.GET('/v1/me', { signal: leaving.signal })
  setTimeout(() => leaving.abort(new Error('enough')), 20)
  await t.rejects(pending, { message: 'enough' })
  t.equal(abandoned.asked.length, 1)
})
