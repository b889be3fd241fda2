/** What a refusal becomes: an error with the code of the document. */
import type { components } from '../../types.ts'

export type Problem = components['schemas']['Problem']
export type ProblemCode = Problem['code']
export type Fault = components['schemas']['Fault']

/** Every answer but 2xx is thrown as one of these. What breaks on the way stays the error that `fetch` throws. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly status: number
  /** Null when it was not Dateline that answered: a proxy between, or an address that is another program's. */
  readonly code: ProblemCode | null
  readonly detail: string
  /** What is wrong with the request, each with a JSON pointer. */
  readonly errors: readonly Fault[]
  /** What to name to whoever reads the server's log. */
  readonly requestId: string | null
  /** Seconds to wait before asking again. */
  readonly retryAfter: number | null
  /** All the problem says, `currentVersion` and `existingId` too. */
  readonly problem: Problem | null

  constructor(response: Response, problem: Problem | null) {
    super(
      problem
        ? [problem.title, problem.detail].filter(Boolean).join(': ')
        : `${response.status} ${response.statusText}`.trim()
    )
    this.status = response.status
    this.code = problem?.code ?? null
    this.detail = problem?.detail ?? ''
    this.errors = problem?.errors ?? []
    this.requestId = problem?.requestId ?? response.headers.get('x-request-id')
    this.retryAfter = retryAfterOf(response)
    this.problem = problem
  }
}

/** The problem an answer holds, and an error for it. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  const text = await response.text()
  return new ProblemError(response, isProblem ? parse(text) : null)
}

/** An answer cut short is no problem of ours, but still a refusal. */
function parse(text: string): Problem | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** In seconds; a date, as proxies write it, is turned into them. */
function retryAfterOf(response: Response): number | null {
  const value = response.headers.get('retry-after')
  if (!value) return null
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isNaN(seconds) ? null : Math.max(0, seconds)
}
