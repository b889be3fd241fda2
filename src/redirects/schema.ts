import { Type } from 'typebox'
import { Closed, Id, ListOf, Nullable, PageParams, Timestamp, Version } from '../http/wire.ts'

const path = (description: string) =>
  Type.String({ minLength: 1, maxLength: 2000, pattern: '^/(?!/)[^#]*$', description })

const from = path(
  'The old path, with its query if that matters (`/?p=123`). Kept in one way of writing: percent-encodings only where they are needed, no slash at its end.'
)
const storyId = Type.Unsafe<string | null>({
  ...Nullable(Id),
  description: 'It leads to the live article of this story in the reader’s language.'
})
const target = Type.Unsafe<string | null>({
  ...Nullable(path('')),
  description: 'It leads to this other path of ours. Written in one way, as `path` is.'
})

export const Redirect = Closed(
  {
    id: Id,
    path: Type.String(),
    storyId: Nullable(Id),
    target: Nullable(Type.String()),
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  {
    $id: 'Redirect',
    description: 'Where an old path leads: to a story, or to another path. One of the two is null.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a50',
        path: '/2019/05/ferry-line-reopens',
        storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
        target: null,
        version: 1,
        createdAt: '2026-11-20T08:15:00.000Z',
        updatedAt: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

export const NewRedirect = Closed(
  { path: from, storyId: Type.Optional(storyId), target: Type.Optional(target) },
  {
    $id: 'NewRedirect',
    description: 'Give `storyId` or `target`, and not both.',
    examples: [
      { path: '/2019/05/ferry-line-reopens', storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11' },
      { path: '/?p=123', target: '/about' }
    ]
  }
)

export const RedirectPatch = Closed(
  { path: Type.Optional(from), storyId: Type.Optional(storyId), target: Type.Optional(target) },
  {
    $id: 'RedirectPatch',
    description:
      'A JSON merge patch. From one kind to the other, set what it had to null: one of the two must be left.',
    examples: [{ storyId: null, target: '/about' }]
  }
)

export const RedirectList = ListOf(Redirect)

export const RedirectQuery = Closed({
  storyId: Type.Optional(Id),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Beginning of the path.' })),
  ...PageParams
})

export const redirectSchemas = [Redirect, NewRedirect, RedirectPatch]
