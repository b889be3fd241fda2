/** What the audit tells of an import. */
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import type { Database } from '../database/database.ts'
import type { Totals } from './report.ts'

/** Notes that it begins, and that it is through, with its totals so far. What was ended in the middle never is through. */
export function auditOf(db: Database, actor: Actor, format: string) {
  const resourceId = uuid()
  return (step: 'begun' | 'finished', totals: Totals) =>
    db.transaction((tx) =>
      note(tx, actor, {
        action: `import.${step}`,
        resource: 'import',
        resourceId,
        details: { format, ...totals }
      })
    )
}
