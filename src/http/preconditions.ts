/** ETags and If-Match (RFC 9110): nobody overwrites what a colleague wrote in between. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem, Stale } from './errors.ts'

/** Says which version an answer shows. Editing answers are never kept by anyone on the way. */
export function sendVersion(reply: FastifyReply, version: number) {
  reply.header('etag', `"${version}"`)
}

/**
 * The versions If-Match names. A weak tag counts as its strong one: proxies that compress make them so. Throws
 * PreconditionRequired (428) when the header is missing or `*`: both say "I did not look".
 */
export function ifMatch(request: FastifyRequest): ReadonlySet<number> {
  const header = request.headers['if-match']
  if (!header || header.trim() === '*') {
    throw new Problem('precondition_required', 'Send If-Match with the ETag you got when you read it.', {
      errors: [{ pointer: '/header/if-match', code: 'required', message: 'is missing' }]
    })
  }
  const versions = new Set<number>()
  for (const tag of header.split(',')) {
    const version = /^\s*(?:W\/)?"(\d{1,10})"\s*$/.exec(tag)?.[1]
    if (version) versions.add(Number(version))
  }
  return versions
}

/** Throws Stale (412) when `version` is not one of those named. */
export function refuseStale(expected: ReadonlySet<number>, version: number) {
  if (!expected.has(version)) throw Stale(version)
}
