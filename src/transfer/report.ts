/** What an import did, thing by thing. */

/** `kept`: it is here now. `already there`: it was before. `changed`: it was, and is as the file says now. */
export type Fate = 'kept' | 'already there' | 'changed' | 'refused'

export type Line = {
  /** What kind of thing it is, such as `article`. */
  kind: string
  /** What it is known by: an id, a slug, a line of the file. */
  key: string
  title?: string
  fate: Fate
  /** In words, what could not be kept, or why it was not. */
  lost: string[]
}

export type Counts = {
  read: number
  kept: number
  alreadyThere: number
  refused: number
  withLosses: number
}

export type Report = Counts & {
  /** Takes what became of one thing. */
  lines: (line: Line) => void
}

/** Counts what it is told, and passes on every line that is worth a look. */
export function newReport(onLine: (line: Line) => void): Report {
  const report: Report = {
    ...{ read: 0, kept: 0, alreadyThere: 0, refused: 0, withLosses: 0 },
    lines(line) {
      report.read++
      if (line.fate === 'refused') report.refused++
      else if (line.fate === 'already there') report.alreadyThere++
      else report.kept++
      if (line.fate !== 'refused' && line.lost.length > 0) report.withLosses++
      onLine(line)
    }
  }
  return report
}

export const countsOf = ({ read, kept, alreadyThere, refused, withLosses }: Report): Counts => ({
  ...{ read, kept, alreadyThere, refused, withLosses }
})
