import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '../http/wire.ts'
import { agentOf, isLookingAhead } from './agents.ts'
import { makeViewCounter } from './views.ts'
import { forgetVisitors } from './visitor-days.ts'

const MAX_BEACON_BYTES = 65_536

export const viewRoutes: FastifyPluginAsyncTypebox = async (app) => {
  // Who was there on a day is forgotten when the next one begins; also where nobody comes then, or that failed.
  const forget = () =>
    void forgetVisitors(app.db).catch((err) =>
      app.log.error({ err }, 'the visitors of days that are over are not forgotten yet')
    )
  const countView = makeViewCounter(app.db, forget)
  let hourly: NodeJS.Timeout | undefined
  app.addHook('onListen', () => {
    forget()
    hourly = setInterval(forget, 3_600_000).unref()
  })
  app.addHook('onClose', async () => clearInterval(hourly))

  // `navigator.sendBeacon` sends what it likes, as whatever type. It is read to its end and looked at by nobody.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async () => undefined)

  app.post(
    '/v1/content/articles/:id/views',
    {
      config: { access: 'public', anyBody: true, anonymous: true },
      bodyLimit: MAX_BEACON_BYTES,
      schema: {
        operationId: 'countView',
        tags: ['Content'],
        summary: 'The view beacon: a reader has the article before them',
        description:
          'For `navigator.sendBeacon`: a body of any media type is taken, 64 KiB at most, and ignored. 204 says that the view is stored, or was one that does not count: of an article that is not live or not there, by a robot, a browser that only looks ahead (`Sec-Purpose`), one that asks not to be tracked (`DNT: 1`, `Sec-GPC: 1`), or by somebody who was counted here within the last 30 minutes of the same day (UTC). Who somebody is, is a hash of address and browser under a key that is forgotten with the day; neither of them is stored. 503: it may have been counted or not. Do not send it again.',
        params: IdParams,
        response: { 204: Nothing('Counted, or not to be counted.') }
      }
    },
    async ({ params, headers, ip }, reply) => {
      const agent = headers['user-agent']
      const isAsked = headers.dnt !== '1' && headers['sec-gpc'] !== '1'
      if (isAsked && !agentOf(agent).robot && !isLookingAhead(headers))
        await countView(params.id, { address: ip, agent: agent ?? '' })
      return reply.code(204).header('cache-control', 'no-store').send(undefined)
    }
  )
}
