/** Changing a thing without overwriting what a colleague did meanwhile. */
import type { FetchOptions } from 'openapi-fetch'
import type { paths } from '../../types.ts'
import type { Method } from './client.ts'
import { ProblemError } from './problem.ts'

/** What is read with an ETag and changed with If-Match. */
export type UpdatePath = {
  [Path in keyof paths]: paths[Path] extends {
    get: { responses: { 200: { content: { 'application/json': unknown } } } }
    patch: { parameters: { header: { 'if-match': string } } }
  }
    ? Path
    : never
}[keyof paths]

type Read<Path extends UpdatePath> = paths[Path]['get']['responses'][200]['content']['application/json']
type Patch<Path extends UpdatePath> = paths[Path]['patch']['requestBody']['content']['application/json']
type Changed<Path extends UpdatePath> = paths[Path]['patch']['responses'][200]['content']['application/json']
/** How the thing is read; that is also where it is changed. */
type Init<Path extends UpdatePath> = FetchOptions<paths[Path]['get']> & { tries?: number }

/**
 * Reads a thing, asks `change` for a patch and sends it with the version that was read. When a colleague was faster,
 * reads again and asks again, `tries` times in all (default 5); then throws the 412. A `change` that gives null leaves the
 * thing as it is. Answers with what is there in the end.
 */
export type Update = <Path extends UpdatePath>(
  path: Path,
  init: Init<Path>,
  change: (current: Read<Path>) => Patch<Path> | null | Promise<Patch<Path> | null>
) => Promise<Changed<Path>>

/** The version an answer tells, to be sent as `If-Match`. Throws when it tells none. */
export function etagOf(response: Response): string {
  const etag = response.headers.get('etag')
  if (!etag) throw new TypeError(`${response.url} answered without an ETag.`)
  return etag
}

type AnyInit = { tries?: number; params: { path: object } }
type Ask = (path: string, init: object) => Promise<{ data: unknown; response: Response }>

export function makeUpdate(get: Method<'get'>, patch: Method<'patch'>): Update {
  async function update(
    path: string,
    { tries = 5, ...init }: AnyInit,
    change: (current: unknown) => object | null | Promise<object | null>
  ) {
    for (let left = tries; ; left--) {
      const { data, response } = await (get as unknown as Ask)(path, init)
      const body = await change(data)
      if (body === null) return data
      const params = { path: init.params.path, header: { 'if-match': etagOf(response) } }
      try {
        return (await (patch as unknown as Ask)(path, { ...init, params, body })).data
      } catch (error) {
        if (left <= 1 || !(error instanceof ProblemError) || error.code !== 'stale_version') throw error
      }
    }
  }
  return update as unknown as Update
}
