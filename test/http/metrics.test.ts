/** What Prometheus is told. */
import t from 'tap'
import { newsroom, story } from '../helper.ts'
import { freePort } from '../start/process.ts'

const port = await freePort()
const room = await newsroom(t, { metricsPort: port })
const { api, url } = room

const metrics = async () => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1)
    )
  return { text, value }
}

t.test('requests by route, as it is written, and never by address', async (t) => {
  const { slug } = await story(room)
  await api(`GET /v1/content/articles/${slug}?body=text`, { expect: 200 })
  await api('GET /v1/content/articles/never-was-there', { expect: 404 })
  await api('GET /v1/secret-path-that-is-not-there', { expect: 404 })
  await api('GET /v1/me', { expect: 401 })
  const { text, value } = await metrics()
  const count = (route: string, status: string) =>
    value(`dateline_request_duration_seconds_count{route="${route}",method="GET",status="${status}"}`)
  t.equal(count('/v1/content/articles/:slug', '2xx'), 1)
  t.equal(count('/v1/content/articles/:slug', '4xx'), 1)
  t.equal(count('none', '4xx'), 1)
  t.equal(count('/v1/me', '4xx'), 1)
  t.notMatch(text, /secret-path|never-was-there/)
  t.notMatch(text, new RegExp(slug))
})

t.test('kept answers, which reach no route', async (t) => {
  const { slug } = await story(room)
  const address = `${url}/v1/content/articles/${slug}`
  await fetch(address)
  const before = await metrics()
  for (let index = 0; index < 7; index++) await (await fetch(address)).arrayBuffer()
  const after = await metrics()
  t.equal(after.value('dateline_cache_hits_total') - before.value('dateline_cache_hits_total'), 7)
  t.equal(after.value('dateline_cache_misses_total'), before.value('dateline_cache_misses_total'))
  t.ok(after.value('dateline_cache_bytes') > 1_000)
  t.ok(after.value('dateline_cache_entries') >= 1)
})

t.test('the pool, the feed, the process', async (t) => {
  const { value, text } = await metrics()
  t.ok(value('dateline_pool_connections') >= 1)
  t.equal(value('dateline_pool_waiting'), 0)
  t.ok(value('dateline_pool_waited_seconds') >= 0)
  t.ok(value('dateline_feed_unsequenced_events') >= 0)
  t.ok(value('dateline_feed_lag_seconds') >= 0)
  t.equal(value('dateline_webhook_deliveries_waiting'), 0)
  t.equal(value('dateline_webhooks_disabled'), 0)
  t.ok(value('process_resident_memory_bytes') > 0)
  t.match(text, /^# TYPE dateline_cache_hits_total counter$/m)
  t.match(text, /^# TYPE dateline_request_duration_seconds histogram$/m)
})

t.test('nothing else is there, and it is not on the public port', async (t) => {
  t.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404)
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status, 404)
  await api('GET /metrics', { expect: 404 })
})

t.test('without a port there is none', async (t) => {
  const quiet = await newsroom(t)
  t.equal(quiet.config.metricsPort, null)
})
