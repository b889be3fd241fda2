/** What an import, whatever its file is, tells of each thing it met, and counts. Nothing is dropped in silence. */

/** `kept`: it is here now. `already there`: it was before. `left out`: Dateline has no place for it. */
export type Fate = 'kept' | 'already there' | 'refused' | 'left out'

/** One thing of the file: what became of it, and what of it could not be kept. */
export type Line = { kind: string; key: string; title?: string; fate: Fate; lost: string[] }

export type Totals = {
  read: number
  kept: number
  alreadyThere: number
  refused: number
  /** What Dateline has no place for, such as menus and comments, or what lay in the trash. */
  leftOut: number
  /** Of what was kept: how many things lost something on the way. */
  withLosses: number
}

const noTotals = (): Totals => ({
  read: 0,
  kept: 0,
  alreadyThere: 0,
  refused: 0,
  leftOut: 0,
  withLosses: 0
})

/** What is said of the file is no thing of it, and counts only when it is refused. */
function addTo(totals: Totals, { kind, fate, lost }: Line) {
  if (kind === 'file' && fate !== 'refused') return
  totals.read += 1
  if (fate === 'already there') totals.alreadyThere += 1
  else if (fate === 'refused') totals.refused += 1
  else if (fate === 'left out') totals.leftOut += 1
  else {
    totals.kept += 1
    if (lost.length > 0) totals.withLosses += 1
  }
}

/** Counts what it is told, and passes it on. */
export function newReport(onLine: (line: Line) => void = () => {}) {
  const totals = noTotals()
  return {
    totals,
    tell(line: Line) {
      addTo(totals, line)
      onLine(line)
    }
  }
}

export type Report = ReturnType<typeof newReport>

/** Hostile input may lose ten thousand different things; the first of them tell enough. */
const MOST = 50
const LONGEST = 300

/** Collects what is lost of one thing: each kind of loss once, with how often it happened. */
export function losses() {
  const counts = new Map<string, number>()
  let more = 0
  return {
    add(what: string, times = 1) {
      const told = what.replace(/[\p{Cc}\p{Cs}]/gu, '').slice(0, LONGEST)
      if (counts.has(told) || counts.size < MOST) counts.set(told, (counts.get(told) ?? 0) + times)
      else more += times
    },
    lines: (): string[] => [
      ...[...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`)),
      ...(more > 0 ? [`${more} more losses of other kinds`] : [])
    ]
  }
}

export type Losses = ReturnType<typeof losses>

/** A summary for people: the totals, then the kinds of losses, most frequent first. */
export function summarise() {
  const kinds = new Map<string, number>()
  const refused: string[] = []
  return {
    line({ kind, key, title, fate, lost }: Line) {
      if (fate === 'already there') return
      for (const text of lost) {
        const what = text.replace(/ \(\d+ times\)$/, '').replace(/: .*$/s, '')
        if (kinds.has(what) || kinds.size < 1_000) kinds.set(what, (kinds.get(what) ?? 0) + 1)
      }
      if (fate === 'refused' && refused.length < 20)
        refused.push(`Refused: ${kind} ${key}${title ? ` (${title})` : ''}: ${lost.join('; ')}`)
    },
    words(totals: Totals, dryRun: boolean): string {
      const most = [...kinds].sort(([, a], [, b]) => b - a).slice(0, 20)
      return [
        `Read ${totals.read}: ${dryRun ? 'would keep' : 'kept'} ${totals.kept} (${totals.withLosses} with losses), already there ${totals.alreadyThere}, left out ${totals.leftOut}, refused ${totals.refused}.`,
        ...refused,
        ...(most.length > 0 ? ['What was lost, changed or left out, and in how many things:'] : []),
        ...most.map(([what, count]) => `  ${count.toString().padStart(6)}  ${what}`)
      ].join('\n')
    }
  }
}
