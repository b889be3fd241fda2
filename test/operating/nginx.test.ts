/** The nginx of the guide in front of two Datelines: what it keeps, what it passes on, and what never becomes another's. */
import { readFileSync } from 'node:fs'
import { Agent, get, request } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import { findBinaries } from '../../bench/cluster.ts'
import { ownPostgres } from '../faults/own-postgres.ts'
import { BROWSER } from '../helper.ts'
import { freePort } from '../start/process.ts'
import { ask, begin, editor } from './newsroom.ts'
import { nginxBefore } from './nginx.ts'
import { findProgram, until } from './programs.ts'

const bin = findBinaries()
const known = findProgram('nginx') && findProgram('openssl') && bin

const kept = ({ headers }: { headers: Headers }) => headers.get('x-cache')

t.test(
  'behind nginx',
  { skip: known ? false : 'there is no nginx, or no Postgres to start', timeout: 600_000 },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)
    const ports: [number, number] = [await freePort(), await freePort()]
    const settings = {
      DATABASE_URL: postgres.url,
      TRUST_PROXY: '1',
      RATE_LIMITS: 'previews=5,editing=100000',
      METRICS_PORT: String(await freePort()),
      PUBLIC_URL: 'https://cms.news.example',
      DRAIN_SECONDS: '1'
    }
    const one = await begin(t, { ...settings, PORT: String(ports[0]) })
    const other = await begin(t, {
      ...settings,
      PORT: String(ports[1]),
      METRICS_PORT: String(await freePort())
    })
    const nginx = await nginxBefore(t, ports)
    const { url } = nginx
    const { edit, publish, correct, authorization } = await editor(url)
    const story = await publish('The lighthouse keeper retires')
    const address = `${url}/v1/content/articles/${story.slug}?locale=en`

    // Read at the beginning and looked at again at the end: it is half a minute until it is stale.
    const stale = await publish('A slow story')
    const staleAddress = `${url}/v1/content/articles/${stale.slug}?locale=en`
    // It takes a moment until it is known when something begins or ends next; nothing is to be kept until then.
    const longest = /s-maxage=30, stale-while-revalidate=30/
    const first = await until(
      () => ask(staleAddress, { expect: 200 }),
      ({ headers }) => longest.test(headers.get('cache-control') ?? '')
    )
    const readAt = Date.now()
    t.equal(kept(first), 'MISS')
    t.match(first.headers.get('cache-control'), longest)

    await t.test('what is public is kept', async (t) => {
      const [before, after] = [await ask(address, { expect: 200 }), await ask(address, { expect: 200 })]
      t.same([kept(before), kept(after)], ['MISS', 'HIT'])
      t.equal(after.text, before.text)
      t.ok(after.headers.get('surrogate-key')?.includes(`article:${story.id}`), 'with its keys')
      const etag = after.headers.get('etag') as string
      const unchanged = await ask(address, { headers: { 'if-none-match': etag } })
      t.equal(unchanged.status, 304, 'and not sent to whoever has it')
      t.equal(unchanged.headers.get('etag'), etag)
      t.equal(unchanged.text, '')
      const head = await ask(address, { method: 'HEAD', expect: 200 })
      t.same([kept(head), head.text, head.headers.get('etag')], ['HIT', '', etag], 'HEAD')
      const part = await ask(address, { headers: { range: 'bytes=0-9' } })
      t.ok(
        (part.status === 200 && part.text === after.text) ||
          (part.status === 206 && part.text === after.text.slice(0, 10)),
        'a range is a right part, or all of it'
      )
      for (const path of ['/feeds/rss.xml', '/sitemap.xml', '/v1/content/site', '/v1/content/articles']) {
        await ask(`${url}${path}`, { expect: 200 })
        t.equal(kept(await ask(`${url}${path}`, { expect: 200 })), 'HIT', path)
      }
    })

    await t.test('in each encoding with an ETag of its own', async (t) => {
      const raw = (accept: string) =>
        new Promise<{ encoding: string; etag: string; cache: string; vary: string; bytes: Buffer }>(
          (done, failed) => {
            const headers = { 'accept-encoding': accept, 'user-agent': BROWSER }
            const target = new URL(address.replace(url, nginx.secureUrl))
            get(target, { headers, rejectUnauthorized: false }, async (response) => {
              const chunks: Buffer[] = []
              for await (const chunk of response) chunks.push(chunk)
              done({
                encoding: response.headers['content-encoding'] ?? '',
                etag: response.headers.etag ?? '',
                cache: String(response.headers['x-cache']),
                vary: response.headers.vary ?? '',
                bytes: Buffer.concat(chunks)
              })
            }).on('error', failed)
          }
        )
      const asked = {
        identity: '',
        'gzip, deflate, br': 'br',
        'br;q=1.0, gzip;q=0.8': 'br',
        'gzip, br;q=0': 'gzip',
        gzip: 'gzip',
        'gzip;q=0, br;q=0.0': '',
        deflate: ''
      }
      const etags = new Map<string, string>()
      const texts = new Set<string>()
      for (const [accept, encoding] of Object.entries(asked)) {
        await raw(accept)
        const answer = await raw(accept)
        t.equal(answer.encoding, encoding, accept)
        t.equal(answer.cache, 'HIT', `${accept}: kept`)
        t.match(answer.vary, /accept-encoding/i)
        t.equal(etags.get(encoding) ?? answer.etag, answer.etag, 'one ETag an encoding')
        etags.set(encoding, answer.etag)
        const { bytes } = answer
        const plain = encoding === 'br' ? brotliDecompressSync : encoding === 'gzip' ? gunzipSync : null
        texts.add((plain?.(bytes) ?? bytes).toString())
      }
      t.equal(new Set(etags.values()).size, 3)
      t.equal(texts.size, 1, 'and the same within')
      t.notOk(
        [...etags.values()].some((etag) => etag.startsWith('W/')),
        'all of them strong'
      )
    })

    await t.test('what nobody else may have is not', async (t) => {
      const own = await ask(address, { headers: { authorization }, expect: 200 })
      t.same([kept(own), own.headers.get('cache-control')], ['BYPASS', 'private, no-store'])
      const later = `${address}&at=2030-01-01T00:00:00Z`
      t.equal((await ask(later, { headers: { authorization }, expect: 200 })).status, 200)
      t.equal((await ask(later)).status, 401, 'another moment is only for those who may')

      const body = {
        email: 'second@example.org',
        name: 'Second',
        role: 'editor',
        password: 'ten brass keys in rain'
      }
      await edit('/v1/users', { body, expect: 201 })
      const { body: session } = await ask(`${url}/v1/sessions`, {
        body: { email: body.email, password: body.password },
        expect: 201
      })
      const second = { authorization: `Bearer ${session.accessToken}` }
      for (const path of ['/v1/me', '/v1/sessions']) {
        const mine = await edit(path, { expect: 200 })
        const theirs = await ask(url + path, { headers: second, expect: 200 })
        t.not(mine.text, theirs.text, `${path}: each their own`)
        t.equal((await ask(url + path)).status, 401, `${path}: nobody, nothing`)
      }

      const { body: draft } = await edit('/v1/articles', {
        body: { locale: 'en', headline: 'Secret yet' },
        expect: 201
      })
      const { body: preview } = await edit(`/v1/articles/${draft.id}/previews`, { body: {}, expect: 201 })
      const shown = `${url}/v1/content/previews/${preview.token}`
      t.match((await ask(shown, { expect: 200 })).text, /Secret yet/)
      await edit(`/v1/previews/${preview.id}`, { method: 'DELETE', expect: 204 })
      t.not((await ask(shown)).status, 200, 'a preview is gone when it is revoked')
      t.notMatch(readFileSync(nginx.log, 'utf8'), preview.token, 'and in no log')

      const soon = `${url}/v1/content/articles/${draft.slug}?locale=en`
      t.equal((await ask(soon)).status, 404)
      await edit(`/v1/articles/${draft.id}/publications`, {
        body: {},
        headers: { 'if-match': '"1"' },
        expect: 201
      })
      const there = await until(
        () => ask(soon),
        ({ status }) => status === 200
      )
      t.equal(there.status, 200, 'what was not there a moment ago is not said to be missing')
    })

    await t.test('clicks and views are counted, each', async (t) => {
      const { body: link } = await edit('/v1/share-links', {
        body: { articleId: story.id, channel: 'telegram' }
      })
      const short = url + new URL(link.url).pathname
      for (let count = 0; count < 3; count++) t.equal((await ask(short)).status, 302)
      t.match((await edit(`/v1/share-links/${link.id}`)).body, { clicks: { total: 3 } })
      await ask(`${url}/v1/content/articles/${story.id}/views`, { method: 'POST', expect: 204 })
    })

    await t.test('a former slug leads on, and that is kept', async (t) => {
      const moved = await publish('Name before')
      await edit(`/v1/articles/${moved.id}`, {
        method: 'PATCH',
        body: { slug: 'name-after' },
        headers: { 'if-match': '"1"' },
        expect: 200
      })
      await edit(`/v1/articles/${moved.id}/publications`, {
        body: {},
        headers: { 'if-match': '"2"' },
        expect: 201
      })
      const former = `${url}/v1/content/articles/${moved.slug}?locale=en`
      await until(
        () => ask(former),
        ({ status }) => status === 301
      )
      const again = await until(
        () => ask(former),
        (answer) => kept(answer) === 'HIT'
      )
      t.equal(again.status, 301)
      t.equal(kept(again), 'HIT')
      t.match(again.headers.get('location'), /name-after/)
    })

    await t.test('nothing is shown past its end', async (t) => {
      const until = new Date(Date.now() + 5_000)
      const brief = await publish('Only for a moment', { liveUntil: until.toISOString() })
      const shown = `${url}/v1/content/articles/${brief.slug}?locale=en`
      const statuses: [number, number][] = []
      while (Date.now() < until.getTime() + 2_500) {
        const asked = Date.now()
        statuses.push([asked, (await ask(shown)).status])
        await wait(100)
      }
      t.ok(statuses.some(([, status]) => status === 200))
      // A second for what is rounded, and for the timeline to be looked at.
      t.same(
        statuses.filter(([asked, status]) => asked > until.getTime() + 1_000 && status !== 404),
        []
      )
    })

    await t.test('an ETag that compressing made weak is good for If-Match', async (t) => {
      const long = await edit(`/v1/articles/${story.id}`, {
        headers: { 'accept-encoding': 'gzip' },
        expect: 200
      })
      t.equal(long.headers.get('content-encoding'), 'gzip')
      const etag = long.headers.get('etag') as string
      t.match(etag, /^W\/"\d+"$/)
      const changed = { method: 'PATCH', body: { kicker: 'Coast' }, headers: { 'if-match': etag } }
      await edit(`/v1/articles/${story.id}`, { ...changed, expect: 200 })
      await edit(`/v1/articles/${story.id}`, { ...changed, expect: 412 })
    })

    await t.test('a stream comes line by line', async (t) => {
      const response = await fetch(`${url}/v1/content/stream?locale=en`)
      t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      let text = ''
      const reading = (async () => {
        while (!text.includes('streamed-at-once')) {
          const { value, done } = await reader.read()
          if (done) return
          text += new TextDecoder().decode(value)
        }
      })()
      await publish('Streamed at once')
      await Promise.race([reading, wait(8_000)])
      t.match(text, 'streamed-at-once')
      await reader.cancel()
    })

    await t.test('nobody chooses their address', async (t) => {
      const guess = (to: string, count: number) =>
        ask(`${to}/v1/content/previews/guess-${count}`, {
          headers: { 'x-forwarded-for': `192.0.2.${count}` }
        })
      const direct: number[] = []
      for (let count = 0; count < 12; count++) direct.push((await guess(one.url, count)).status)
      t.notOk(
        direct.includes(429),
        'without the proxy everybody could: the instances must not be open to all'
      )
      const through: number[] = []
      for (let count = 0; count < 14; count++) through.push((await guess(url, count)).status)
      t.ok(through.includes(429), 'through it, the limit holds')
    })

    await t.test('what is not for readers is closed, and refusals are problems', async (t) => {
      for (const path of ['/metrics', '/health/ready', '/health/live']) {
        const { status, headers, body } = await ask(url + path)
        t.same(
          [status, headers.get('content-type'), body.code],
          [404, 'application/problem+json', 'not_found'],
          path
        )
      }
      for (const [bytes, what] of [
        [2_000_000, 'Dateline'],
        [9_000_000, 'nginx']
      ] as const) {
        const { status, body } = await edit('/v1/tags', {
          body: { kind: 'topic', names: { en: 'x'.repeat(bytes) } }
        })
        t.same([status, body.code, body.status], [413, 'body_too_large', 413], `too large, says ${what}`)
      }
      const { headers } = await ask(`${url}/v1/me`)
      t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/)
      const id = headers.get('x-request-id') as string
      const logged = await until(
        async () => readFileSync(nginx.log, 'utf8'),
        (log) => log.includes(id)
      )
      t.match(logged, `/v1/me" 401`, 'the log names the request as Dateline does')
      t.match(logged, id)
      const redirect = await ask(`${nginx.redirectingUrl}/v1/me?a=b`)
      t.equal(redirect.headers.get('location'), 'https://cms.news.example/v1/me?a=b')
      t.match((await ask(address)).headers.get('strict-transport-security'), /max-age/)
    })

    await t.test('a reload loses nothing', async (t) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 10, rejectUnauthorized: false })
      t.teardown(() => agent.destroy())
      const seen: Record<string, number> = {}
      let asking = true
      const reader = async () => {
        while (asking) {
          const status = await new Promise<string>((done) =>
            request(`${nginx.secureUrl}/v1/content/tags?limit=${1 + Math.floor(Math.random() * 90)}`, {
              agent
            })
              .on('response', (response) =>
                response.resume().on('end', () => done(String(response.statusCode)))
              )
              // A connection that was idle may be closed just then: browsers ask again, and so do we.
              .on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'broken'))
              .end()
          )
          seen[status] = (seen[status] ?? 0) + 1
        }
      }
      const readers = Array.from({ length: 10 }, reader)
      for (let count = 0; count < 3; count++) {
        nginx.reload()
        await wait(500)
      }
      asking = false
      await Promise.all(readers)
      t.comment(JSON.stringify(seen))
      const { 200: good = 0, ECONNRESET: closed = 0, ...bad } = seen
      t.same(bad, {})
      t.ok(good > 20, `${good} answers`)
      t.ok(closed <= 30, `${closed} idle connections closed: one a reader and reload at most`)
    })

    await t.test('one of two instances is gone: nobody notices', async (t) => {
      await other.stop('SIGKILL')
      const statuses = new Set<number>()
      for (let count = 0; count < 40; count++) {
        statuses.add((await ask(`${url}/v1/content/articles?limit=${1 + count}`)).status)
        statuses.add((await edit('/v1/me')).status)
      }
      t.same([...statuses], [200])
    })

    await t.test('what is stale is shown once more, while it is fetched anew', async (t) => {
      await correct(stale.id, 1, 'A slow story, corrected')
      if (Date.now() < readAt + 29_000) {
        const before = await ask(staleAddress)
        t.match(before.body, { headline: 'A slow story' }, 'a proxy that is not told shows it for a while')
        t.equal(kept(before), 'HIT')
      }
      await wait(Math.max(0, readAt + 31_500 - Date.now()))
      const late = Date.now() > readAt + 58_000
      const shown = await ask(staleAddress, { expect: 200 })
      t.equal(kept(shown), late ? 'EXPIRED' : 'STALE')
      const fresh = await until(
        () => ask(staleAddress),
        ({ body }) => body.headline === 'A slow story, corrected'
      )
      t.equal(fresh.body.headline, 'A slow story, corrected')
    })

    await t.test('none is there: kept answers end with their time, and the rest is a problem', async (t) => {
      await one.stop('SIGKILL')
      t.equal((await ask(staleAddress)).status, 200)
      const { status, body, headers } = await ask(`${url}/v1/content/articles?limit=99`)
      t.same([status, body.code, headers.get('retry-after')], [503, 'unavailable', '5'])
      t.equal((await edit('/v1/me')).status, 503)
    })
  }
)
