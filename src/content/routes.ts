import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { Invalid, NotFound } from '../http/errors.ts'
import { problems } from '../http/problems.ts'
import { ref } from '../http/wire.ts'
import { unchanged } from './answer-schema.ts'
import { itemKeys } from './keys.ts'
import { ContentList } from './list-schema.ts'
import { readLiveList } from './lists.ts'
import { pathOf } from './paths.ts'
import { resolvePath } from './resolve.ts'
import { Resolved, ResolveQuery } from './resolve-schema.ts'
import { ContentSite, LocaleQuery, SlugParams } from './schema.ts'
import { readPublicSite } from './site.ts'

export const contentRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/lists/:slug',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getLiveList',
        tags: ['Content'],
        summary: 'A curated list in one locale',
        description:
          'Live articles in their order, then the newest of its tail up to its size. Nothing falls back to another language.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ContentList), ...unchanged, ...problems(404) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const found = await readLiveList(app.reader, app.publicUrl, request.params.slug, request.query)
        if (!found) throw NotFound('list')
        const { list, maxAge } = found
        return { data: list, locale: list.locale, keys: [`list:${list.id}`, ...itemKeys(list.data)], maxAge }
      })
  )

  app.get(
    '/v1/content/site',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getPublicSite',
        tags: ['Content'],
        summary: 'Names, navigation, links, terms and reader strings of one locale',
        description: 'A locale that has no site gets the default one; `locale` says which it is.',
        querystring: LocaleQuery,
        response: { 200: ref(ContentSite), ...unchanged, ...problems(404) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const site = await readPublicSite(app.reader, request.query)
        if (!site) throw NotFound('site')
        // Its copyright line holds the year.
        return { data: site as never, locale: site.locale, keys: ['sites'], maxAge: 60 }
      })
  )

  app.get(
    '/v1/content/resolve',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'resolvePath',
        tags: ['Content'],
        summary: 'What an old or outside path is now',
        description:
          'A redirect of this path counts first; then an article whose address on a front end it is, then one with the last part of the path as its present or former slug, then a tag with it as its slug or alias. `gone`: the article was withdrawn.',
        querystring: ResolveQuery,
        response: { 200: ref(Resolved), ...unchanged, ...problems(404) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { path, ...asked } = request.query
        const normal = pathOf(path)
        if (normal === null) throw Invalid('/query/path', 'is neither a path nor an address', 'path')
        const resolved = await resolvePath(app.reader, app.publicUrl, normal, asked)
        if (!resolved) throw NotFound('page')
        return { data: resolved, keys: ['redirects', 'addresses', 'tags', 'articles'] }
      })
  )
}
