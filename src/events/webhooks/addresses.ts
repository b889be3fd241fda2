/**
 * Which addresses events may be sent to: those of the public internet, and of the networks an operator allows. Whoever
 * may name an address could otherwise let us speak to what only we can reach: the database, a cloud's metadata service.
 *
 * The check is made of the very address that is connected to, so a name that changes between two looks gains nothing.
 */
import { promises as dns } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** How long a name may take to be found when a webhook is written, in ms. */
const PATIENCE_MS = 3000
/** All that was given out of IPv6 for the internet. What lies outside leads elsewhere, whatever it is called. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')
/** A public address that leads to the host's own services in Azure. */
const AZURE_HOST = '168.63.129.16'

export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED'
  constructor() {
    super('is not an address of the public internet, nor of a network in WEBHOOK_ALLOW')
    this.name = 'AddressRefused'
  }
}

export type Addresses = {
  /** Throws AddressRefused for an address that is written out in numbers and must not be connected to. No name is asked for. */
  checkLiteral: (url: URL) => void
  /** Throws AddressRefused for what must not be connected to as things stand now. A name that is not found may be yet. */
  check: (url: URL) => Promise<void>
  /** For sockets: the addresses of a name, all of which may be connected to; else an error and none of them. */
  lookup: LookupFunction
}

/** `allowed`: networks such as `10.0.0.0/8`, beside the public internet. */
export function makeAddresses(allowed: string[]): Addresses {
  const networks = allowed.map((network) => ipaddr.parseCIDR(network))

  const isAllowed = (text: string) => {
    const address = ipaddr.process(text)
    if (networks.some((network) => address.kind() === network[0].kind() && address.match(network)))
      return true
    if (address.range() !== 'unicast' || address.toString() === AZURE_HOST) return false
    return address.kind() === 'ipv4' || address.match(GLOBAL_IPV6)
  }

  const addressesOf = async (name: string) => {
    const found = await resolve(name)
    if (!found.every(isAllowed)) throw new AddressRefused()
    return found
  }

  const checkLiteral = (url: URL) => {
    const literal = literalOf(url)
    if (literal !== null && !isAllowed(literal)) throw new AddressRefused()
  }

  return {
    checkLiteral,
    async check(url) {
      checkLiteral(url)
      if (literalOf(url) !== null) return
      const late = new Promise<[]>((done) => setTimeout(done, PATIENCE_MS, []).unref())
      const found = addressesOf(url.hostname).catch((error) => {
        if (error instanceof AddressRefused) throw error
      })
      await Promise.race([found, late])
    },
    lookup(name, { all, family }, done) {
      addressesOf(name).then(
        (found) => {
          const addresses = found
            .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
            .filter((one) => !family || one.family === family)
          const [first] = addresses
          if (all) done(null, addresses)
          else if (first) done(null, first.address, first.family)
          else done(Object.assign(new Error('Not found'), { code: 'ENOTFOUND' }), '')
        },
        (error) => done(error, '')
      )
    }
  }
}

/**
 * The address in a host that is one. However it was written (in octal, hexadecimal, short, in other digits, with a dot
 * at its end): the URL's own reading has made plain numbers of it.
 */
function literalOf({ hostname }: URL): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return ipaddr.isValid(bare) ? bare : null
}

/**
 * Asked of the DNS, not of the system: that would take one of the process's four threads for each name that is not
 * answered, and passwords and files wait for those too.
 */
async function resolve(name: string): Promise<string[]> {
  const host = name.replace(/\.$/, '')
  // RFC 6761, 6.3: never anything else, and not to be asked for.
  if (/(^|\.)localhost$/i.test(host)) return ['127.0.0.1', '::1']
  const [four, six] = await Promise.allSettled([dns.resolve4(host), dns.resolve6(host)])
  const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (found.length === 0 && four.status === 'rejected') throw four.reason
  if (found.length === 0) throw Object.assign(new Error('Not found'), { code: 'ENOTFOUND' })
  return found
}
