/**
 * The embedded Postgres: PGlite in a worker thread behind a socket in the data folder. To everything else it is a
 * Postgres like any other. What it lacks, in one place: all connections share one backend, so statements stay
 * unnamed, notices are heard through the worker, and advisory locks never exclude (transactions are served one after another instead).
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type FolderLock, type Holder, readHolder, takeFolder } from './folder-lock.ts'

export type Address = NonNullable<Holder['address']>

export type EmbeddedServer = {
  address: Address
  /** Hears what is notified on `dateline`, the one channel the worker listens to, whichever connection does it. */
  listen: (channel: string, heard: (payload: string) => void) => () => Promise<void>
  stop: () => Promise<void>
}

/** The socket's name as libpq makes it, so that `psql -h <folder>` finds it. */
const SOCKET = '.s.PGSQL.5432'
/** `sun_path` has 108 bytes on Linux and 104 elsewhere, with a NUL at the end. */
const LONGEST_PATH = 103

export class FolderInUse extends Error {
  constructor(folder: string, holder: Holder) {
    super(
      `The data folder ${folder} is in use by process ${holder.pid} on ${holder.host}. ` +
        'Stop that Dateline first, or set DATELINE_DATA to another folder for this one.'
    )
    this.name = 'FolderInUse'
  }
}

/** Starts the embedded Postgres on `<folder>`. Throws FolderInUse when another process has it. */
export async function startEmbedded(folder: string): Promise<EmbeddedServer> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const lock = takeFolder(folder)
  if (!('release' in lock)) throw new FolderInUse(folder, lock)
  try {
    return await startWorker(resolve(folder), lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function startWorker(folder: string, lock: FolderLock): Promise<EmbeddedServer> {
  const path = join(folder, SOCKET)
  const socketFits = process.platform !== 'win32' && Buffer.byteLength(path) <= LONGEST_PATH
  rmSync(path, { force: true })
  rmSync(join(folder, 'postgres', 'postmaster.pid'), { force: true })
  const worker = new Worker(new URL('./embedded-worker.js', import.meta.url), {
    workerData: {
      folder: join(folder, 'postgres'),
      listen: socketFits ? { path } : { host: '127.0.0.1', port: 0 }
    },
    // The worker needs nothing of how this process was started (loaders, inspectors).
    execArgv: []
  })
  const { ready } = await answer<{ ready: string | AddressInfo }>(worker, 'ready')
  const address: Address =
    typeof ready === 'string' ? { path: ready } : { host: '127.0.0.1', port: ready.port }
  if (socketFits) chmodSync(path, 0o600)
  lock.publish(address)
  return {
    address,
    listen(channel, heard) {
      const onMessage = ({ notice }: { notice?: { channel: string; payload: string } }) => {
        if (notice?.channel === channel) heard(notice.payload)
      }
      worker.on('message', onMessage)
      return async () => void worker.off('message', onMessage)
    },
    async stop() {
      worker.postMessage('close')
      await answer(worker, 'closed')
      await worker.terminate()
      lock.release()
    }
  }
}

function answer<T>(worker: Worker, member: string) {
  return new Promise<T>((done, failed) => {
    const onMessage = (message: Record<string, unknown>) => {
      if (!(member in message)) return
      clear()
      done(message as T)
    }
    const onError = (error: Error) => {
      clear()
      failed(new Error(`The embedded Postgres failed: ${error.message}`, { cause: error }))
    }
    const onExit = () => onError(new Error('its thread ended'))
    const clear = () => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
    }
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
  })
}

/** Where a Dateline that runs now on this folder answers; null when none does. */
export async function findRunning(folder: string): Promise<Address | null> {
  const address = readHolder(folder)?.address
  if (!address) return null
  return new Promise((done) => {
    const socket = connect(address)
    socket.on('connect', () => {
      socket.destroy()
      done(address)
    })
    socket.on('error', () => done(null))
  })
}
