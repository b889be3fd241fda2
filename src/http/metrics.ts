/**
 * Prometheus metrics, on a port of their own: they are for who runs Dateline, and must answer when its listener does
 * not. What only exists when somebody looks (the pool, the cache, the feed) is read then.
 */
import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Database } from '../database/database.ts'

/** Something to look at when asked, such as the length of a queue: figures by name, told with what they are. */
export type Figures = { names: Record<string, string>; read: () => Promise<Record<string, number>> }

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Serves them once the app listens, on `port` of `host`, until it closes. `more` are figures of other parts. */
export function registerMetrics(
  app: FastifyInstance,
  db: Database,
  { port, host }: { port: number; host: string },
  more: Figures[]
) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  countRequests(app, registers)
  const figures = [ofCache(app), ofPool(db), ...more]
  const told = figures.map(({ names, read }) => ({
    read,
    setters: Object.fromEntries(
      Object.entries(names).map(([name, help]) => [name, setterOf(name, help, registers)])
    )
  }))

  const look = async () => {
    for (const { read, setters } of told) {
      // A figure that cannot be read now is not told, and hides none of the others.
      const found = await read().catch(() => ({}) as Record<string, number>)
      for (const [name, set] of Object.entries(setters)) set(found[name])
    }
    return registry.metrics()
  }

  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics')
      return response.writeHead(404).end()
    look().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (err) => {
        app.log.error({ err }, 'the metrics cannot be told')
        response.writeHead(500).end()
      }
    )
  })
  app.addHook(
    'onListen',
    () =>
      new Promise<void>((listening, failed) => {
        server.once('error', failed).listen(port, host, () => listening())
      })
  )
  app.addHook('onClose', async () => {
    server.close()
    server.closeAllConnections()
    registry.clear()
  })
}

/** What only grows is a counter, and by Prometheus's custom named so. */
function setterOf(name: string, help: string, registers: Registry[]): (value: number | undefined) => void {
  if (!name.endsWith('_total')) {
    const gauge = new Gauge({ name, help, registers })
    return (value) => gauge.set(value ?? Number.NaN)
  }
  const counter = new Counter({ name, help, registers })
  return (value) => {
    counter.reset()
    counter.inc(value ?? 0)
  }
}

/** By route as it is written, never by address: those are without number. Answers from the cache are counted in it. */
function countRequests(app: FastifyInstance, registers: Registry[]) {
  const labelNames = ['route', 'method', 'status'] as const
  const durations = new Histogram({
    name: 'dateline_request_duration_seconds',
    help: 'How long requests took that were not answered from the cache.',
    labelNames,
    buckets: SECONDS,
    registers
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = (!request.is404 && request.route.url) || 'none'
    const status = `${Math.floor(reply.statusCode / 100)}xx`
    durations.observe({ route, method: request.method, status }, reply.elapsedTime / 1_000)
    done()
  })
}

/** Counted by the cache itself with a plain number. */
function ofCache({ cache }: FastifyInstance): Figures {
  return {
    names: {
      dateline_cache_hits_total: 'Requests answered with what is kept.',
      dateline_cache_misses_total: 'Answers of the content side that were read from the database.',
      dateline_cache_bytes: 'Room that kept answers take.',
      dateline_cache_entries: 'Kept answers.'
    },
    read: async () => ({
      dateline_cache_hits_total: cache.hits,
      dateline_cache_misses_total: cache.misses,
      dateline_cache_bytes: cache.store.bytes,
      dateline_cache_entries: cache.store.size
    })
  }
}

function ofPool(db: Database): Figures {
  return {
    names: {
      dateline_pool_connections: 'Connections to the database for requests.',
      dateline_pool_idle: 'Those that nobody uses.',
      dateline_pool_waiting: 'Requests that wait for one.',
      dateline_pool_waited_seconds: 'How long the first of them has waited.',
      dateline_reader_pool_waiting:
        'Requests of the content side that wait for one: of its own role, where it has one.',
      dateline_reader_pool_waited_seconds: 'How long the first of them has waited.'
    },
    read: async () => {
      const { total, idle, waiting, waitedMs } = db.pool()
      const readers = db.readerPool()
      return {
        dateline_reader_pool_waiting: readers.waiting,
        dateline_reader_pool_waited_seconds: readers.waitedMs / 1_000,
        dateline_pool_connections: total,
        dateline_pool_idle: idle,
        dateline_pool_waiting: waiting,
        dateline_pool_waited_seconds: waitedMs / 1_000
      }
    }
  }
}
