import { describe, expect, it } from 'vitest'
import { systemTools } from '../../src/jail/tools.ts'
import { runAs, USERS } from './as-user.ts'

const COMMON = ['seccomp', 'no-new-privileges', 'no-capabilities']
const hasBwrap = systemTools().bwrap !== undefined

const reportAs = async (user: string, jail: string) => {
  const { stdout, stderr } = await runAs(user, 'report-isolation.ts', [jail])
  if (stdout === '') throw new Error(stderr)
  const report: unknown = JSON.parse(stdout)
  return report
}

describe.each(USERS)('started by %s', (user) => {
  const own = user === 'root' ? ['own-user', 'rlimits'] : ['rlimits']
  const expected = (level: string, ...walls: readonly string[]) => ({
    values: [42, 42],
    reports: {
      process: { level, layers: [...walls, ...COMMON, ...own, 'data-limit'] },
      // Hosts are shared, and many isolates cannot share one limit of data.
      isolate: { level, layers: [...walls, ...COMMON, ...own] },
      vm: { level: 'none' },
      worker: { level: 'none' },
    },
  })

  it.runIf(hasBwrap)('namespaces are seen to be strong, and guests run in them', async () => {
    expect(await reportAs(user, 'auto')).toMatchObject(expected('strong', 'namespaces'))
  })

  it('Landlock is seen to be good, and guests run in it', async () => {
    const report = await reportAs(user, 'landlock')
    expect(report).toMatchObject(expected('good', 'landlock'))
    expect(report).toMatchObject({ reports: { process: { missing: [{ layer: 'namespaces' }] } } })
  })

  it.skipIf(user === 'root')('seccomp alone is seen to be basic, and guests run in it', async () => {
    const report = await reportAs(user, 'seccomp')
    expect(report).toMatchObject(expected('basic'))
    expect(report).toMatchObject({
      reports: { process: { missing: [{ layer: 'namespaces' }, { layer: 'landlock' }] } },
    })
  })

  it.skipIf(user === 'root')('without a jail there is no isolation, and guests run all the same', async () => {
    const none = {
      level: 'none',
      layers: [],
      missing: [{ layer: 'namespaces' }, { layer: 'landlock' }, { layer: 'seccomp' }],
    }
    expect(await reportAs(user, 'none')).toMatchObject({ values: [42, 42], reports: { process: none, isolate: none } })
  })
})
