/** Work that goes on as long as the process does, on a connection of its own. */
import type { Database, Session } from '../database/database.ts'

const BACKOFF_MS = [250, 500, 1000, 2000, 5000]

/**
 * Runs `work` until `signal` ends it. After a fault, which is told, it begins again on another connection, after a while
 * that grows until `ok` says that something went well. `rest` waits so many milliseconds, or less when it is to stop.
 */
export async function stand(
  db: Database,
  name: string,
  work: (session: Session, ok: () => void) => Promise<void>,
  {
    signal,
    rest,
    told
  }: { signal: AbortSignal; rest: (milliseconds: number) => Promise<void>; told: (error: Error) => void }
) {
  let faults = 0
  const ok = () => {
    faults = 0
  }
  while (!signal.aborted) {
    try {
      await db.session(name, (session) => work(session, ok))
    } catch (error) {
      if (signal.aborted) return
      told(error as Error)
      await rest(BACKOFF_MS[Math.min(faults++, BACKOFF_MS.length - 1)] as number)
    }
  }
}
