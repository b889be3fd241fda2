#!/usr/bin/env node
/** `npx dateline …`, or `npm run cli -- …`: prepares what is missing, then runs the command. */
import { compiled } from './compile.mjs'
import { prepare } from './prepare.mjs'

prepare()
await import(await compiled('src/cli.ts'))
