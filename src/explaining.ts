/** What went wrong, in words for the person who typed the command: one that starts Dateline, or one that operates it. */
import { ConfigError } from './config.ts'
import { FolderInUse } from './database/embedded.ts'
import { NotReady } from './database/not-ready.ts'
import { Problem } from './http/errors.ts'
import { problemOf } from './http/problems.ts'

type Fault = Error & { code?: string; port?: number }

/** In words; where it happened as well when nobody thought of it. */
export function explain(error: Fault): string {
  return known(error) ?? error.stack ?? error.message
}

/** In words, or undefined for what nobody thought of. */
export function known(error: Fault): string | undefined {
  if (error instanceof ConfigError || error instanceof FolderInUse || error instanceof NotReady)
    return error.message
  if (error instanceof Problem)
    return (
      error.errors?.map(({ pointer, message }) => `${pointer.slice(1)} ${message}.`).join('\n') ??
      error.message
    )
  // Of a name with several addresses, each of which was tried.
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return known(error.errors[0] as Fault)
  if (error.code === 'EADDRINUSE')
    return `Port ${error.port} is in use. Stop what uses it, or start with another one: PORT=3001 npm start`
  if (error.code === 'EACCES' && error.port)
    return `Port ${error.port} may not be used by you. Ports below 1024 are for root: set PORT to a higher one.`
  if (['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(error.code ?? ''))
    return `The database named by DATABASE_URL does not answer (${error.code}). Start it, or check host and port.`
  if (error.code === '28P01' || error.code === '28000')
    return `The database refuses the user or password of DATABASE_URL: ${error.message}`
  if (error.code === '3D000')
    return `The database named in DATABASE_URL does not exist: ${error.message}. Create it with createdb.`
  if (error.code === '42501') return `The database does not let its user do this: ${error.message}`
  const problem = problemOf(error)
  return problem.code === 'internal_error' ? undefined : problem.message
}
