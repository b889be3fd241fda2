import { setTimeout as wait } from 'node:timers/promises'

/** Looks again and again until it is so. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean, ms = 15_000) {
  const end = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`)
    await wait(20)
  }
}
