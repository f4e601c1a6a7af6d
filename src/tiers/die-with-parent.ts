import { existsSync } from 'node:fs'

/** Part of util-linux: runs a command that the kernel ends when the thread that started it dies. */
const SETPRIV = '/usr/bin/setpriv'

/** A prefix for children that cannot see the broker die, because a guest has their only thread. Empty where there is none. */
export const DIE_WITH_PARENT: readonly string[] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []
