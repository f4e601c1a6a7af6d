import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { OVERDUE, tryJail } from '../../src/jail/try-jail.ts'

const jail = (command: readonly string[]) => ({
  confine: () => ({ command, reportsPid: false, release: () => {} }),
})
/** Soon enough over that nothing is left of it after the test. */
const ASLEEP_S = 3

describe('trying a jail', () => {
  it.each([
    ['hangs', ['/bin/sh', '-c', `exec sleep ${ASLEEP_S}`]],
    [
      'leaves somebody behind who has its streams, in a session of his own',
      ['/bin/sh', '-c', `setsid sleep ${ASLEEP_S} & exit 0`],
    ],
  ])('comes to an end when it %s, and says that it was not in time', async (_, command) => {
    const late = delay(ASLEEP_S * 900, 'it was waited for to its end')
    expect(await Promise.race([tryJail(jail(command), 200), late])).toBe(OVERDUE)
  })

  it('works where Node starts', async () => {
    expect(await tryJail(jail([process.execPath, '--version']))).toBeUndefined()
  })
})
