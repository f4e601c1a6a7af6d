import { basename, extname } from 'node:path'
import { ask, fieldsOf } from '../function-client.ts'
import type { DeployOptions } from '../function-commands.ts'
import { readText } from '../load-program.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

/** Deploys a file as a function and says how to call it. */
export async function deploy(file: string, options: DeployOptions, terminal: Terminal): Promise<number> {
  const {
    name = nameOf(file),
    trust,
    tier,
    handler,
    modules,
    limit,
    env,
    secret,
    tenant,
    access,
    concurrency,
    rate,
    instances,
  } = options
  const source = await readText('program', file, terminal)
  const given = {
    source,
    filename: file === '-' ? undefined : basename(file),
    trust,
    tier,
    handler,
    modules,
    limits: limit,
    environment: env,
    secrets: secret,
    tenant,
    access,
    concurrency,
    rate,
    instances: instances && { mode: instances },
  }
  const { body } = await ask(options, 'PUT', `/api/functions/${encodeURIComponent(name)}`, given)
  if (options.json === true) terminal.stdout.write(`${JSON.stringify(body)}\n`)
  else terminal.stdout.write(deployedText(body, options.url))
  return 0
}

function nameOf(file: string): string {
  if (file === '-') throw new UsageError('Cannot deploy the standard input: give it a name with --name')
  return basename(file, extname(file))
}

function deployedText(body: unknown, url: string): string {
  const { function: name, version, handler, unchanged } = fieldsOf(body)
  const what = unchanged === true ? 'was there already' : 'is new'
  return `${String(name)}: version ${String(version)} ${what} (handler: ${String(handler)})\n${new URL(`/fn/${String(name)}`, url).href}\n`
}
