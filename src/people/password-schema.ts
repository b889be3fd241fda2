import { Type } from 'typebox'
import { PasswordLinkPurpose } from '../database/generated/enums.ts'
import { Closed, Id, Timestamp } from '../http/wire.ts'
import { password } from './schema.ts'

const token = 'dlo_Yk1vT0pM2s9QJ0nXcV7bE4rT6yU8iO1pA3sD5fG7hJ9'

export const PasswordChange = Closed(
  { currentPassword: Type.String({ minLength: 1, maxLength: 1000 }), newPassword: password },
  {
    $id: 'PasswordChange',
    examples: [
      { currentPassword: 'seven small boats at dusk', newPassword: 'nine slow herons over the weir' }
    ]
  }
)

export const NewPasswordLink = Closed(
  {
    expiresInHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 168,
        description: '72, if absent, for somebody without a password; 24 for others.'
      })
    )
  },
  { $id: 'NewPasswordLink', examples: [{ expiresInHours: 48 }] }
)

export const MadePasswordLink = Closed(
  {
    id: Id,
    purpose: Type.Enum(Object.values(PasswordLinkPurpose), {
      description: '`invitation` for somebody who has no password yet.'
    }),
    token: Type.String({ description: 'The secret. It is kept as a hash and never shown again.' }),
    expiresAt: Timestamp
  },
  {
    $id: 'MadePasswordLink',
    description: 'What sets a password once.',
    examples: [
      {
        id: '019a1d2f-7b11-7d40-8a3e-2f6f4f8b9c70',
        purpose: 'invitation',
        token,
        expiresAt: '2026-11-23T08:15:00.000Z'
      }
    ]
  }
)

export const PasswordLinkUse = Closed(
  { token: Type.String({ minLength: 1, maxLength: 200 }), password },
  { $id: 'PasswordLinkUse', examples: [{ token, password: 'seven small boats at dusk' }] }
)

export const passwordSchemas = [PasswordChange, NewPasswordLink, MadePasswordLink, PasswordLinkUse]
