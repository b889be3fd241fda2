/** Lists, page after page. */
import type { MaybeOptionalInit } from 'openapi-fetch'
import type { RequiredKeysOf } from 'openapi-typescript-helpers'
import type { paths } from '../../types.ts'
import type { Method } from './client.ts'

type Json<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } }
}
  ? Body
  : never

/** What has pages. */
export type ListPath = {
  [Path in keyof paths]: Json<Path> extends { data: unknown[]; page: unknown } ? Path : never
}[keyof paths]

export type PageOf<Path extends ListPath> = Json<Path>
export type ItemOf<Path extends ListPath> = Json<Path> extends { data: (infer Item)[] } ? Item : never

type Arguments<Path extends ListPath, Init = MaybeOptionalInit<paths[Path], 'get'>> =
  RequiredKeysOf<Init> extends never ? [init?: Init] : [init: Init]

export type Walks = {
  /** Every item of a list, fetched a page at a time, and no page more than is asked for. */
  items: <Path extends ListPath>(path: Path, ...init: Arguments<Path>) => AsyncGenerator<ItemOf<Path>, void>
  /** The same list by page, from `cursor` on if one is given. `params.query.limit` says how much a page holds. */
  pages: <Path extends ListPath>(path: Path, ...init: Arguments<Path>) => AsyncGenerator<PageOf<Path>, void>
}

type AnyPage = { data: unknown[]; page: { hasMore: boolean; next: string | null } }
type AnyInit = { params?: { query?: object } } | undefined

export function makeWalks(get: Method<'get'>): Walks {
  const read = get as unknown as (path: string, init: object) => Promise<{ data: AnyPage }>

  async function* pages(path: string, init: AnyInit) {
    let query = init?.params?.query
    for (;;) {
      const { data } = await read(path, { ...init, params: { ...init?.params, query } })
      yield data
      if (!data.page.hasMore || data.page.next === null) return
      query = { ...query, cursor: data.page.next }
    }
  }

  async function* items(path: string, init: AnyInit) {
    for await (const { data } of pages(path, init)) yield* data
  }

  return { pages, items } as unknown as Walks
}
