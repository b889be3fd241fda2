/** A command that is told to end does so in order: what it has open is closed first, and a second word ends it at once. */

/** What ends a command, and the exit code by which a shell tells it: 128 and the number of the signal. */
export const ENDED_BY = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Whatever hangs must not keep the process: what was not committed by then is undone. */
const PATIENCE_MS = 10_000

const open = new Set<() => Promise<unknown>>()
let leaving = false

/** Whether the command was told to end: what fails from then on does so for that reason, and is not worth a word. */
export const isLeaving = () => leaving

/** `close` is waited for when the command is told to end. Answers with what takes that back. */
export function closedOnLeaving(close: () => Promise<unknown>): () => void {
  open.add(close)
  return () => void open.delete(close)
}

/** From now on. `end` ends the process: what is to be done on exit, such as removing temporary files, is done then. */
export function leaveInOrder(end: (code: number) => void) {
  const leave = async (code: number) => {
    if (leaving) return end(code)
    leaving = true
    setTimeout(() => end(code), PATIENCE_MS)
    await Promise.allSettled([...open].map((close) => close()))
    end(code)
  }
  for (const [signal, code] of Object.entries(ENDED_BY)) process.on(signal, () => void leave(code))
}
