import type { FastifyRequest } from 'fastify'
import type { Actor } from '../audit/audit.ts'
import { networkOf } from './subscribers.ts'

/** Who acts in this request, as the audit tells it. */
export function actorOf(request: FastifyRequest): Actor {
  return {
    userId: request.user?.id ?? null,
    sessionId: request.user?.sessionId ?? null,
    apiKeyId: request.user?.apiKeyId ?? null,
    network: networkOf(request.ip),
    requestId: request.id
  }
}
