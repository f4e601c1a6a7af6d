import { expect, test } from 'vitest'
import { SECURITY_RELEASES, securityGaps } from '../../src/core/security-releases.ts'
import { inspectRuntime } from '../../src/index.ts'

const safe = { node: '26.10.0', v8: '14.6', isolatedVm: '7.0.1' }

test.each([
  [safe, []],
  [{ ...safe, node: '24.21.0' }, []],
  [{ ...safe, node: '26.11.3' }, []],
  [{ ...safe, node: '28.0.0' }, []],
  [{ ...safe, isolatedVm: '7.1.0' }, []],
  [{ ...safe, node: '26.9.9' }, [/Node 26\.9\.9 lacks .*26\.10\.0 or newer/]],
  [{ ...safe, node: '24.9.0' }, [/Node 24\.9\.0 lacks .*24\.21\.0 or newer/]],
  [{ ...safe, node: '25.8.0' }, [/Node 25\.8\.0 is of a line that gets no security fixes/]],
  [{ ...safe, node: '22.1.0' }, [/no security fixes/]],
  [{ ...safe, isolatedVm: '6.1.2' }, [/isolated-vm 6\.1\.2 lacks .*7\.0\.1 or newer/]],
  [{ ...safe, node: '26.0.0', isolatedVm: '7.0.0' }, [/Node/, /isolated-vm/]],
])('of %j it says %j', (versions, expected) => {
  const gaps = securityGaps(versions)
  expect(gaps).toHaveLength(expected.length)
  for (const [at, pattern] of expected.entries()) expect(gaps[at]).toMatch(pattern)
})

test('the release this is developed on has every known fix, and is what is really running', () => {
  const report = inspectRuntime()
  expect(report).toMatchObject({ node: process.versions.node, v8: process.versions.v8 })
  expect(report.isolatedVm).toMatch(/^\d+\.\d+\.\d+$/)
  expect(report.gaps).toEqual(securityGaps(report))
  expect(SECURITY_RELEASES.knownOn).toMatch(/^\d{4}-\d\d-\d\d$/)
})
