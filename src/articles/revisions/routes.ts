import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { ifMatch, sendVersion } from '../../http/preconditions.ts'
import { problems } from '../../http/problems.ts'
import { IdParams, IfMatch, ref } from '../../http/wire.ts'
import { compareRevisions, getRevision, listRevisions, restoreRevision } from './revisions.ts'
import {
  ArticleDiff,
  DiffQuery,
  RestoredArticle,
  Revision,
  RevisionList,
  RevisionParams,
  RevisionQuery
} from './schema.ts'

export const revisionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/articles/:id/revisions',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'listRevisions',
        tags: ['Articles'],
        summary: 'The versions of an article, newest first',
        params: IdParams,
        querystring: RevisionQuery,
        response: { 200: RevisionList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listRevisions(app.db, request.user, id, app.pages(`revisions of ${id}`, request.query))
    }
  )

  app.get(
    '/v1/articles/:id/revisions/:version',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'getRevision',
        tags: ['Articles'],
        summary: 'An article as it was at one version',
        params: RevisionParams,
        response: { 200: ref(Revision), ...problems(404) }
      }
    },
    async (request) => getRevision(app.db, request.user, request.params.id, request.params.version)
  )

  app.post(
    '/v1/articles/:id/revisions/:version/restore',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'restoreRevision',
        tags: ['Articles'],
        summary: 'Write an article again as it was at one version',
        description:
          'Makes a new version with the content of the old one; slug and stage stay. Tags merged since are those they were merged into; what was deleted since is left out and listed in `dropped`. Changes nothing when the working copy is like that already.',
        params: RevisionParams,
        headers: IfMatch,
        response: { 200: ref(RestoredArticle), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const { id, version } = request.params
      const article = await restoreRevision(
        app.db,
        actorOf(request),
        request.user,
        id,
        ifMatch(request),
        version
      )
      sendVersion(reply, article.version)
      return article
    }
  )

  app.get(
    '/v1/articles/:id/diff',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'diffArticle',
        tags: ['Articles'],
        summary: 'What differs between two versions of an article',
        description:
          'Blocks are matched by `_key`; those whose keys differ, by their content. Paragraphs that were written without keys (Markdown, HTML) and changed in place are matched when half of their words are the same. Of very many or very large changes the words are not told apart: they are one removed and one inserted stretch.',
        params: IdParams,
        querystring: DiffQuery,
        response: { 200: ref(ArticleDiff), ...problems(404) }
      }
    },
    async (request) => {
      const { from, to } = request.query
      return compareRevisions(app.db, request.user, request.params.id, from, to)
    }
  )
}
