import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answer } from '../http/answers.ts'
import { Gone, Invalid, NotFound } from '../http/errors.ts'
import { missed } from '../http/limits.ts'
import { problems } from '../http/problems.ts'
import { ref } from '../http/wire.ts'
import { addressWith } from './addresses.ts'
import { moved, unchanged } from './answer-schema.ts'
import { shareKey, slugKey } from './keys.ts'
import { type Drawing, findQr, qrPng, qrSvg } from './qr.ts'
import { LocaleQuery, SlugParams } from './schema.ts'
import { findShareBar } from './share-bar.ts'
import { CodeParams, QrQuery, ShareBar } from './share-schema.ts'

const pictures: [file: string, type: string, operationId: string, draw: typeof qrSvg | typeof qrPng][] = [
  ['qr.svg', 'image/svg+xml', 'getQrSvg', qrSvg],
  ['qr.png', 'image/png', 'getQrPng', qrPng]
]

/** Passing on what one read: the share bar of an article, and QR codes of short addresses. */
export const shareRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/v1/content/articles/:slug/share',
    {
      config: { access: 'public', accessAt: 'editor' },
      schema: {
        operationId: 'getShareBar',
        tags: ['Content'],
        summary: 'The share bar of a live article',
        description:
          'Words in the language of the article (where nobody has any, those of the first fallback that has; a site in such a language gives `sharePrompt`, `copyLink`, `linkCopied` and `email` together), and for each network of its site that network’s page for sharing with a short link of the article filled in. Found as the article is: by slug, former slug, and along the fallbacks. Links that lead nowhere right now (archived, not yet valid, expired, used up) are left out.',
        params: SlugParams,
        querystring: LocaleQuery,
        response: { 200: ref(ShareBar), ...moved, ...unchanged, ...problems(404, 410) }
      }
    },
    (request, reply) =>
      answer(request, reply, async () => {
        const { slug } = request.params
        const found = await findShareBar(app.reader, app.publicUrl, { slug, ...request.query })
        if (!found) throw NotFound('article')
        if (found.state === 'gone') throw Gone('article')
        const keys = ['addresses', slugKey(slug)]
        if (found.state === 'moved') {
          const movedTo = addressWith(`/v1/content/articles/${found.slug}/share`, request.query, found.locale)
          return { movedTo, keys: [...keys, `article:${found.articleId}`] }
        }
        const { bar, locale } = found
        return { ...bar, locale, keys: [...keys, ...bar.keys] }
      })
  )

  for (const [file, type, operationId, draw] of pictures) {
    app.get(
      `/s/:code/${file}`,
      {
        config: { access: 'public' },
        schema: {
          operationId,
          tags: ['Share links'],
          summary: `The QR code of a short link, as ${type === 'image/png' ? 'PNG' : 'SVG'}`,
          description:
            'Of the short address with the code the link has now; also of one that has expired or is used up. Unknown, not yet valid, or its article not live: 404. Archived, or its article withdrawn: 410. Asking for codes that are not there is limited as it is in following them.',
          params: CodeParams,
          querystring: QrQuery,
          response: {
            200: {
              description: 'The picture.',
              content: {
                [type]: {
                  schema: type === 'image/png' ? { type: 'string', format: 'binary' } : { type: 'string' }
                }
              }
            },
            ...unchanged,
            ...problems(404, 410, 429)
          }
        }
      },
      (request, reply) =>
        answer(request, reply, async () => {
          const link = await findQr(app.reader, request.params.code)
          if (!link) throw await missed(app.guesses, request.ip, 'share link')
          if (link.gone) {
            await app.guesses.refuseSpent(request.ip)
            throw Gone('share link')
          }
          const drawing: Drawing = { size: request.query.size ?? 512, margin: request.query.margin ?? 4 }
          const text = draw(`${app.publicUrl}/s/${link.presentCode}`, drawing)
          if (text === null)
            throw Invalid('/query/size', 'leaves no room for the code and its margin', 'too_small')
          return { text, type, keys: [`article:${link.articleId}`, shareKey(link.articleId)] }
        })
    )
  }
}
