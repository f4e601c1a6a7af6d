import type { Command } from 'commander'
import type { Limits, TierId, TrustLevel } from '../core/types.ts'
import { MODULES, TIER, TRUST } from './command-options.ts'
import { parseLimit } from './parse-limit.ts'
import { type Variables, variable, wholeNumber } from './parse-option.ts'

/** What `dev` takes. */
export interface DevOptions {
  readonly port: number
  readonly trust?: TrustLevel
  readonly tier?: TierId
  readonly modules?: 'node'
  readonly limit?: Partial<Limits>
  readonly env?: Variables
}

/** Adds the command that serves a folder while its functions are written. */
export function addDev(program: Command, act: (folder: string, options: DevOptions) => Promise<void>): void {
  program
    .command('dev')
    .description('serve the functions of a folder, each file one, and replace them as their files change')
    .argument('[folder]', 'the folder', '.')
    .option('--port <number>', 'the port, 0 for any free one', wholeNumber, 8080)
    .addOption(TRUST)
    .addOption(TIER)
    .addOption(MODULES)
    .option('--limit <name=value>', 'a lower limit, as in wallMs=500ms; may be repeated', parseLimit)
    .option('--env <name=value>', 'a variable of their environment; may be repeated', variable)
    .action(act)
}
