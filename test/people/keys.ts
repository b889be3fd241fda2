import type { Newsroom, Options, Who } from '../helper.ts'

/** A key as it is shown when it is made. */
export type Made = { id: string; key: string; userId: string; name: string; scopes: string[] }

/** Somebody's new key: `makeKey(room, 'author', ['articles:write'])`. */
export async function makeKey(
  { api }: Newsroom,
  as: Who,
  scopes: string[],
  more: { token?: string; expiresAt?: string } = {}
): Promise<Made> {
  const { token, ...fields } = more
  const who: Options = token ? { token } : { as }
  return (
    await api('POST /v1/api-keys', { ...who, body: { name: 'Importer', scopes, ...fields }, expect: 201 })
  ).body
}
