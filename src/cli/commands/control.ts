import { ask, type Fields, fieldsOf, reach, refusalText, ServerRefusal } from '../function-client.ts'
import type { ClientOptions, Order } from '../function-commands.ts'
import { parseJson } from '../load-program.ts'
import { renderTable } from '../render-table.ts'
import type { Terminal } from '../terminal.ts'
import { visibleText } from '../visible-text.ts'

/** The exit code of a call that the function, or its host, did not answer well. */
const FAILED = 1

/** Asks a server about its functions, or to change them, and shows the answer. */
export async function control(order: Order, options: ClientOptions, terminal: Terminal): Promise<number> {
  if (order.kind === 'logs' && order.follow) return followLogs(order.name, options, terminal)
  const [method, path, body] = requestOf(order)
  const answer = await ask(options, method, path, body)
  const fields = fieldsOf(answer.body)
  if (options.json === true) terminal.stdout.write(`${JSON.stringify(answer.body ?? null)}\n`)
  else show(order, fields, terminal)
  return order.kind === 'invoke' && fields['status'] !== 'ok' ? FAILED : 0
}

function requestOf(order: Order): readonly [method: string, path: string, body?: unknown] {
  const at = (rest = ''): string => `/api/functions/${'name' in order ? encodeURIComponent(order.name) : ''}${rest}`
  switch (order.kind) {
    case 'list':
      return ['GET', '/api/functions']
    case 'show':
      return ['GET', at()]
    case 'versions':
    case 'logs':
      return ['GET', at(`/${order.kind}`)]
    case 'delete':
      return ['DELETE', at()]
    case 'invoke':
      return [
        'POST',
        at(`/invoke${order.qualifier === undefined ? '' : `?qualifier=${encodeURIComponent(order.qualifier)}`}`),
        order.input === undefined ? undefined : parseJson('the input', order.input),
      ]
    case 'alias':
      return [
        'PUT',
        at(`/aliases/${encodeURIComponent(order.alias)}`),
        { version: order.version, weights: order.weights },
      ]
    case 'rollback':
      return ['POST', at('/rollback'), { version: order.version }]
    case 'kill':
      return ['POST', at('/kill'), { reason: order.reason }]
    case 'block':
      return ['PUT', at('/block'), { reason: order.reason }]
    case 'unblock':
      return ['DELETE', at('/block')]
    case 'token-create':
      return ['POST', '/api/tokens', { role: order.role, tenant: order.tenant, note: order.note }]
    case 'token-list':
      return ['GET', '/api/tokens']
    case 'token-delete':
      return ['DELETE', `/api/tokens/${encodeURIComponent(order.id)}`]
  }
}

function show(order: Order, fields: Fields, { stdout, stderr }: Terminal): void {
  const rowsOf = (key: string): readonly Fields[] => {
    const list = fields[key]
    return Array.isArray(list) ? list.map(fieldsOf) : []
  }
  switch (order.kind) {
    case 'list':
      stdout.write(tableOf(rowsOf('functions'), ['name', 'tenant', 'access', 'latest', 'changedAt']))
      return
    case 'versions':
      stdout.write(tableOf(rowsOf('versions'), ['number', 'createdAt', 'filename', 'hash']))
      return
    case 'logs':
      for (const line of rowsOf('lines')) stdout.write(lineOf(line))
      return
    case 'invoke':
      for (const line of rowsOf('logs')) stderr.write(lineOf(line))
      if (fields['status'] === 'ok') stdout.write(`${JSON.stringify(fields['value'], undefined, 2) ?? ''}\n`)
      else stderr.write(visibleText(`ringfence: ${String(fields['status'])}: ${String(fields['detail'])}\n`))
      return
    case 'delete':
      stdout.write(`${order.name} is gone\n`)
      return
    case 'kill':
    case 'block':
      stdout.write(`${String(fields['ended'])} ended\n`)
      return
    case 'unblock':
      stdout.write(fields['unblocked'] === true ? `${order.name} is called again\n` : `${order.name} was not blocked\n`)
      return
    case 'token-create':
      stderr.write(`ringfence: token ${String(fields['id'])}, which is not shown again:\n`)
      stdout.write(`${String(fields['token'])}\n`)
      return
    case 'token-list':
      stdout.write(tableOf(rowsOf('tokens'), ['id', 'role', 'tenant', 'note', 'createdAt']))
      return
    case 'token-delete':
      stdout.write(`token ${order.id} is gone\n`)
      return
    case 'show':
    case 'alias':
    case 'rollback':
      stdout.write(visibleText(`${JSON.stringify(fields, undefined, 2)}\n`))
  }
}

/** What is missing is an empty cell. */
const cellOf = (value: unknown = ''): string => visibleText(String(value))

const tableOf = (rows: readonly Fields[], keys: readonly string[]): string =>
  renderTable(
    keys.map((title) => ({ title })),
    rows.map((row) => keys.map((key) => cellOf(row[key]))),
  )

const lineOf = ({ at, level, text, invocation }: Fields): string => {
  const whose = typeof invocation === 'string' ? `${invocation.slice(0, 8)} ` : ''
  return `${new Date(Number(at)).toISOString()} ${whose}${visibleText(`${String(level)} ${String(text)}`)}\n`
}

/** Prints lines as they come, until interrupted or the server ends. */
async function followLogs(name: string, options: ClientOptions, { stdout }: Terminal): Promise<number> {
  const response = await reach(options, 'GET', `/api/functions/${encodeURIComponent(name)}/logs?follow=1`)
  if (!response.ok || response.body === null) throw new ServerRefusal(response.status, refusalText(response))
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const events = `${rest}${text}`.split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const json = event.replace(/^data: /, '')
      stdout.write(options.json === true ? `${json}\n` : lineOf(fieldsOf(JSON.parse(json))))
    }
  }
  return 0
}
