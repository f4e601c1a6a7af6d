import { type Command, Option } from 'commander'
import { ROLES, type Role } from '../functions/roles.ts'
import type { ClientOptions, Order } from './function-commands.ts'

type Send = (order: Order, options: ClientOptions) => Promise<void>

/** Adds the commands by which an operator gives tokens away, and takes them back. */
export function addTokens(
  program: Command,
  { send, withClient }: { readonly send: Send; readonly withClient: (command: Command) => Command },
): void {
  const tokens = program.command('tokens').description('give tokens away, and take them back')
  withClient(tokens.command('create').description('make a token, which is shown this once'))
    .addOption(
      new Option('--role <role>', 'call functions; also deploy and see them; also stop them')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--tenant <name>', 'for what this tenant has alone (default: for all)')
    .option('--note <text>', 'what it is for')
    .action((given: ClientOptions & { readonly role: Role; readonly tenant?: string; readonly note?: string }) =>
      send({ kind: 'token-create', role: given.role, tenant: given.tenant, note: given.note }, given),
    )
  withClient(tokens.command('list').description('all tokens, without what proves them')).action(
    (given: ClientOptions) => send({ kind: 'token-list' }, given),
  )
  withClient(tokens.command('delete').description('have a token open nothing any more'))
    .argument('<id>')
    .action((id: string, given: ClientOptions) => send({ kind: 'token-delete', id }, given))
}
