/** The one place where a refusal becomes an answer (RFC 9457), and the pages that explain each kind. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { v7 as uuid } from 'uuid'
import { refusalOf } from '../database/database.ts'
import { Conflict, Invalid, NotFound, Problem, type ProblemCode, problemTable } from './errors.ts'
import type { HeadersFor } from './headers.ts'
import { Closed } from './wire.ts'

const codes = Object.keys(problemTable) as ProblemCode[]

export const FaultSchema = Closed(
  {
    pointer: Type.String({
      description: 'JSON pointer (RFC 6901) into the body, or `/query/…`, `/path/…`, `/header/…`.',
      examples: ['/headline']
    }),
    code: Type.String({ description: 'The rule that was broken.', examples: ['required'] }),
    message: Type.String({ examples: ['is missing'] })
  },
  { $id: 'Fault', description: 'One fault in the request.' }
)

/** Members beside the standard ones (`currentVersion`, `existingId`) are told where they come. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri-reference', description: 'A page that explains the code.' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    code: Type.Enum(codes, {
      'x-extensible': true,
      description:
        'What went wrong, for programs. More codes may come; what a client does not know, its status tells.'
    }),
    errors: Type.Optional(Type.Array(Type.Unsafe({ $ref: 'Fault#' }), { maxItems: 100 })),
    requestId: Type.String(),
    currentVersion: Type.Optional(Type.Integer({ description: 'With `stale_version`: what to read again.' })),
    existingId: Type.Optional(
      Type.String({ description: 'With `share_link_exists`: the link that is there.' })
    )
  },
  {
    $id: 'Problem',
    additionalProperties: false,
    description: 'Every refusal looks like this (RFC 9457).',
    examples: [
      {
        type: '/problems/stale_version',
        title: problemTable.stale_version[1],
        status: 412,
        detail: 'The current version is 8.',
        code: 'stale_version',
        requestId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        currentVersion: 8
      }
    ]
  }
)

const descriptions: Record<number, string> = {
  400: 'The request is not valid.',
  401: 'No valid access token or API key.',
  403: 'You may not do this.',
  404: 'There is nothing here, or nothing you may know of.',
  405: 'This address does not take that method.',
  409: 'It does not fit with what is there.',
  410: 'It was here and has been taken away.',
  412: 'The thing has changed since you read it.',
  413: 'The body is too large.',
  415: 'This media type is not taken.',
  422: 'The Idempotency-Key belongs to another request.',
  428: 'If-Match is required.',
  429: 'Too much was asked for from your address.',
  500: 'Something broke on our side.',
  503: 'Not available right now.'
}

/** Answers for `schema.response`. What every route can answer is added by `openapi.ts`. */
export function problems(...statuses: number[]): Record<number, TSchema> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: descriptions[status] ?? 'A problem.',
        content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } }
      } as unknown as TSchema
    ])
  )
}

/** Something named in the request went away while it was handled. */
const Vanished = (what: string) =>
  Conflict('unknown_reference', `A ${what} named in the request was removed.`)

/**
 * Constraints whose refusal means something to the caller. Each is named once, here. Whether a tag or author is in use is
 * counted under its lock before it goes, so what their foreign keys refuse is a name that went away.
 */
const constraints: Record<string, () => Problem> = {
  users_email: () => Conflict('email_taken', 'Another person has this e-mail address.'),
  authors_slug: () => Conflict('slug_taken', 'Another author has this slug.'),
  authors_user: () => Conflict('user_taken', 'This user has an author already.'),
  authors_user_id_fkey: () => Invalid('/userId', 'is not a user', 'unknown_id'),
  tag_slugs_slug: () =>
    Conflict('slug_taken', 'Another tag has one of these slugs as its own or as an alias.'),
  tags_parent: () => Conflict('tag_in_use', 'The parent asked for is gone, or tags stand below this one.'),
  tags_no_cycle: () =>
    Conflict('tag_cycle', 'The parent asked for is the tag itself or one of the tags below it.'),
  article_tags_tag: () => Vanished('tag'),
  article_authors_author: () => Vanished('author'),
  publication_tags_tag: () => Vanished('tag'),
  publication_authors_author: () => Vanished('author'),
  lists_tail_tag: () => Vanished('tag'),
  lists_slug: () => Conflict('slug_taken', 'Another list has this slug.'),
  redirects_path: () => Conflict('path_taken', 'Another redirect leads from this path.'),
  articles_slug: () => Conflict('slug_taken', 'Another article of this locale has this slug.'),
  articles_story: () => Conflict('translation_exists', 'The story has an article in this locale.'),
  publications_one_per_slug: () => Conflict('slug_promised', 'Another article has this slug at that time.'),
  publications_one_per_article: () =>
    Conflict('timeline_conflict', 'Something else is on the timeline at that time.'),
  share_links_code: () => Conflict('code_taken', 'This code is taken.'),
  share_codes_code: () => Conflict('code_taken', 'This code is taken, or was once.'),
  share_links_article: () => NotFound('article')
}

/** SQLSTATEs that say "not now": too busy, going down, or a wait that was cut short. */
const NOT_NOW = new Set([
  '53300',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '55P03',
  '08000',
  '08003',
  '08006',
  '25P03',
  '40001',
  '40P01'
])
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOENT',
  'EPIPE',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028'
])

