import { resolve } from 'node:path'
import { createFunctionHost } from '../../function-host.ts'
import type { FunctionHost } from '../../functions/function-host.ts'
import type { Invocation } from '../../functions/words.ts'
import { serveFunctions } from '../../server/serve.ts'
import type { DevOptions } from '../dev-command.ts'
import { type DevEvent, DevFolder } from '../dev-folder.ts'
import { formatMs } from '../format-quantity.ts'
import { renderEnding } from '../render-ending.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { visibleText } from '../visible-text.ts'
import { interrupted, listen } from './serve.ts'

type Say = (line: string) => void

/** Serves the functions of a folder until interrupted, and says in the terminal what becomes of them. */
export async function dev(given: string, options: DevOptions, terminal: Terminal): Promise<number> {
  const folder = resolve(given)
  const { port, trust, tier, modules, limit, env } = options
  const say: Say = (line) => void terminal.stderr.write(`${line}\n`)
  await using host = await createFunctionHost()
  await using serving = await listen(() => serveFunctions(host, { port, address: '127.0.0.1' }))
  say(`ringfence: serving ${serving.url}, functions of ${folder}`)
  const stop = new AbortController()
  host.onInvocation((invocation) => say(callText(invocation)))
  const settings = {
    ...(trust !== undefined && { trust }),
    ...(tier !== undefined && { tier }),
    ...(modules !== undefined && { modules }),
    ...(limit !== undefined && { limits: limit }),
    ...(env !== undefined && { environment: env }),
  }
  const followed = new Set<string>()
  using files = new DevFolder(folder, host, settings, (event) => {
    say(eventText(event, serving.url))
    if (event.kind !== 'serving' || followed.has(event.name)) return
    followed.add(event.name)
    void sayLogs(host, event.name, stop.signal, say)
  })
  await opened(files, folder)
  await interrupted()
  stop.abort()
  return 0
}

async function opened(files: DevFolder, folder: string): Promise<void> {
  try {
    await files.open()
  } catch (error) {
    throw new UsageError(`Cannot serve folder ${folder}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function eventText(event: DevEvent, url: string): string {
  switch (event.kind) {
    case 'serving':
      return `${event.name}: version ${event.version} (handler: ${event.handler ?? 'unknown'}) at ${url}/fn/${event.name}`
    case 'failed':
      return `${event.name}: ${visibleText(event.message)}`
    case 'gone':
      return `${event.name}: its file is gone`
  }
}

/** How a call ended, with the place in the text of one that threw. */
function callText({ function: name, status, detail, durations, execution }: Invocation): string {
  const head = `${name}: ${status} in ${formatMs(durations.startMs + durations.runMs)}`
  if (status === 'ok') return head
  const ending = execution === undefined ? (detail ?? '') : renderEnding(execution).trimEnd()
  return `${head}\n${ending === '' ? visibleText(detail ?? '') : ending}`
}

async function sayLogs(host: FunctionHost, name: string, signal: AbortSignal, say: Say): Promise<void> {
  for await (const { level, text } of host.followLogs(name, signal)) {
    say(`${name} | ${level === 'log' ? '' : `${level}: `}${visibleText(text)}`)
  }
}
