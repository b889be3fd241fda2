/** The nginx of the guide, from the system's package, in front of instances of a test. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../start/process.ts'
import { adapted, findProgram, ownFolder, run, type Test } from './programs.ts'

/** Runs it in front of instances on these two ports. `url` speaks plain HTTP, `secureUrl` TLS with a certificate of its own making. */
export async function nginxBefore(t: Test, ports: [number, number]) {
  const nginx = findProgram('nginx') as string
  const folder = ownFolder(t)
  const [redirecting, plain, secure] = [await freePort(), await freePort(), await freePort()]
  execFileSync(
    'openssl',
    [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'.split(
        ' '
      ),
      ...['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')]
    ],
    { stdio: 'ignore' }
  )
  mkdirSync(join(folder, 'log'))
  const site = adapted('examples/operating/nginx.conf', [
    ['127.0.0.1:3000', `127.0.0.1:${ports[0]}`],
    ['127.0.0.1:3001', `127.0.0.1:${ports[1]}`],
    ['listen 80;', `listen 127.0.0.1:${redirecting};`],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${secure} ssl http2; listen 127.0.0.1:${plain};`],
    ['/etc/ssl/dateline/', `${folder}/`],
    ['/var/cache/nginx/dateline', `${folder}/cache`],
    ['/var/log/nginx/', `${folder}/log/`]
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/temporary-${name};`)
    .join('\n')
  const file = join(folder, 'nginx.conf')
  writeFileSync(join(folder, 'dateline.conf'), site)
  writeFileSync(
    file,
    `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 2;
events { worker_connections 1024; }
http { ${temporary} include ${folder}/dateline.conf; }
`
  )
  const args = ['-p', `${folder}/`, '-c', file]
  const program = await run(t, nginx, args, plain)
  return {
    ...program,
    url: `http://127.0.0.1:${plain}`,
    secureUrl: `https://127.0.0.1:${secure}`,
    redirectingUrl: `http://127.0.0.1:${redirecting}`,
    log: join(folder, 'log', 'dateline.log'),
    reload: () => execFileSync(nginx, [...args, '-s', 'reload'], { stdio: 'ignore' })
  }
}
