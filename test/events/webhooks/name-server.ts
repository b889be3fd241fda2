/** A DNS server of a test's own, whose answers may change from one question to the next. */
import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import type { AddressInfo } from 'node:net'
import ipaddr from 'ipaddr.js'

type Test = { teardown: (work: () => Promise<void> | void) => void }

const [A, AAAA] = [1, 28]

/** Asks this process's questions here. `answer` gives the addresses of a name, of which each question gets its kind. */
export async function nameServer(t: Test, answer: (name: string, type: 'A' | 'AAAA') => string[]) {
  const socket = createSocket('udp4')
  socket.on('message', (question, { port, address }) => {
    const labels: string[] = []
    let at = 12
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.subarray(at + 1, at + 1 + length).toString())
      at += length + 1
    }
    const type = question.readUInt16BE(at + 1)
    const kind = type === A ? 'A' : 'AAAA'
    const found = [A, AAAA].includes(type)
      ? answer(labels.join('.').toLowerCase(), kind).filter((one) => one.includes(':') === (kind === 'AAAA'))
      : []
    const records = found.map((one) => {
      const bytes = Buffer.from(ipaddr.parse(one).toByteArray())
      // A pointer to the name asked for, its type, IN, kept for no time.
      const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length])
      return Buffer.concat([head, bytes])
    })
    const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, found.length, 0, 0, 0, 0])
    socket.send(Buffer.concat([head, question.subarray(12, at + 5), ...records]), port, address)
  })
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  const before = dns.getServers()
  dns.setServers([`127.0.0.1:${(socket.address() as AddressInfo).port}`])
  t.teardown(() => {
    dns.setServers(before)
    socket.close()
  })
}
