import { type Command, Option } from 'commander'
import type { Limits, TierId, TrustLevel } from '../core/types.ts'
import type { Role } from '../functions/roles.ts'
import type { Rate } from '../functions/words.ts'
import type { AwsKey } from '../server/lambda/signature.ts'
import type { HttpLimits } from '../server/server.ts'
import { MODULES, TIER, TRUST } from './command-options.ts'
import { addDev, type DevOptions } from './dev-command.ts'
import { parseHttpLimit } from './parse-http-limit.ts'
import { parseLimit } from './parse-limit.ts'
import { awsKey, type Variables, variable, weight, wholeNumber } from './parse-option.ts'
import { parseRate, rateOrNone } from './parse-rate.ts'
import type { Terminal } from './terminal.ts'
import { addTokens } from './token-commands.ts'

/** What `serve` takes. */
export interface ServeCommandOptions {
  readonly port: number
  readonly address: string
  readonly data: string
  readonly token?: string
  readonly awsKey?: AwsKey
  readonly httpLimit?: Partial<HttpLimits>
  readonly secretKey?: string
  readonly policy?: string
  readonly log?: true
  readonly tenantRate?: Rate
}

/** Which server is meant, and how its answer is shown. */
export interface ClientOptions {
  readonly url: string
  readonly token?: string
  readonly json?: boolean
}

/** What `deploy` takes. */
export interface DeployOptions extends ClientOptions {
  readonly name?: string
  readonly trust?: TrustLevel
  readonly tier?: TierId
  readonly handler?: string
  readonly modules?: 'node'
  readonly limit?: Partial<Limits>
  readonly env?: Variables
  readonly secret?: Variables
  readonly tenant?: string
  readonly access?: 'public' | 'token'
  readonly concurrency?: number
  readonly rate?: Rate | 'none'
  readonly instances?: 'per-request' | 'per-instance'
}

/** What is asked of a server about its functions. */
export type Order =
  | { readonly kind: 'list' }
  | { readonly kind: 'show' | 'versions' | 'delete' | 'unblock'; readonly name: string }
  | { readonly kind: 'logs'; readonly name: string; readonly follow: boolean }
  | {
      readonly kind: 'invoke'
      readonly name: string
      readonly input: string | undefined
      readonly qualifier: string | undefined
    }
  | {
      readonly kind: 'alias'
      readonly name: string
      readonly alias: string
      readonly version: number
      readonly weights: Readonly<Record<string, number>> | undefined
    }
  | { readonly kind: 'rollback'; readonly name: string; readonly version: number | undefined }
  | { readonly kind: 'kill' | 'block'; readonly name: string; readonly reason: string }
  | {
      readonly kind: 'token-create'
      readonly role: Role
      readonly tenant: string | undefined
      readonly note: string | undefined
    }
  | { readonly kind: 'token-list' }
  | { readonly kind: 'token-delete'; readonly id: string }

/** The actions behind the commands about functions. */
export interface FunctionActions {
  readonly serve: (options: ServeCommandOptions, terminal: Terminal) => Promise<number>
  readonly dev: (folder: string, options: DevOptions, terminal: Terminal) => Promise<number>
  readonly deploy: (file: string, options: DeployOptions, terminal: Terminal) => Promise<number>
  readonly control: (order: Order, options: ClientOptions, terminal: Terminal) => Promise<number>
}

type Finish = (code: Promise<number>) => Promise<void>

/** Adds the commands that serve functions and speak with a server that does. */
export function addFunctionCommands(
  program: Command,
  actions: FunctionActions,
  terminal: Terminal,
  finish: Finish,
): void {
  program
    .command('serve')
    .description('serve functions over HTTP until it is interrupted')
    .option('--port <number>', 'the port, 0 for any free one', wholeNumber, 8080)
    .option('--address <ip>', 'the address to listen on; beyond this machine only with a token', '127.0.0.1')
    .option('--data <folder>', 'the folder that keeps functions and blocks', '.ringfence')
    .addOption(new Option('--token <token>', 'ask for this token').env('RINGFENCE_TOKEN'))
    .addOption(
      new Option('--aws-key <id=secret>', 'let AWS clients in who sign with this key')
        .env('RINGFENCE_AWS_KEY')
        .argParser(awsKey),
    )
    .addOption(new Option('--secret-key <key>', 'what secrets are sealed with').env('RINGFENCE_SECRET_KEY'))
    .option('--policy <file>', 'the policy of the operator, a JSON document')
    .option('--tenant-rate <calls/time>', 'at most so many calls of each tenant in that time, as in 100/s', parseRate)
    .option(
      '--http-limit <name=value>',
      'against slow and greedy clients: bodyBytes, headersMs, requestMs, readMs, connections; may be repeated',
      parseHttpLimit,
    )
    .option('--log', 'write a line of JSON for each invocation on the standard error')
    .action((options: ServeCommandOptions) => finish(actions.serve(options, terminal)))
  addDev(program, (folder, options) => finish(actions.dev(folder, options, terminal)))
  addDeploy(program, (file, options) => finish(actions.deploy(file, options, terminal)))
  const send = (order: Order, options: ClientOptions): Promise<void> =>
    finish(actions.control(order, options, terminal))
  addCalls(program, send)
  addFunctions(program, send)
  addTokens(program, { send, withClient })
}

