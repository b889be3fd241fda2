import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { actorOf } from '../http/actor.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problemBody, problems, refusalOfRequest } from '../http/problems.ts'
import { IdParams, IfMatch, Nothing, ref } from '../http/wire.ts'
import { findOrCreateEach } from './bulk.ts'
import { getShareLink, listLinksOf, listShareLinks, type ShareLinkView } from './reading.ts'
import {
  ArticleShareLinkQuery,
  NewArticleShareLink,
  NewShareLink,
  ShareLink,
  ShareLinkBulk,
  ShareLinkBulkAnswer,
  ShareLinkList,
  ShareLinkPatch,
  ShareLinkQuery
} from './schema.ts'
import { archiveShareLink, changeShareLink, findOrCreateShareLink } from './share-links.ts'

function answer(reply: FastifyReply, { made, link }: { made: boolean; link: ShareLinkView }) {
  sendVersion(reply, link.version)
  if (made) reply.code(201).header('location', `/v1/share-links/${link.id}`)
  return link
}

export const shareLinkRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/share-links',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'listShareLinks',
        tags: ['Share links'],
        summary: 'Share links by their filters',
        description:
          'Newest first, unless `sort` says otherwise. Clicks that come in meanwhile move a link in an order by clicks.',
        querystring: ShareLinkQuery,
        response: { 200: ShareLinkList }
      }
    },
    async (request) =>
      listShareLinks(app.db, app.publicUrl, request.query, app.pages('share-links', request.query))
  )

  app.post(
    '/v1/share-links',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'createShareLink',
        tags: ['Share links'],
        summary: 'Make a share link, or find it',
        description:
          'There is one link for each article, channel and campaign: asking again answers 200 with the one that is there, or 409 `share_link_exists` when another value asked for differs from what it has. Every article that was ever put on the timeline has links without a campaign for the channels of its site, `copy` and `qr`, unless they were archived.',
        body: ref(NewShareLink),
        response: { 200: ref(ShareLink), 201: ref(ShareLink), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const { articleId, ...wishes } = request.body
      return answer(
        reply,
        await findOrCreateShareLink(
          request.db,
          actorOf(request),
          request.user,
          app.publicUrl,
          articleId,
          wishes
        )
      )
    }
  )

  app.post(
    '/v1/share-links/bulk',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'createShareLinks',
        tags: ['Share links'],
        summary: 'Make or find up to 100 share links',
        description:
          'One after another, each checked as the single call is and made, found or refused by itself. Answers 200 with what became of each, in their order: the status the single call would have answered, with the link or the problem.',
        body: ref(ShareLinkBulk),
        response: { 200: ref(ShareLinkBulkAnswer) }
      }
    },
    async (request) => {
      const { items } = request.body
      const outcomes = await findOrCreateEach(app.db, actorOf(request), request.user, app.publicUrl, items)
      const data = outcomes.map((outcome) => {
        if (!('error' in outcome)) return outcome
        const problem = refusalOfRequest(outcome.error, request)
        return {
          articleId: outcome.articleId,
          status: problem.status,
          problem: problemBody(problem, request.id)
        }
      })
      return { data }
    }
  )

  app.get(
    '/v1/articles/:id/share-links',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'listArticleShareLinks',
        tags: ['Share links'],
        summary: 'The share links of an article',
        params: IdParams,
        querystring: ArticleShareLinkQuery,
        response: { 200: ShareLinkList, ...problems(404) }
      }
    },
    async (request) => {
      const { id } = request.params
      return listLinksOf(
        app.db,
        request.user,
        app.publicUrl,
        id,
        request.query,
        app.pages(`share-links of ${id}`, request.query)
      )
    }
  )

  app.post(
    '/v1/articles/:id/share-links',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'createArticleShareLink',
        tags: ['Share links'],
        summary: 'Make a share link of an article, or find it',
        params: IdParams,
        body: ref(NewArticleShareLink),
        response: { 200: ref(ShareLink), 201: ref(ShareLink), ...problems(404, 409) }
      }
    },
    async (request, reply) =>
      answer(
        reply,
        await findOrCreateShareLink(
          request.db,
          actorOf(request),
          request.user,
          app.publicUrl,
          request.params.id,
          request.body
        )
      )
  )

  app.get(
    '/v1/share-links/:id',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'getShareLink',
        tags: ['Share links'],
        summary: 'One share link',
        params: IdParams,
        response: { 200: ref(ShareLink), ...problems(404) }
      }
    },
    async (request, reply) =>
      answer(reply, { made: false, link: await getShareLink(app.db, app.publicUrl, request.params.id) })
  )

  app.patch(
    '/v1/share-links/:id',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'changeShareLink',
        tags: ['Share links'],
        summary: 'Change a share link',
        params: IdParams,
        headers: IfMatch,
        body: ref(ShareLinkPatch),
        response: { 200: ref(ShareLink), ...problems(404, 409) }
      }
    },
    async (request, reply) => {
      const link = await changeShareLink(
        app.db,
        actorOf(request),
        request.user,
        app.publicUrl,
        request.params.id,
        ifMatch(request),
        request.body
      )
      return answer(reply, { made: false, link })
    }
  )

  app.delete(
    '/v1/share-links/:id',
    {
      config: { access: 'author' },
      schema: {
        operationId: 'archiveShareLink',
        tags: ['Share links'],
        summary: 'Archive a share link',
        description: 'Who follows it gets 410; its counts stay.',
        params: IdParams,
        headers: IfMatch,
        response: { 204: Nothing('Archived.'), ...problems(404) }
      }
    },
    async (request, reply) => {
      await archiveShareLink(
        app.db,
        actorOf(request),
        request.user,
        app.publicUrl,
        request.params.id,
        ifMatch(request)
      )
      return reply.code(204).send(undefined)
    }
  )
}
