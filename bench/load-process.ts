/** The process that makes the load: takes questions once, then asks them as often as it is told to. */
import { ask, type Load, type Measured, type Question } from './client.ts'

export type ToLoad =
  | { kind: 'learn'; name: string; questions: Question[] }
  | { kind: 'ask'; name: string; load: Load }
export type FromLoad = { measured: Measured | null; error: string | null }

const known = new Map<string, Question[]>()
const answer = (message: FromLoad) => process.send?.(message)

process.on('message', async (message: ToLoad) => {
  if (message.kind === 'learn') {
    // Over the channel a Buffer becomes a Uint8Array of its own.
    const whole = message.questions.map(({ request, expected, ...rest }) => ({
      ...rest,
      request: Buffer.from(request),
      expected: { ...expected, body: Buffer.from(expected.body) }
    }))
    known.set(message.name, whole)
    answer({ measured: null, error: null })
    return
  }
  try {
    answer({ measured: await ask(known.get(message.name) ?? [], message.load), error: null })
  } catch (error) {
    answer({ measured: null, error: (error as Error).message })
  }
})
process.on('disconnect', () => process.exit(0))
