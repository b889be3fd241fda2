import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { articleAddress } from '../content/addresses.ts'
import { Gone, NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { Closed, Nothing } from '../http/wire.ts'
import { followShareLink } from './clicks.ts'

const CodeParams = Closed({ code: Type.String({ minLength: 1, maxLength: 400 }) })

export const followRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/s/:code',
    {
      // Whatever others hang on a link (fbclid, gclid) must not break it: it is passed on.
      config: { access: 'public', anyQuery: true },
      schema: {
        operationId: 'followShareLink',
        tags: ['Share links'],
        summary: 'Follow a short link',
        description:
          'Leads to the article’s present address, with its UTM parameters and whatever the query holds. The click is counted before the answer is sent. Unknown, or not live: 404. Archived, expired, or its article withdrawn: 410.',
        params: CodeParams,
        response: {
          302: Nothing('To the article.', {
            headers: { location: { type: 'string', description: 'The article’s address.' } }
          }),
          ...problems(404, 410)
        }
      }
    },
    async (request, reply) => {
      const link = await followShareLink(app.db, request.params.code, request.method === 'GET')
      if (!link) throw NotFound('share link')
      if (link.archived || link.withdrawn) throw Gone('share link')
      if (!link.slug || !link.locale) throw NotFound('share link')
      if (link.expired) throw Gone('share link')
      const address = new URL(articleAddress(link.articleUrl, app.publicUrl, link.locale, link.slug))
      for (const [name, values] of Object.entries(request.query as Record<string, string | string[]>)) {
        for (const value of [values].flat()) address.searchParams.append(name, value)
      }
      for (const name of ['source', 'medium', 'campaign', 'term', 'content']) {
        const value = link.utm[name]
        if (value) address.searchParams.set(`utm_${name}`, value)
      }
      return reply
        .code(302)
        .header('location', address.href)
        .header('cache-control', 'private, no-store')
        .send(undefined)
    }
  )
}
