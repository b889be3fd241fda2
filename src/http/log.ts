/** What goes into the log, and what does not: no tokens, and no text of a newsroom's articles. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { Database } from '../database/database.ts'

/** Prisma's messages quote the values of the failed call: only their last line, which says what was wrong, is kept. */
export function describeError(error: Error & { code?: string }) {
  const fromPrisma = error.name.startsWith('PrismaClient')
  const message = fromPrisma ? (error.message.trim().split('\n').at(-1) ?? '') : error.message
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    type: error.name,
    ...(error.code !== undefined && { code: error.code }),
    message,
    ...(error.cause instanceof Error && { cause: error.cause.message }),
    stack: frames.join('\n')
  }
}

export const logSecrets = ['req.headers.authorization', 'req.headers.cookie']

/** What follows is a secret. Also where it is hidden in percent-encodings, stands in another address, or was mistyped. */
const SECRET = /\/v1\/content\/previews\/|dl[opr]?_|whsec_|eyJ[\w-]+\./i

export function withoutSecrets(url: string): string {
  let plain = url
  for (let before = ''; before !== plain; ) {
    before = plain
    plain = plain.replace(/%[2-7][0-9A-Fa-f]/g, decodeURIComponent)
  }
  const match = SECRET.exec(plain)
  if (!match) return url
  // Of a token not even its beginning.
  const [shown] = /^eyJ/i.test(match[0]) ? ['eyJ'] : match
  return `${plain.slice(0, match.index)}${shown}***`
}

/** As Fastify tells of a request, but for secrets in its address. */
export function describeRequest(request: FastifyRequest) {
  return {
    method: request.method,
    url: withoutSecrets(request.url),
    version: request.headers?.['accept-version'] as string | undefined,
    host: request.host,
    ...(!request.routeOptions.config?.anonymous && {
      remoteAddress: request.ip,
      remotePort: request.socket?.remotePort
    })
  }
}

/**
 * One line for each request, when it is answered. What readers were given is told at `debug` only: answers from the
 * cache leave no line either, and a front end asks thousands of times a second.
 */
export class RequestLog extends LogController {
  override incomingRequest() {}

  override requestCompleted(err: Error | null, request: FastifyRequest, reply: FastifyReply) {
    const { method, routeOptions, log } = request
    const { access, anonymous } = routeOptions.config ?? {}
    const isRead = method === 'GET' || method === 'HEAD' || anonymous
    const level = isRead && access === 'public' && reply.statusCode < 400 ? 'debug' : 'info'
    const told = { req: request, res: reply, responseTime: reply.elapsedTime }
    if (err) log.error({ ...told, err }, 'request failed')
    else log[level](told, 'request completed')
  }
}

const LONGEST_STATEMENT = 2_000

/** A statement's text holds no values: those are parameters. */
export function logSlowStatements(app: FastifyInstance, db: Database, slowMs: number) {
  db.watchSlow(slowMs, (text, ms) => {
    const statement = text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_STATEMENT)
    app.log.warn({ statement, ms: Math.round(ms) }, 'slow statement')
  })
}
