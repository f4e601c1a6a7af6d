import { expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { systemTools } from '../../src/jail/tools.ts'

const { bwrap = '' } = systemTools()
const CHECKOUT = new URL('../..', import.meta.url).pathname
/** As an operator might write it: everything can be read, and nothing be written. */
const READABLE = [bwrap, '--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--dev', '/dev']
const ATTEMPT = { trust: 'trusted', tier: 'process' } as const

async function seenBehind(commandPrefix: readonly string[]): Promise<unknown> {
  await using broker = await createBroker({ process: { commandPrefix } })
  const { outcome, isolation } = await broker.run('export default () => 42', ATTEMPT)
  expect(outcome).toEqual({ kind: 'returned', value: 42 })
  return isolation
}

it('a command prefix that confines nothing is seen to be no isolation', async () => {
  expect(await seenBehind(['/usr/bin/env'])).toEqual({ level: 'none', layers: ['command-prefix'] })
})

it.runIf(bwrap !== '').each<[why: string, level: string, prefix: readonly string[]]>([
  // A network namespace does not hold sockets that are files: the engine of a container host is often reached by one.
  ['leaves sockets that are files within reach', 'none', READABLE],
  // The checkout and its Node may themselves lie below the folder that is covered.
  [
    'leaves a folder to write to',
    'basic',
    [
      ...READABLE,
      '--tmpfs',
      '/tmp',
      ...[CHECKOUT, process.execPath].flatMap((path) => ['--ro-bind', path, path]),
      '--tmpfs',
      '/proc',
    ],
  ],
])(
  'a command prefix is judged by what it lets through, not by its name: one that %s is %s',
  async (_, level, prefix) => {
    expect(await seenBehind([...prefix, '--'])).toEqual({ level, layers: ['command-prefix'] })
  },
)

it('a command prefix that cannot be started is no isolation, with the cause', async () => {
  await using broker = await createBroker({ process: { commandPrefix: ['/bin/false'] } })
  const seen = (await broker.isolation()).find(({ tier }) => tier === 'process')
  expect(seen).toMatchObject({
    level: 'none',
    missing: [{ cause: expect.stringContaining('exited with code 1'), fix: expect.stringContaining('by hand') }],
  })
})
