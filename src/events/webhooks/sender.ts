/**
 * Sends what webhooks are to be sent. Every instance does: they share the queue. One connection takes up what is due and
 * writes down what came of it; between, nothing of the database is held.
 */
import type { Database, Session } from '../../database/database.ts'
import { stand } from '../standing.ts'
import { bury, type Claimed, claim, type Judged, settle, verdictOn } from './queue.ts'
import type { Sending } from './webhooks.ts'

/** How long an end waits for what is under way. What takes longer is sent again by another, under the same id. */
const DRAIN_MS = 4000

export type Sender = { stop: () => Promise<void> }

/** Begins at once and goes on until stopped: faults are told, and it tries again. Looks every `pollMs` milliseconds. */
export function startSender(
  db: Database,
  sending: Sending,
  told: (error: Error) => void,
  { pollMs = 500 } = {}
): Sender {
  const stopping = new AbortController()
  const busy = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  /** What is to be written down. */
  let outcomes: Judged[] = []
  let isCut = false
  let wake = () => {}

  /** What sends is loaded when there is something to send, which many a newsroom never has. */
  let opened: ReturnType<typeof open> | undefined
  const open = async () => {
    const { openConnections, send } = await import('./sending.ts')
    return { send, dispatcher: openConnections(sending.addresses) }
  }

  const rest = (milliseconds: number) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, milliseconds)
      wake = () => {
        clearTimeout(timer)
        done()
      }
    })

  const carry = async (claimed: Claimed) => {
    opened ??= open()
    const { send, dispatcher } = await opened
    const result = await send(claimed, sending, dispatcher)
    // What was cut off has no outcome: somebody else will have one.
    if (isCut) return
    const verdict = verdictOn(claimed.tries, result)
    // Whoever waits for a connection to write that down keeps nobody else from being sent anything.
    if (verdict.state === 'dead') await bury(db, { claimed, result, verdict }).catch(told)
    else outcomes.push({ claimed, result, verdict })
  }

  const start = (claimed: Claimed) => {
    const { webhookId } = claimed
    busy.set(webhookId, (busy.get(webhookId) ?? 0) + 1)
    const carried = carry(claimed).then(() => {
      const left = (busy.get(webhookId) ?? 1) - 1
      if (left > 0) busy.set(webhookId, left)
      else busy.delete(webhookId)
      underWay.delete(carried)
      wake()
    })
    underWay.add(carried)
  }

  const writeDown = async (session: Session) => {
    const some = outcomes
    outcomes = []
    try {
      await settle(session, some)
    } catch (error) {
      outcomes.unshift(...some)
      throw error
    }
  }

  const work = async (session: Session, ok: () => void) => {
    while (!stopping.signal.aborted) {
      await writeDown(session)
      for (const claimed of await claim(session, busy)) start(claimed)
      ok()
      if (outcomes.length === 0 && !stopping.signal.aborted) await rest(pollMs)
    }
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise((done) => (timer = setTimeout(done, DRAIN_MS)))
    await Promise.race([Promise.all(underWay), enough])
    clearTimeout(timer)
    await writeDown(session)
  }

  const running = (async () => {
    await stand(db, 'dateline: webhooks', work, { signal: stopping.signal, rest, told })
    isCut = true
    await (await opened)?.dispatcher.destroy()
  })()
  return {
    async stop() {
      stopping.abort()
      wake()
      await running
    }
  }
}
