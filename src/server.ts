/** The process: reads the configuration, makes the database ready, listens, and closes in order when told to. */
import './webassembly.ts'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'
import { explain } from './explaining.ts'
import { drain } from './http/draining.ts'
import { makeReady, type Ready } from './start.ts'
import { welcome } from './welcome.ts'

/** For what is under way when the listener closes. */
const FINISH_MS = 10_000

try {
  const config = readConfig()
  const ready = await makeReady(config)
  const app = await buildApp(config, ready.db)
  let closing = false
  const close = async (signal: string) => {
    if (closing) return
    closing = true
    // Whatever hangs must not keep the process: what was acknowledged is committed.
    setTimeout(() => process.exit(1), config.drainSeconds * 1_000 + FINISH_MS).unref()
    app.log.info({ signal }, 'closing')
    await drain(app, config.drainSeconds)
    await ready.db.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void close(signal))
  await listen(app, config.port, config.host, ready)
  // In production the log says that it listens; the rest is for the person who typed the command.
  if (!config.production) process.stdout.write(await welcome(config, ready))
} catch (error) {
  process.stderr.write(`${explain(error as Error & { code?: string })}\n`)
  process.exit(1)
}

async function listen(app: Awaited<ReturnType<typeof buildApp>>, port: number, host: string, ready: Ready) {
  try {
    await app.listen({ port, host })
  } catch (error) {
    await ready.db.close()
    throw error
  }
}
