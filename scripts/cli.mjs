#!/usr/bin/env node
/** `npx dateline …`, or `npm run cli -- …`: prepares what is missing, then runs the command. */
import { prepare } from './prepare.mjs'

prepare()
const { register } = await import('tsx/esm/api')
register()
await import('../src/cli.ts')
