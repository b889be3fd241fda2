import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { CodeParams } from '../content/share-schema.ts'
import { Group } from '../groups.ts'
import { Gone } from '../http/errors.ts'
import { missed } from '../http/limits.ts'
import { problems } from '../http/problems.ts'
import { Nothing } from '../http/wire.ts'
import { type Agent, agentOf, isLookingAhead } from './agents.ts'
import { cardOf } from './cards.ts'
import { type Ask, followShareLinks, type Told } from './clicks.ts'
import { countryOf, referrerOf } from './origins.ts'
import { articleOf, expiredTargetOf, targetOf } from './targets.ts'

const location = {
  headers: { location: { type: 'string', description: 'The article’s address, or `expiredUrl`.' } }
}

/** The card is for robots: nothing in it runs, loads or is framed. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A proxy that is not trusted is anybody: an address that came through one that is has two hops at least. */
const throughTrustedProxy = (request: FastifyRequest) => (request.ips?.length ?? 0) > 1

function askOf(request: FastifyRequest, code: string, { robot, device }: Agent): Ask {
  const { headers, method } = request
  return {
    code: code.toLowerCase(),
    counts: method === 'GET' && !isLookingAhead(headers),
    robot,
    device,
    referrer: referrerOf(headers.referer),
    country: throughTrustedProxy(request) ? countryOf(headers) : ''
  }
}

export const followingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const clicks = new Group<Ask, Told>((asked) => followShareLinks(app.db, asked))

  app.get(
    '/s/:code',
    {
      // Whatever others hang on a link (fbclid, gclid) must not break it: it is passed on.
      config: { access: 'public', anyQuery: true },
      schema: {
        operationId: 'followShareLink',
        tags: ['Share links'],
        summary: 'Follow a short link',
        description: `Leads to the article’s present address, with the link’s UTM parameters and what else the query holds (all of it, or nothing where the address would be longer than 2,000 characters). The click is counted before the answer is sent. HEAD and browsers that look ahead (\`Sec-Purpose: prefetch\`) are answered alike and not counted.

Robots that preview links, and crawlers, get a small page with Open Graph tags instead; programs such as curl are redirected. All of them are counted apart from people and never use up \`maxClicks\`.

Unknown, not valid yet, or its article not live: 404. Archived, or its article withdrawn: 410. Expired or used up: a redirect to \`expiredUrl\`, else 410. An address that asked for 30 codes that are not there within a minute gets 429 instead of 404 and 410 until the minute is over; links that work are never limited.`,
        params: CodeParams,
        response: {
          200: {
            description: 'For robots: a card of the article.',
            headers: {
              'x-robots-tag': { type: 'string', description: '`noindex`, unless the link is indexable.' }
            },
            content: { 'text/html': { schema: { type: 'string' } } }
          },
          301: Nothing('To the article, for a link that is permanent.', location),
          302: Nothing('To the article.', location),
          ...problems(404, 410, 429)
        }
      }
    },
    async (request, reply) => {
      const agent = agentOf(request.headers['user-agent'])
      const ask = askOf(request, request.params.code, agent)
      const told = await clicks.ask(ask)
      if (told.verdict === 'unknown') throw await missed(app.guesses, request.ip, 'share link')
      const expired = told.verdict === 'over' ? expiredTargetOf(told.link, app.publicUrl) : null
      if (told.verdict !== 'open' && expired === null) {
        await app.guesses.refuseSpent(request.ip)
        throw Gone('share link')
      }
      reply.header('cache-control', 'private, no-store')
      if (told.verdict !== 'open') return reply.code(302).header('location', expired).send(undefined)
      const { link } = told
      const target = targetOf(link, app.publicUrl, request.query as Record<string, string | string[]>)
      if (agent.reads) {
        if (!link.indexable) reply.header('x-robots-tag', 'noindex')
        reply.header('content-security-policy', CONTENT_SECURITY_POLICY).type('text/html; charset=utf-8')
        const shortAddress = `${app.publicUrl}/s/${link.presentCode}`
        return cardOf(link, shortAddress, articleOf(link, app.publicUrl), target)
      }
      if (link.redirectStatus === 301) reply.header('cache-control', 'private, max-age=90')
      return reply.code(link.redirectStatus).header('location', target).send(undefined)
    }
  )
}
