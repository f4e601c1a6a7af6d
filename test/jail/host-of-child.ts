/** Starts a child in the jail named whose only thread never comes back, prints the processes, and waits to be killed. */
import { findJail, JAIL_KINDS } from '../../src/jail/find-jail.ts'
import { spawnChild } from '../../src/tiers/child.ts'

const kind = JAIL_KINDS.find((one) => one === process.argv[2]) ?? 'seccomp'
const { jail } = await findJail(kind, [])
if (jail === undefined) throw new Error(`there is no jail "${kind}" here`)
const code = `require('fs').writeSync(3, 'up'); for (;;);`
const entry = new URL('../../src/jail/level.ts', import.meta.url)
const nodeFlags = ['--no-warnings', '--openssl-config=/dev/null', '-e', code]
const child = spawnChild({ prefix: [], jailed: { jail, bounds: {} }, nodeFlags, entry, args: [] })
child.pipe.once('data', () => process.stdout.write(`${child.pid}\n`))
setInterval(() => {}, 1000)
