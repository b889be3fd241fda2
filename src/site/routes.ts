import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { atLeast } from '../http/access.ts'
import { actorOf } from '../http/actor.ts'
import { ifMatch, sendVersion } from '../http/preconditions.ts'
import { problems } from '../http/problems.ts'
import { IfMatch, LocaleParams, ref } from '../http/wire.ts'
import { Site, SitePatch } from './schema.ts'
import { changeSite, getSite } from './site.ts'

export const siteRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/site/:locale',
    {
      config: { access: 'contributor' },
      schema: {
        operationId: 'getSite',
        tags: ['Site'],
        summary: 'The settings of a locale',
        description: 'A locale that was never set up reads as version 0.',
        params: LocaleParams,
        response: { 200: ref(Site) }
      }
    },
    async (request, reply) => {
      const site = await getSite(app.db, request.params.locale, app.publicUrl)
      sendVersion(reply, site.version)
      return site
    }
  )

  app.patch(
    '/v1/site/:locale',
    {
      config: { access: 'editor', seconds: 60 },
      schema: {
        operationId: 'changeSite',
        tags: ['Site'],
        summary: 'Change the settings of a locale',
        description:
          'A JSON merge patch. The first one sets the locale up. Only admins may change `articleUrl`, also by making a site with another one the default.',
        params: LocaleParams,
        headers: IfMatch,
        body: ref(SitePatch),
        response: { 200: ref(Site), ...problems(409) }
      }
    },
    async (request, reply) => {
      const rights = { mayMove: atLeast(request.user.role, 'admin'), publicUrl: app.publicUrl }
      const site = await changeSite(
        app.db,
        actorOf(request),
        app.check,
        request.params.locale,
        ifMatch(request),
        request.body,
        rights
      )
      sendVersion(reply, site.version)
      return site
    }
  )
}