/** Said by `pg` and by src/database/pool.ts in words only. */
const WAITED_IN_VAIN =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|No connection to the database became free|The database did not answer/

/** The refusal an error stands for: thrown as one, or said by the database or by Fastify. `internal_error` for all others. */
export function problemOf(error: Error & { code?: string }): Problem {
  if (error instanceof Problem) return error
  const { state, constraint } = refusalOf(error)
  const refusal = constraint && constraints[constraint]
  if (refusal) return refusal()
  if (
    (state && NOT_NOW.has(state)) ||
    UNREACHABLE.has(error.code ?? '') ||
    WAITED_IN_VAIN.test(error.message)
  ) {
    return new Problem('unavailable', 'The database did not answer in time.', {
      headers: { 'retry-after': '1' }
    })
  }
  return fromFastify(error) ?? new Problem('internal_error', 'The error was logged under this request id.')
}

function fromFastify({ code, message }: Error & { code?: string }): Problem | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('body_too_large', 'The body has more bytes than are taken here.')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('unsupported_media_type', message)
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('malformed_json', 'Content-Length is not the length of the body.')
    case 'FST_ERR_BAD_URL':
      return Invalid('/path', 'is not a valid address')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem('uri_too_long', 'A part of the address is longer than any we have.')
  }
}

/** The body of the answer. */
export function problemBody(problem: Problem, requestId: string) {
  const [status, title] = problemTable[problem.code]
  return {
    type: `/problems/${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    ...(problem.errors && { errors: problem.errors }),
    ...problem.members,
    requestId
  }
}

function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply) {
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('cache-control', 'no-store')
    .header('x-request-id', request.id)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemBody(problem, request.id))
}

/** What an error refuses a request with. What is no refusal is our fault, and is logged. */
export function refusalOfRequest(error: Error, request: FastifyRequest): Problem {
  // Whoever sent half a body and left looks, from here, like a database that did.
  const left = request.raw.destroyed && !request.raw.complete
  const problem = left
    ? new Problem('incomplete_body', 'The connection was closed before the whole body had arrived.')
    : problemOf(error)
  if (problem.status >= 500) request.log.error({ err: error }, 'request failed')
  return problem
}

export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  return sendProblem(refusalOfRequest(error, request), request, reply)
}

/** What Node's own parser refuses never becomes a request: the answer is written to the socket. */
export const clientErrors =
  (everyAnswer: HeadersFor) => (error: Error & { code?: string }, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const problem =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? new Problem('headers_too_large', 'The request line and headers together have more than 16 KiB.')
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? new Problem('request_timeout', 'The request did not arrive within 15 seconds.')
          : new Problem('malformed_request', 'The request could not be read as HTTP/1.1.')
    const requestId = uuid()
    const body = JSON.stringify(problemBody(problem, requestId))
    const headers = everyAnswer(requestId)
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      ...headers.flatMap((name, index) => (index % 2 ? [] : `${name}: ${headers[index + 1]}`)),
      'connection: close'
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  }

/** `allowedAt` answers with the methods of a path that is known, for methods no route could be registered for. */
export function registerProblems(app: FastifyInstance, allowedAt: (path: string) => string | undefined) {
  app.setErrorHandler(handleError)
  app.setNotFoundHandler((request, reply) => {
    const allow = allowedAt(request.url.split('?')[0] ?? '')
    const problem = allow
      ? new Problem('method_not_allowed', `It takes ${allow}.`, { headers: { allow } })
      : NotFound('page')
    return sendProblem(problem, request, reply)
  })
}

export const problemRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/problems',
    {
      config: { access: 'public', tellsOfTokens: true },
      schema: {
        operationId: 'listProblems',
        tags: ['About'],
        summary: 'Every kind of refusal',
        response: { 200: htmlPage }
      }
    },
    async (_request, reply) => {
      reply.type('text/html; charset=utf-8')
      return page(
        'Problems',
        `<ul>${codes.map((code) => `<li><a href="/problems/${code}">${code}</a>: ${problemTable[code][1]}`).join('')}</ul>`
      )
    }
  )
  app.get(
    '/problems/:code',
    {
      config: { access: 'public', tellsOfTokens: true },
      schema: {
        operationId: 'getProblem',
        tags: ['About'],
        summary: 'What one kind of refusal means',
        params: Closed({ code: Type.String({ maxLength: 100 }) }),
        response: { 200: htmlPage, ...problems(404) }
      }
    },
    async (request, reply) => {
      const entry =
        Object.hasOwn(problemTable, request.params.code) && problemTable[request.params.code as ProblemCode]
      if (!entry) throw NotFound('problem')
      reply.type('text/html; charset=utf-8')
      return page(
        request.params.code,
        `<p>Status ${entry[0]}. <strong>${entry[1]}.</strong></p><p>${entry[2]}</p><p><a href="/problems">All problems</a></p>`
      )
    }
  )
}

const htmlPage = {
  description: 'A page for people.',
  content: { 'text/html': { schema: { type: 'string' } } }
}

const page = (title: string, content: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1>${content}</html>\n`