function addDeploy(program: Command, act: (file: string, options: DeployOptions) => Promise<void>): void {
  withClient(program.command('deploy').description('make a new version of a function, and have calls go to it'))
    .argument('<file>', 'its text, or - for the standard input')
    .option('--name <name>', 'what it is called (default: the name of the file)')
    .addOption(TRUST)
    .addOption(TIER)
    .addOption(MODULES)
    .option('--handler <path>', 'the exported Lambda handler, as in api.users (default: found by its shape)')
    .option('--limit <name=value>', 'a lower limit, as in wallMs=500ms; may be repeated', parseLimit)
    .option('--env <name=value>', 'a variable of its environment; may be repeated', variable)
    .option('--secret <name=value>', 'the same, kept sealed; may be repeated', variable)
    .option('--tenant <name>', 'who answers for it')
    .addOption(new Option('--access <kind>', 'who may call it (default: token)').choices(['public', 'token']))
    .option('--concurrency <number>', 'at most so many calls at once, none with 0', wholeNumber)
    .option('--rate <calls/time>', 'at most so many calls in that time, as in 100/s or 5/10m; or none', rateOrNone)
    .addOption(
      new Option('--instances <mode>', 'a fresh sandbox for each call, or warm ones (default: by its trust)').choices([
        'per-request',
        'per-instance',
      ]),
    )
    .action(act)
}

function addCalls(program: Command, send: (order: Order, options: ClientOptions) => Promise<void>): void {
  withClient(program.command('invoke').description('call a function with data and print its answer'))
    .argument('<name>')
    .option('--input <json>', 'what it is called with, in JSON')
    .option('--qualifier <name>', 'a version or an alias (default: live)')
    .action((name: string, given: ClientOptions & { readonly input?: string; readonly qualifier?: string }) =>
      send({ kind: 'invoke', name, input: given.input, qualifier: given.qualifier }, given),
    )
  for (const kind of ['kill', 'block'] as const) {
    withClient(
      program.command(kind).description(kind === 'kill' ? 'end what runs of a function' : 'end it, and refuse calls'),
    )
      .argument('<name>')
      .option('--reason <text>', 'told to whoever called', 'stopped by the operator')
      .action((name: string, given: ClientOptions & { readonly reason: string }) =>
        send({ kind, name, reason: given.reason }, given),
      )
  }
  withClient(program.command('unblock').description('let calls of a function through again'))
    .argument('<name>')
    .action((name: string, given: ClientOptions) => send({ kind: 'unblock', name }, given))
}

function addFunctions(program: Command, send: (order: Order, options: ClientOptions) => Promise<void>): void {
  const functions = program
    .command('functions')
    .description('look at functions, their versions and logs, and change them')
  withClient(functions.command('list').description('all functions')).action((given: ClientOptions) =>
    send({ kind: 'list' }, given),
  )
  const about = {
    show: 'one function',
    versions: 'its versions, the newest first',
    delete: 'end it and forget all of it',
  }
  for (const kind of ['show', 'versions', 'delete'] as const) {
    withClient(functions.command(kind).description(about[kind]))
      .argument('<name>')
      .action((name: string, given: ClientOptions) => send({ kind, name }, given))
  }
  withClient(functions.command('logs').description('the last lines it wrote'))
    .argument('<name>')
    .option('--follow', 'and those to come, until interrupted')
    .action((name: string, given: ClientOptions & { readonly follow?: boolean }) =>
      send({ kind: 'logs', name, follow: given.follow === true }, given),
    )
  withClient(functions.command('alias').description('point an alias to a version'))
    .argument('<name>')
    .argument('<alias>')
    .argument('<version>', 'its number', wholeNumber)
    .option('--weight <version=share>', 'a share of its calls that goes to another version; may be repeated', weight)
    .action(
      (
        name: string,
        alias: string,
        version: number,
        given: ClientOptions & { readonly weight?: Readonly<Record<string, number>> },
      ) => send({ kind: 'alias', name, alias, version, weights: given.weight }, given),
    )
  withClient(functions.command('rollback').description('have calls go to the version before'))
    .argument('<name>')
    .argument('[version]', 'or to this one', wholeNumber)
    .action((name: string, version: number | undefined, given: ClientOptions) =>
      send({ kind: 'rollback', name, version }, given),
    )
}

const withClient = (command: Command): Command =>
  command
    .addOption(new Option('--url <url>', 'the server').env('RINGFENCE_URL').default('http://127.0.0.1:8080'))
    .addOption(new Option('--token <token>', "the server's token").env('RINGFENCE_TOKEN'))
    .option('--json', 'print one line of JSON on the standard output, and nothing else there')
