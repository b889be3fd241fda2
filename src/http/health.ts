import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from './errors.ts'
import { Closed } from './wire.ts'

const Health = Closed({ status: Type.Literal('ok') })

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/health/live',
    {
      config: { access: 'public', always: true },
      schema: {
        operationId: 'isLive',
        tags: ['About'],
        summary: 'The process answers',
        response: { 200: Health }
      }
    },
    async () => ({ status: 'ok' as const })
  )

  app.get(
    '/health/ready',
    {
      config: { access: 'public', always: true },
      schema: {
        operationId: 'isReady',
        tags: ['About'],
        summary: 'The database answers too',
        description:
          '503 while it does not, and from the moment at which this instance was told to close: it serves on for a while, for balancers to look elsewhere.',
        response: { 200: Health }
      }
    },
    async () => {
      if (app.draining)
        throw new Problem('unavailable', 'This instance is closing.', { headers: { 'retry-after': '2' } })
      // Beside the pool of requests: a busy instance is ready all the same, and must not be taken out for it.
      await app.db.aside({ text: 'SELECT 1' }, [])
      return { status: 'ok' as const }
    }
  )
}
