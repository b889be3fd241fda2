import { Type } from 'typebox'
import { Stage } from '../../database/generated/enums.ts'
import { Closed, Id, ListOf, Nullable, PageParams, Timestamp } from '../../http/wire.ts'

const stage = Type.Enum(Object.values(Stage))
const note = Type.String({
  minLength: 1,
  maxLength: 2000,
  pattern: '\\S',
  description: 'What the next one should know; kept with the move.'
})

export const NewStageMove = Closed(
  { to: stage, note: Type.Optional(note) },
  {
    $id: 'NewStageMove',
    examples: [{ to: 'in_review', note: 'The harbour master has seen the quotes.' }]
  }
)

export const StageMove = Closed(
  {
    id: Id,
    from: stage,
    to: stage,
    note: Nullable(Type.String()),
    movedBy: Id,
    movedByName: Type.String(),
    movedAt: Timestamp
  },
  {
    $id: 'StageMove',
    description: 'Who moved an article from one stage to another, and with what note.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a30',
        from: 'draft',
        to: 'in_review',
        note: 'The harbour master has seen the quotes.',
        movedBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
        movedByName: 'Mara Lind',
        movedAt: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

export const StageMoveList = ListOf(StageMove)
export const StageMoveQuery = Closed(PageParams)
export const stageSchemas = [NewStageMove, StageMove]
