/**
 * Comes before tap's loader, which notes for the coverage that nobody asks for which files a test has loaded: on Node 20 by
 * passing each of them through a second thread, for longer than many a test takes.
 */
import module from 'node:module'

module.register = () => {}
module.registerHooks = () => ({ deregister() {} })
// For this process only, not for those it starts.
delete process.env.NODE_OPTIONS
