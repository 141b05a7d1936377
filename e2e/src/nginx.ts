import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { untilListening } from './listening.ts'
import { run } from './process.ts'

const NGINX = '/usr/sbin/nginx'

/** What a configuration needs around it to run as anybody, in a folder of its own, and to end with its process. */
const surroundings = (block: string): string => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
${block}
}
`

/** An nginx with a block from the docs, on a free port, in front of a server. Other than ports and files nothing is changed. */
export async function startNginx(block: string, serverPort: number, files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-nginx-'))
  const port = await freePort()
  const here = Object.entries(files).reduce((text, [path, file]) => text.replaceAll(path, file), block)
  const configuration = surroundings(
    here.replace(/\blisten \d+/, `listen 127.0.0.1:${port}`).replaceAll('127.0.0.1:8080', `127.0.0.1:${serverPort}`),
  )
  writeFileSync(join(folder, 'nginx.conf'), configuration)
  const nginx = run(NGINX, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'])
  onTestFinished(async () => {
    nginx.child.kill()
    await nginx.exited
    rmSync(folder, { recursive: true })
  })
  const isOver = nginx.exited.then(() => {
    throw new Error(`nginx has ended: ${nginx.output.stderr}`)
  })
  await Promise.race([untilListening(port), isOver])
  isOver.catch(() => {}) // from now on it may
  return { ...nginx, port }
}
