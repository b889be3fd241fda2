import { existsSync } from 'node:fs'

/** The folder that has package.json, with a slash at its end, however deep below it this was compiled to. */
export const root = above(new URL('./', import.meta.url))

function above(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : above(new URL('../', folder))
}
