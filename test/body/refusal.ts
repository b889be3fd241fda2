import { readBody } from '../../src/body/input.ts'
import type { GivenBody } from '../../src/body/schema.ts'
import { Problem } from '../../src/http/errors.ts'

/** The one fault for which a body is refused: `code at pointer`, and the message. Throws if it is not refused. */
export function refusal(body: GivenBody) {
  try {
    readBody(body)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const [fault] = error.errors ?? []
    return { at: `${fault?.code} at ${fault?.pointer}`, message: fault?.message ?? '', status: error.status }
  }
  throw new Error('The body was taken.')
}
