import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const PROGRAM = fileURLToPath(new URL('../../examples/allow-namespaces.ts', import.meta.url))
/** Where podman and its kin keep the profile that they use by default. */
const ENGINES_OWN = '/usr/share/containers/seccomp.json'
const CALLS = ['clone', 'unshare', 'mount', 'umount2', 'pivot_root', 'sethostname']

const profileSchema = z.looseObject({
  syscalls: z.array(z.looseObject({ names: z.array(z.string()), action: z.string() })),
})

const derived = (profile: string) => {
  const { stdout, status } = spawnSync(process.execPath, [PROGRAM], { input: profile, encoding: 'utf8' })
  expect(status).toBe(0)
  return profileSchema.parse(JSON.parse(stdout))
}

const SMALL = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] }],
  syscalls: [
    { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
    { names: ['clone', 'mount', 'bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 2_114_060_288, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: ['sethostname'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, excludes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
}

describe('the profile that allows namespaces', () => {
  it('says of six calls that they are allowed, once each, and of the others what was said before', () => {
    const { syscalls, ...others } = derived(JSON.stringify(SMALL))
    expect(others).toEqual({ defaultAction: SMALL.defaultAction, archMap: SMALL.archMap })
    expect(syscalls).toEqual([
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      { names: ['bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      { names: CALLS, action: 'SCMP_ACT_ALLOW' },
    ])
  })

  it.runIf(existsSync(ENGINES_OWN))('is derived from what the engine here uses by default', () => {
    const own = readFileSync(ENGINES_OWN, 'utf8')
    const before = profileSchema.parse(JSON.parse(own)).syscalls.flatMap(({ names }) => names)
    const after = derived(own).syscalls.flatMap(({ names }) => names)
    expect(after.filter((name) => CALLS.includes(name))).toEqual(CALLS)
    const untouched = (names: readonly string[]) => names.filter((name) => !CALLS.includes(name))
    expect(untouched(after)).toEqual(untouched(before))
  })
})
