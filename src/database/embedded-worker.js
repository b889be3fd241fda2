// @ts-check
/**
 * The thread that runs the embedded Postgres (PGlite), so that its work never holds up HTTP, and serves it on a
 * socket like any other Postgres. Plain JavaScript, because a worker does not inherit a loader for TypeScript.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist'
import { fuzzystrmatch } from '@electric-sql/pglite/contrib/fuzzystrmatch'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { unaccent } from '@electric-sql/pglite/contrib/unaccent'
import { PGLiteSocketHandler } from '@electric-sql/pglite-socket'

const QUERY = 0x51
const SYNC = 0x53
const TERMINATE = 0x58
const NOTIFICATION = 0x41
/** The channel that is listened to for everybody: from within a client's turn it could not be begun. */
const CHANNEL = 'dateline'
const IDLE_IN_TRANSACTION_MS = 10_000

/**
 * Whose turn it is. All connections share one backend, so a connection keeps its turn from the first message of a
 * request to its last (Query or Sync), and from BEGIN to the end of the transaction. The queue that comes with
 * pglite-socket 0.2 lets another connection in between Parse and Bind, and answers then go astray.
 */
class Turns {
  /** @type {{ from: number, message: Uint8Array, onData: (data: Uint8Array) => void, done: (bytes: number) => void, failed: (error: Error) => void }[]} */
  waiting = []
  /** @type {number | null} the connection whose turn it is */
  holder = null
  /** In the midst of a request: Parse seen, Sync not yet. */
  midRequest = false
  running = false
  /** @type {NodeJS.Timeout | undefined} */
  idleTimer

  /** @param {PGlite} db @param {(connection: number) => void} disconnect */
  constructor(db, disconnect) {
    this.db = db
    this.disconnect = disconnect
  }

  /** @param {number} from @param {Uint8Array} message @param {(data: Uint8Array) => void} onData */
  enqueue(from, message, onData) {
    return new Promise((/** @type {(bytes: number) => void} */ done, failed) => {
      this.waiting.push({ from, message, onData, done, failed })
      void this.run()
    })
  }

  async run() {
    if (this.running) return
    this.running = true
    for (;;) {
      const index = this.holder === null ? 0 : this.waiting.findIndex((item) => item.from === this.holder)
      const [item] = index < 0 ? [] : this.waiting.splice(index, 1)
      if (!item) break
      clearTimeout(this.idleTimer)
      this.holder = item.from
      let bytes = 0
      try {
        await this.db.runExclusive(() =>
          this.db.execProtocolRawStream(item.message, {
            onRawData: (data) => {
              bytes += data.length
              notices.read(data)
              item.onData(data)
            }
          })
        )
        item.done(bytes)
      } catch (error) {
        item.failed(/** @type {Error} */ (error))
      }
      this.settle(item.message)
    }
    this.running = false
  }

  /** After a message: does its sender keep the turn? @param {Uint8Array} message */
  settle(message) {
    const type = message[0]
    // A start-up message has no type: its first byte is the high one of its length.
    this.midRequest = type !== QUERY && type !== SYNC && type !== TERMINATE && type !== 0
    if (this.midRequest) return
    if (!this.db.isInTransaction()) {
      this.holder = null
      return
    }
    const idle = this.holder
    this.idleTimer = setTimeout(() => idle !== null && this.disconnect(idle), IDLE_IN_TRANSACTION_MS)
    this.idleTimer.unref()
  }

  getQueueLength() {
    return this.waiting.length
  }

  /** @param {number} connection */
  clearQueueForHandler(connection) {
    for (const item of this.waiting.filter((item) => item.from === connection))
      item.failed(new Error('disconnected'))
    this.waiting = this.waiting.filter((item) => item.from !== connection)
  }

  /** A connection is gone: what it left open is undone, the next one gets its turn. @param {number} connection */
  async clearTransactionIfNeeded(connection) {
    if (this.holder !== connection) return
    clearTimeout(this.idleTimer)
    if (this.midRequest) {
      await this.db.runExclusive(() =>
        this.db.execProtocolRawStream(new Uint8Array([SYNC, 0, 0, 0, 4]), { onRawData: () => {} })
      )
      this.midRequest = false
    }
    if (this.db.isInTransaction()) await this.db.exec('ROLLBACK')
    this.holder = null
    void this.run()
  }
}

/**
 * All connections share one backend, so a notice for it comes in the answer to whoever committed last. It is picked out
 * there, and passed on to the main thread.
 */
class Notices {
  /** What is left over of a message that came in parts. */
  rest = Buffer.alloc(0)

  /** @param {Uint8Array} data a part of what the backend says: messages of a type, a length, and a body */
  read(data) {
    let bytes =
      this.rest.length > 0
        ? Buffer.concat([this.rest, data])
        : Buffer.from(data.buffer, data.byteOffset, data.length)
    while (bytes.length >= 5) {
      const length = bytes.readInt32BE(1) + 1
      if (bytes.length < length) break
      if (bytes[0] === NOTIFICATION) {
        const [channel, payload] = bytes.toString('utf8', 9, length).split('\0')
        parentPort?.postMessage({ notice: { channel, payload } })
      }
      bytes = bytes.subarray(length)
    }
    this.rest = Buffer.from(bytes)
  }
}

/** @type {{ folder: string, listen: { path: string } | { host: string, port: number } }} */
const { folder, listen } = workerData

// A new cluster is made beside its place and moved there whole: a start that is killed meanwhile leaves nothing half made.
if (!existsSync(folder)) {
  const draft = `${folder}.new`
  rmSync(draft, { recursive: true, force: true })
  await (await PGlite.create({ dataDir: draft })).close()
  renameSync(draft, folder)
}
const db = await PGlite.create({
  dataDir: folder,
  extensions: { btree_gist, fuzzystrmatch, pg_trgm, unaccent }
})
await db.exec(`LISTEN ${CHANNEL}`)
const notices = new Notices()

/** @type {Map<number, PGLiteSocketHandler>} */
const connections = new Map()
const turns = new Turns(db, (connection) => connections.get(connection)?.detach(true))

const server = createServer((socket) => {
  // The handler's type asks for the library's own queue, of which it calls the four methods Turns has.
  const handler = new PGLiteSocketHandler({ queryQueue: /** @type {any} */ (turns), closeOnDetach: true })
  connections.set(handler.handlerId, handler)
  socket.on('close', () => connections.delete(handler.handlerId))
  void handler.attach(socket)
})
server.listen(listen, () => parentPort?.postMessage({ ready: server.address() }))

// The only message there is: close.
parentPort?.on('message', async () => {
  server.close()
  await Promise.all([...connections.values()].map((handler) => handler.detach(true)))
  await db.close()
  parentPort?.postMessage({ closed: true })
  parentPort?.close()
})
