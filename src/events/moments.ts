/**
 * What readers are to be told of an article, read off its timeline: pure functions. The past of a timeline never changes
 * (see sequencing.ts), so whoever looks late finds every beginning and every end, each at its own moment.
 */

export type Row = {
  id: string
  articleId: string
  storyId: string
  locale: string
  slug: string
  version: number
  /** Inclusive. */
  from: Date
  /** Exclusive; null = open. */
  until: Date | null
}

export type Shown = Pick<Row, 'id' | 'articleId' | 'storyId' | 'locale' | 'slug'>

/** `upsert`: `row` is shown from `at` on. `remove`: it is not any more, and nothing else is. */
export type Moment = {
  type: 'upsert' | 'remove'
  reason: 'published' | 'corrected' | 'ended' | 'withdrawn'
  at: Date
  row: Shown | Row
}

/** An event of the outbox that has no place yet. */
export type Outbox = {
  id: string
  type: string
  subjectId: string | null
  payload: Record<string, unknown>
  at: Date
  number: number
}

const covers = (row: Row, moment: number) =>
  row.from.getTime() <= moment && (row.until === null || row.until.getTime() > moment)

/**
 * Beginnings and ends from `through` to `now`, both inclusive, in their order. `shown` is what readers were told before.
 * Whatever was told: after the last moment they know what is live at `now`.
 */
export function momentsOf(rows: Row[], shown: Shown | null, through: Date | null, now: Date): Moment[] {
  const since = through?.getTime() ?? -Infinity
  const times = rows
    .flatMap(({ from, until }) => [from.getTime(), until?.getTime() ?? Infinity])
    .filter((time) => time >= since && time < now.getTime())
  const moments: Moment[] = []
  let last: Shown | Row | null = rows.find(({ id }) => id === shown?.id) ?? shown
  for (const time of [...new Set(times), now.getTime()].sort((a, b) => a - b)) {
    const row = rows.find((one) => covers(one, time)) ?? null
    if (row && row.id !== last?.id)
      moments.push({ type: 'upsert', reason: last ? 'corrected' : 'published', at: row.from, row })
    if (!row && last) moments.push({ type: 'remove', reason: 'ended', at: new Date(time), row: last })
    last = row
  }
  return moments
}

/** When something begins or ends next after `now`; null when nothing does. */
export function nextMoment(rows: Row[], now: Date): Date | null {
  const ahead = rows
    .flatMap(({ from, until }) => (until ? [from, until] : [from]))
    .filter((moment) => moment > now)
  return ahead.length > 0 ? new Date(Math.min(...ahead.map((moment) => moment.getTime()))) : null
}

/** Whether the event is what the write itself said of this moment. */
function tellsOf({ type, payload }: Outbox, { type: what, row }: Moment) {
  if (payload.publicationId !== row.id) return false
  return what === 'upsert'
    ? type === 'article.published'
    : type === 'article.ended' || type === 'article.withdrawn'
}

/** An event, a moment, or a moment with the event that tells of it. */
export type Told = { event?: Outbox; moment?: Moment; key: number }

/**
 * An article's events (as they were written) and moments (as they happened) as one line: a moment stands with the event
 * that tells of it, else before what was written after it. `key` never falls along the line.
 */
export function inOneLine(events: Outbox[], moments: Moment[]): Told[] {
  const line: Told[] = []
  let key = -Infinity
  const place = (time: Date, told: Omit<Told, 'key'>) => {
    key = Math.max(key, time.getTime())
    line.push({ ...told, key })
  }
  const left: Waiting[] = moments.map((moment) => ({
    moment,
    event: events.find((event) => tellsOf(event, moment))
  }))
  for (const event of events) {
    const own = left.findIndex((one) => one.event === event)
    const due = own >= 0 ? left.splice(0, own) : takeDue(left, event)
    for (const { moment } of due) place(moment.at, { moment })
    const told = own >= 0 ? left.shift() : undefined
    if (!told) {
      place(event.at, { event })
      continue
    }
    const reason = event.type === 'article.withdrawn' ? 'withdrawn' : told.moment.reason
    place(told.moment.at, { event, moment: { ...told.moment, reason } })
  }
  for (const { moment } of left) place(moment.at, { moment })
  return line
}

type Waiting = { moment: Moment; event: Outbox | undefined }

/** Takes off the moments that were past when the event was written, up to one that another event tells of. */
function takeDue(left: Waiting[], { at }: Outbox) {
  const end = left.findIndex((one) => one.event !== undefined || one.moment.at > at)
  return left.splice(0, end < 0 ? left.length : end)
}
