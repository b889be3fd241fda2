import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { listEntries } from './entries.ts'
import { AuditList, AuditQuery } from './schema.ts'

export const auditRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/audit',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listAudit',
        tags: ['Audit'],
        summary: 'Who did what, newest first',
        description:
          'Every change and every sign-in, also refused ones, once. Entries are never changed or deleted. Within seconds each gets a place in a chain of hashes, which anybody can reckon anew from this answer.',
        querystring: AuditQuery,
        response: { 200: AuditList }
      }
    },
    async (request) => listEntries(app.db, request.query, app.pages('audit', request.query))
  )
}
