/** docs/operating.md says nothing that is not so: its commands run, its names exist, its files hold together. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { parse } from 'yaml'
import { findBinaries } from '../../bench/cluster.ts'
import { ownPostgres } from '../faults/own-postgres.ts'
import { cli, environment, freePort, root } from '../start/process.ts'
import { ask, begin, common, editor, SECRET } from './newsroom.ts'
import { findProgram, ownFolder, until } from './programs.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const guide = read('docs/operating.md')
/** However its lines are broken. */
const prose = guide.replace(/\s+/g, ' ')
const readme = read('README.md')
const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text as string)
/** What is not here, or would change the machine. */
const elsewhere = /^(docker|systemctl|certbot|npm ci)\b/m

t.test('files and places it leads to are there', async (t) => {
  const places = [...guide.matchAll(/\]\(([^)#]*)(#[^)]*)?\)/g)].filter(
    ([, path]) => !/^https?:/.test(path ?? '')
  )
  t.ok(places.length > 20, `${places.length} of them`)
  const anchorsOf = (text: string) =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(
      ([, title]) =>
        `#${title
          ?.toLowerCase()
          .replace(/[^\p{L}\p{N} -]/gu, '')
          .replaceAll(' ', '-')}`
    )
  const lost = places.filter(([, path, anchor]) => {
    const file = path ? join('docs', path) : 'docs/operating.md'
    if (!existsSync(join(root, file))) return true
    return anchor !== undefined && !anchorsOf(read(file)).includes(anchor)
  })
  t.same(
    lost.map(([link]) => link),
    []
  )
})

t.test('settings it names are settings', async (t) => {
  const known = new Set(
    [...readme.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => cell?.match(/[A-Z][A-Z_]+/g) ?? [])
  )
  t.ok(known.size > 20, `${known.size} settings`)
  // Of the files of Compose, and of the scripts.
  const ours = ['POSTGRES_PASSWORD', 'BIND', 'REHEARSAL_URL']
  const settings = [...prose.matchAll(/`([A-Z]{3,}(?:_[A-Z]+)*)(?:=[^`]*)?`/g)].map(
    ([, name]) => name as string
  )
  const words = ['SIGTERM', 'CHANGELOG', 'POST', 'UPDATE', 'FAILED', 'ANALYZE', 'DELETE']
  const strange = settings.filter((name) => !known.has(name) && !ours.includes(name) && !words.includes(name))
  t.ok(settings.length > 30)
  t.same(strange, [])
})

t.test('docker-compose.yml', async (t) => {
  const text = read('docker-compose.yml')
  const { services, volumes } = parse(text, { merge: true })
  const example = [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)]
  const required = new Set([...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name as string))
  t.same([...required].sort(), ['DATELINE_SECRET', 'POSTGRES_PASSWORD'])
  for (const name of required) {
    t.equal(example.find(([, given]) => given === name)?.[2], '', `${name} has to be filled in`)
    t.notMatch(text, new RegExp(`\\$\\{${name}:?-`), `${name} has no default`)
  }
  const { dateline, migrate, database, backup } = services
  t.same(migrate.environment, dateline.environment, 'what migrates has the settings of what serves')
  t.same(migrate.command, ['node', 'dist/cli.js', 'migrate'])
  t.equal(migrate.restart, 'no')
  t.equal(dateline.depends_on.migrate.condition, 'service_completed_successfully')
  t.equal(dateline.depends_on.database.condition, 'service_healthy')
  t.match(read('Dockerfile'), /HEALTHCHECK[\s\S]*health\/ready/)
  for (const [name, service] of Object.entries({ dateline, database })) {
    t.equal(service.restart, 'unless-stopped', name)
    t.match(service.deploy.resources.limits.memory, /^\d+[MG]$/, name)
    t.ok(service.logging.options['max-size'], `${name}: its log does not fill the disk`)
  }
  t.equal(database.image, backup.image, 'dumps are of the version of the server')
  t.notOk(database.ports, 'nobody outside reaches the database')
  t.ok(database.volumes[0].split(':')[0] in volumes)
  t.ok(database.healthcheck.test)
  t.match(dateline.ports, [/^\$\{BIND:-127\.0\.0\.1\}:/])
  const settings = Object.keys(dateline.environment)
  t.same(
    settings.filter((name) => !readme.includes(`\`${name}\``)),
    [],
    'settings are settings'
  )
  // Those that the files of Compose decide, or that one of theirs depends on.
  const decided = /^(HOST|NODE_ENV|PORT|DATELINE_DATA|DRAIN_SECONDS|DATABASE_(DIRECT_URL|PREPARE))$/
  const table = readme.slice(readme.indexOf('\n## Settings'), readme.indexOf('\n## Databases'))
  const all = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(
    ([, cell]) => cell?.match(/[A-Z][A-Z_]+/g) ?? []
  )
  t.ok(all.length > 20)
  t.same(
    all.filter((name) => !decided.test(name) && !settings.includes(name)),
    [],
    'every other setting reaches the container'
  )
  // DRAIN_SECONDS is 5 in production, and ten are for what is under way.
  t.ok(Number.parseInt(dateline.stop_grace_period, 10) > 15)
})

