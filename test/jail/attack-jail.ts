/** Lays bait out, attacks it from inside a jail of the kind named (or from outside any), and prints what got through. */
import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { layBait } from '../../src/jail/bait.ts'
import { JAIL_KINDS } from '../../src/jail/find-jail.ts'
import { attackProgram, attacksWith } from './attacks.ts'
import { runInJail } from './in-jail.ts'

const BOUNDS = { dataBytes: 1024 * 1024 * 1024 }

const kind = JAIL_KINDS.find((one) => one === process.argv[2])
await using laid = await layBait()
const program = attackProgram(attacksWith(laid.bait))
const { stdout } =
  kind === undefined
    ? spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', stdio: [0, 'pipe', 2, 9, 9, 9] })
    : await runInJail(kind, program, BOUNDS)
// What arrived while this thread waited is told in its turn.
await delay(50)
const through: unknown = JSON.parse(stdout)
process.stdout.write(JSON.stringify({ through, reached: [...laid.reached] }))
