import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Closed } from './wire.ts'

const Health = Closed({ status: Type.Literal('ok') })

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/health/live',
    {
      config: { access: 'public' },
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
      config: { access: 'public' },
      schema: {
        operationId: 'isReady',
        tags: ['About'],
        summary: 'The database answers too',
        description: '503 while it does not.',
        response: { 200: Health }
      }
    },
    async () => {
      // Beside the pool of requests: a busy instance is ready all the same, and must not be taken out for it.
      await app.db.aside({ text: 'SELECT 1' }, [])
      return { status: 'ok' as const }
    }
  )
}