const bin = findBinaries()
const known = bin && findProgram('psql') && findProgram('pg_dump')
t.test(
  'commands and figures',
  { skip: known ? false : 'there is no psql, or no Postgres to start', timeout: 600_000 },
  async (t) => {
    const postgres = await ownPostgres(t, bin as string)
    const metricsPort = String(await freePort())
    const running = await begin(t, {
      DATABASE_URL: postgres.url,
      METRICS_PORT: metricsPort,
      LOG_LEVEL: 'info'
    })
    const { authorization, edit } = await editor(running.url)
    const client = () => {
      const made = new pg.Client({ connectionString: postgres.url })
      made.on('error', () => {})
      return made.connect().then(() => made)
    }

    await t.test('metrics and alerts', async (t) => {
      await ask(`${running.url}/v1/content/articles?locale=en`)
      const { text } = await ask(`http://127.0.0.1:${metricsPort}/metrics`)
      const told = new Set([...text.matchAll(/^([a-z_0-9]+)[{ ]/gm)].map(([, name]) => name as string))
      const alerts = read('examples/operating/alerts.yml')
      const rules = parse(alerts).groups.flatMap((group: { rules: object[] }) => group.rules)
      t.ok(rules.length > 5)
      for (const rule of rules) {
        t.ok(rule.alert && rule.expr && rule.labels.severity && rule.annotations.summary, rule.alert)
        const names = rule.expr.match(/\b(?:dateline|nodejs|process)_\w+/g) ?? []
        t.ok(names.length > 0 || rule.expr.startsWith('up{'), `${rule.alert} looks at something`)
        for (const name of names) t.ok(told.has(name), `${rule.alert}: ${name}`)
      }
      const ours = [...told]
        .filter((name) => name.startsWith('dateline_'))
        .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
      for (const name of ours) t.ok(guide.includes(`\`${name}\``), `the guide tells of ${name}`)
      const named = guide.match(/`(?:dateline|nodejs|process)_\w+`/g) ?? []
      for (const name of new Set(named)) {
        const plain = name.slice(1, -1)
        t.ok(told.has(plain) || told.has(`${plain}_bucket`), `there is ${plain}`)
      }
      t.match(text, /dateline_request_duration_seconds_count\{[^}]*status="2xx"/)
    })

    await t.test('connections are as many as the guide says', async (t) => {
      const [, told] = /an instance opens up to (\d+)/.exec(prose) ?? []
      const most = Number(told)
      const looking = await client()
      let count = 0
      // The pool opens what is needed at once: how much that is, is the machine's affair.
      for (let round = 0; round < 20 && count <= most - 4; round++) {
        await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            edit(`/v1/articles?limit=${1 + (index % 50)}`, { expect: 200 })
          )
        )
        const { rows } = await looking.query(
          `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
        )
        count = rows[0].count
      }
      await looking.end()
      t.ok(count <= most, `${count} of ${most}`)
      t.ok(count > most - 4, `${count}: and not far fewer`)
    })

    await t.test('the log names requests as answers do', async (t) => {
      const { headers } = await ask(`${running.url}/v1/me`, { expect: 401 })
      const id = headers.get('x-request-id')
      const log = await until(
        async () => running.printed(),
        (printed) => printed.includes(`"reqId":"${id}"`)
      )
      t.match(log, `"reqId":"${id}"`)
    })

    await t.test('blocks that run here, in order', async (t) => {
      const folder = ownFolder(t)
      const backups = join(ownFolder(t), 'backups')
      for (const name of readdirSync(root))
        if (!['.git', '.data', '.tap', '.env'].includes(name))
          symlinkSync(join(root, name), join(folder, name))
      mkdirSync(join(folder, '.data'))
      writeFileSync(join(folder, '.data/secret'), 'kept')
      const here = blocks.filter((block) => !elsewhere.test(block))
      t.ok(here.length >= 18, `${here.length} of ${blocks.length}`)
      for (const block of here) {
        const ran = await promisify(execFile)('sh', ['-euc', block.replaceAll('/srv/backups', backups)], {
          cwd: folder,
          env: {
            ...environment({ ...common, DATABASE_URL: postgres.url, METRICS_PORT: metricsPort }),
            PATH: `${bin}:${process.env.PATH}`,
            REHEARSAL_URL: postgres.url,
            DATELINE_SECRET: SECRET,
            BASE: running.url,
            AUTH: `authorization: ${authorization}`
          }
        }).then(
          ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
          ({ code, stdout, stderr }) => ({ code, stdout, stderr })
        )
        const name = block.trim().split('\n')[0]?.slice(0, 90)
        t.equal(ran.code, 0, `${name}\n${ran.stdout}${ran.stderr}`)
        if (!/^(cp|createdb)/.test(block)) t.not(ran.stdout.trim(), '', `${name}: says something`)
      }
      t.ok(existsSync(join(folder, '.env')))
      const restored = new pg.Client({
        connectionString: Object.assign(new URL(postgres.url), { pathname: '/dateline_restored' }).href
      })
      await restored.connect()
      const { rows } = await restored.query('SELECT count(*)::int AS count FROM articles')
      await restored.end()
      t.ok(rows[0].count > 0, 'and it was restored for good')
    })

    await t.test('a migration that another tool left half done', async (t) => {
      const by = await client()
      const [name] = readdirSync(join(root, 'prisma/migrations'))
        .filter((name) => /^\d/.test(name))
        .slice(-1)
      // As Prisma's own CLI leaves it: it failed before anything was done.
      const { rows: before } = await by.query(
        'DELETE FROM _prisma_migrations WHERE migration_name = $1 RETURNING *',
        [name]
      )
      await by.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
        'half-done',
        before[0].checksum,
        name
      ])
      const settings = { ...common, DATABASE_URL: postgres.url }
      const { code, stderr } = await cli(['migrate'], settings)
      t.equal(code, 1)
      const quoted = 'was begun by another tool and has not finished'
      t.match(stderr, quoted)
      t.match(prose, quoted)
      const [remedy] = /UPDATE _prisma_migrations[^"]+/.exec(guide) ?? []
      await by.query(remedy as string)
      const again = await cli(['migrate'], settings)
      // It is applied again, and finds what is there already: as the guide says, that has to be undone by hand first.
      t.match(again.stderr, /failed and was undone: /)
      t.match(prose, 'failed and was undone')
      await by.query(
        'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ($1, $2, $3, now())',
        ['whole', before[0].checksum, name]
      )
      t.match((await cli(['migrate'], settings)).stdout, /up to date/)
      await by.end()
    })

    await t.test('the database goes and comes back', async (t) => {
      const health = async (what: string) => (await ask(`${running.url}/health/${what}`)).status
      await postgres.kill()
      t.same([await health('live'), await health('ready')], [200, 503])
      const content = `${running.url}/v1/content/articles?locale=en`
      t.equal(
        (
          await until(
            () => ask(content),
            ({ status }) => status === 503
          )
        ).status,
        503
      )
      t.equal((await edit('/v1/me')).status, 503)
      await postgres.start()
      t.equal(
        await until(
          () => health('ready'),
          (status) => status === 200
        ),
        200,
        'by itself'
      )
      t.equal(
        (
          await until(
            () => ask(content),
            ({ status }) => status === 200
          )
        ).status,
        200
      )
    })
  }
)
