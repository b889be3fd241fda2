import fc from 'fast-check'
import t from 'tap'
import { type Kept, Store } from '../../src/caching/store.ts'

const kept = (keys: string[], bytes: number): Kept => ({
  keys,
  status: 200,
  plain: { content: Buffer.alloc(bytes), bytes, etag: '"x"', shared: [], own: [], heads: {} },
  encoded: {},
  until: Number.POSITIVE_INFINITY
})

t.test('what has a key goes with it, and nothing else', async (t) => {
  const keys = ['a', 'b', 'c', 'd']
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(20), fc.subarray(keys), fc.subarray(keys, { maxLength: 2 })), {
        maxLength: 60
      }),
      async (steps) => {
        const store = new Store(10_000_000)
        const model = new Map<string, Kept>()
        for (const [number, put, drop] of steps) {
          const answer = kept(put, 100)
          store.put(`/${number}`, answer)
          store.alias(`/other/${number}`, answer)
          model.set(`/${number}`, answer)
          store.drop(drop)
          for (const [address, { keys }] of model)
            if (keys.some((key) => drop.includes(key))) model.delete(address)
        }
        for (let number = 0; number <= 20; number++) {
          const there = model.get(`/${number}`)
          if (store.get(`/${number}`) !== there) throw new Error(`/${number}`)
          if (store.get(`/other/${number}`) !== there) throw new Error(`/other/${number}`)
        }
        if (store.size !== model.size) throw new Error('size')
        store.drop(keys)
        const keyless = [...model.values()].filter(({ keys }) => keys.length === 0).length
        if (store.size !== keyless) throw new Error('something with a key stayed')
        if (keyless === 0 && store.bytes !== 0) throw new Error('bytes of nothing')
      }
    )
  )
  t.pass('as the model says')
})

t.test('it never takes more room than it has', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(50), fc.nat(20_000), fc.boolean()), { maxLength: 200 }),
      async (steps) => {
        const bound = 100_000
        const store = new Store(bound)
        for (const [number, bytes, encode] of steps) {
          const answer = kept([`key-${number % 7}`], bytes)
          store.put(`/${number}`, answer)
          if (encode) {
            const half = bytes >> 1
            const form = {
              content: Buffer.alloc(half),
              bytes: half,
              etag: '"y"',
              shared: [],
              own: [],
              heads: {}
            }
            store.addEncoding(answer, 'gzip', form)
          }
          for (let way = 0; way < 20; way++)
            store.alias(`/${number}?way=${way}${'x'.repeat(way * 10)}`, answer)
          if (store.bytes > bound) throw new Error(`${store.bytes} bytes`)
        }
        store.clear()
        if (store.bytes !== 0 || store.size !== 0) throw new Error('not empty')
      }
    )
  )
  const none = new Store(0)
  none.put('/', kept([], 10))
  t.equal(none.get('/'), undefined, 'without room nothing is kept')
})

t.test('what is asked for stays longer', async (t) => {
  const store = new Store(20_000)
  store.put('/asked', kept([], 1_000))
  for (let number = 0; number < 100; number++) {
    store.put(`/${number}`, kept([], 1_000))
    t.ok(store.get('/asked'), `after ${number + 1} others`)
  }
  t.ok(store.size < 20)
  t.notOk(store.get('/0'), 'others had to go')
})
