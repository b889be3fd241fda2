import { Type } from 'typebox'
import { Role } from '../database/generated/enums.ts'
import { Closed, Id, ListOf, Nullable, ref, Timestamp } from '../http/wire.ts'

const roleSchema = Type.Enum(Object.values(Role), { description: 'Each role may what those before it may.' })
const email = Type.String({ format: 'email', minLength: 3, maxLength: 254 })
const name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
export const password = Type.String({
  minLength: 1,
  maxLength: 1000,
  description: '15 to 128 characters of any kind; not a common one, and without names known here.'
})

export const Credentials = Closed(
  { email, password: Type.String({ minLength: 1, maxLength: 1000 }) },
  { $id: 'Credentials', examples: [{ email: 'maya@example.org', password: 'seven small boats at dusk' }] }
)

export const RefreshRequest = Closed(
  { refreshToken: Type.String({ minLength: 1, maxLength: 200 }) },
  { $id: 'RefreshRequest', examples: [{ refreshToken: 'dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9' }] }
)

export const User = Closed(
  {
    id: Id,
    email,
    name,
    role: roleSchema,
    disabled: Type.Boolean(),
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  {
    $id: 'User',
    description: 'A person of the newsroom.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        email: 'maya@example.org',
        name: 'Maya Lindqvist',
        role: 'editor',
        disabled: false,
        createdAt: '2026-11-20T08:15:00.000Z',
        updatedAt: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

export const Me = Closed(
  {
    id: Id,
    email,
    name,
    role: roleSchema,
    authorId: Nullable(Id),
    sessionId: Nullable(Id, { description: 'Null for an API key, and for a token of another issuer.' }),
    apiKeyId: Nullable(Id, { description: 'The API key this was asked with.' }),
    scopes: Nullable(Type.Array(Type.String(), { maxItems: 100 }), {
      description: 'Of the API key; null: all that the role may.'
    })
  },
  {
    $id: 'Me',
    description: 'Who you are here.',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
        email: 'maya@example.org',
        name: 'Maya Lindqvist',
        role: 'editor',
        authorId: null,
        sessionId: '019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21',
        apiKeyId: null,
        scopes: null
      }
    ]
  }
)

export const Session = Closed(
  {
    accessToken: Type.String({ description: 'Send it as `Authorization: Bearer <accessToken>`.' }),
    refreshToken: Type.String({ description: 'Good once, for POST /v1/sessions/refresh. Keep it secret.' }),
    expiresIn: Type.Integer({
      description: 'Seconds until the access token expires.',
      minimum: 1,
      maximum: 86400
    }),
    user: ref(Me)
  },
  {
    $id: 'Session',
    description: 'What signing in gives.',
    examples: [
      {
        accessToken: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl',
        refreshToken: 'dlr_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9',
        expiresIn: 600,
        user: {
          id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
          email: 'maya@example.org',
          name: 'Maya Lindqvist',
          role: 'editor',
          authorId: null,
          sessionId: '019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c21',
          apiKeyId: null,
          scopes: null
        }
      }
    ]
  }
)

export const NewUser = Closed(
  { email, name, role: roleSchema, password: Type.Optional(password) },
  {
    $id: 'NewUser',
    examples: [
      {
        email: 'maya@example.org',
        name: 'Maya Lindqvist',
        role: 'editor',
        password: 'seven small boats at dusk'
      }
    ]
  }
)

export const UserPatch = Closed(
  {
    name: Type.Optional(name),
    role: Type.Optional(roleSchema),
    disabled: Type.Optional(Type.Boolean()),
    password: Type.Optional(password)
  },
  { $id: 'UserPatch', minProperties: 1, examples: [{ role: 'author' }] }
)

export const UserList = ListOf(User)

export const peopleSchemas = [Credentials, RefreshRequest, User, Me, Session, NewUser, UserPatch]
