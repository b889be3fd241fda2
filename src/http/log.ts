/** What goes into the log, and what does not: no tokens, and no text of a newsroom's articles. */

/** Prisma's messages quote the values of the failed call: only their last line, which says what was wrong, is kept. */
export function describeError(error: Error & { code?: string }) {
  const fromPrisma = error.name.startsWith('PrismaClient')
  const message = fromPrisma ? (error.message.trim().split('\n').at(-1) ?? '') : error.message
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    type: error.name,
    ...(error.code !== undefined && { code: error.code }),
    message,
    stack: frames.join('\n')
  }
}

export const logSecrets = ['req.headers.authorization', 'req.headers.cookie']
