import { Type } from 'typebox'
import { Closed, Id, ListOf, Nullable, Timestamp } from '../http/wire.ts'

export const OpenSession = Closed(
  {
    id: Id,
    createdAt: Timestamp,
    lastUsedAt: Type.Unsafe<Date>({
      ...Timestamp,
      description: 'When its tokens were last made: at sign-in, or by a refresh.'
    }),
    expiresAt: Type.Unsafe<Date>({
      ...Timestamp,
      description: 'When it ends, if it is not refreshed before.'
    }),
    current: Type.Boolean({ description: 'Whether this is the session you ask with.' }),
    device: Nullable(Type.String(), { description: 'What it was opened on, as far as is known.' }),
    network: Nullable(Type.String(), {
      description: 'The network it was opened from; never a whole address.'
    })
  },
  {
    $id: 'OpenSession',
    description: 'Where somebody is signed in.',
    examples: [
      {
        id: '019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21',
        createdAt: '2026-11-20T08:15:00.000Z',
        lastUsedAt: '2026-11-20T09:05:00.000Z',
        expiresAt: '2026-12-20T09:05:00.000Z',
        current: true,
        device: 'Firefox on Linux',
        network: '203.0.113.0/24'
      }
    ]
  }
)

export const OpenSessionList = ListOf(OpenSession)

export const sessionSchemas = [OpenSession]
