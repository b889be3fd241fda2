import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { cursorsOf, listChanges, placeOf, readChanges, refuseExpired, shownAs, walkOf } from './changes.ts'
import { Changes, ChangesQuery, StreamQuery } from './changes-schema.ts'
import { openStreams } from './stream.ts'

const order =
  'In one order for everybody, in which nothing is ever put in later: whoever applies all of it in turn has exactly what is live. Begins with the last word on everything live that is older, so a client may begin with nothing. Kept for 30 days; an older cursor is 410 `cursor_expired`, and the client begins again.'

const events = {
  200: {
    description:
      'Server-sent events: `id` is the cursor, `event` the type (`upsert` or `remove`), `data` a Change. A comment comes every 15 seconds when there is nothing to tell.',
    content: {
      'text/event-stream': { schema: Type.Unsafe<string>({ description: 'Text that has no end.' }) }
    }
  }
}

const keeping = (authorization: string | undefined) =>
  authorization ? 'private, no-store' : 'public, max-age=0, s-maxage=1'

export const changesRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const streams = openStreams(app.reader, (err) => app.log.error({ err }, 'changes could not be read'))
  app.addHook('preClose', async () => streams.close())

  app.get(
    '/v1/content/changes',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listChanges',
        tags: ['Content'],
        summary: 'Every change of what is live',
        description: order,
        querystring: ChangesQuery,
        response: { 200: Changes, ...problems(410) }
      }
    },
    async (request, reply) => {
      const changes = await listChanges(app.reader, app.follow, request.query)
      reply.header('cache-control', keeping(request.headers.authorization))
      return changes
    }
  )

  app.get(
    '/v1/content/stream',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'streamChanges',
        tags: ['Content'],
        summary: 'The changes as server-sent events',
        description: `${order} Resumes after \`Last-Event-ID\`, which counts more than \`cursor\`. A client that does not read for 30 seconds is let go.`,
        querystring: StreamQuery,
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ maxLength: 200, description: 'The `id` of the last event that came.' })
          )
        }),
        response: { ...events, ...problems(410, 503) }
      }
    },
    async (request, reply) => {
      const { cursor, locale } = request.query
      const cursors = cursorsOf(app.follow, request.query)
      // An empty one is what a browser has before the first event.
      const last = request.headers['last-event-id'] || undefined
      const place =
        last === undefined ? placeOf(cursors, cursor) : placeOf(cursors, last, '/header/last-event-id')
      const found = await readChanges(app.reader, place?.position ?? 0, locale, 0)
      refuseExpired(place, found)
      const walk = walkOf(place, found)
      if (streams.full)
        throw new Problem('too_many_streams', 'Come back later.', { headers: { 'retry-after': '5' } })
      reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store')
      reply.header('x-accel-buffering', 'no')
      if (request.method === 'HEAD') return reply.send('') as never
      // When it ends so does its connection, which nothing else has to wait for then.
      reply.header('connection', 'close')
      const stream = streams.open(place?.position ?? 0, locale, (row) => {
        const change = shownAs(cursors, walk, row)
        return `id: ${change.id}\nevent: ${change.type}\ndata: ${JSON.stringify(change)}\n\n`
      })
      // Who takes nothing does not take the end either, and would keep us from closing.
      stream.once('close', () =>
        setTimeout(() => reply.raw.writableFinished || reply.raw.destroy(), 1000).unref()
      )
      return reply.send(stream as never) as never
    }
  )
}
