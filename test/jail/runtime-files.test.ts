import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runtimeFiles } from '../../src/jail/runtime-files.ts'

/** What each library's ldd says of a program; musl's looks at its first argument alone. */
const GLIBC = `	linux-vdso.so.1 (0x00007ffd1d5f2000)
	libstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f5b6b800000)
	libmissing.so.1 => not found
	/lib64/ld-linux-x86-64.so.2 (0x00007f5b6bd2b000)`
const MUSL = `	/lib/ld-musl-x86_64.so.1 (0x7f0e2a1c8000)
	libstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f0e25c00000)
	libc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f0e2a1c8000)`

async function librariesTold(text: string, code: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
  try {
    const ldd = join(folder, 'ldd')
    writeFileSync(ldd, `#!/bin/sh\n[ $# = 1 ] || exit 2\n/bin/cat <<'END'\n${text}\nEND\nexit ${code}\n`, {
      mode: 0o755,
    })
    const { libraries } = await runtimeFiles([], { ldd }, [])
    return libraries.filter((path) => !path.startsWith('/etc/'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

it.each<[of: string, text: string, code: number, expected: readonly string[]]>([
  ['glibc', GLIBC, 0, ['/lib/x86_64-linux-gnu/libstdc++.so.6', '/lib64/ld-linux-x86-64.so.2']],
  ['musl', MUSL, 0, ['/lib/ld-musl-x86_64.so.1', '/usr/lib/libstdc++.so.6']],
  ['a Node that needs none, says glibc', '	statically linked', 0, []],
  ['a Node that needs none, says an older glibc', '	not a dynamic executable', 1, []],
  ['a Node that needs none, says musl', '/usr/bin/node: Not a valid dynamic program', 1, []],
])(
  'the libraries that a child needs are those which the ldd of its system tells: %s',
  async (_, text, code, expected) => {
    expect(await librariesTold(text, code)).toEqual(expected)
  },
)

it.each([
  ['nothing', ''],
  [
    'that it cannot load it',
    '	/lib64/ld-linux-x86-64.so.2 (0x7f212b261000)\nError loading shared library libstdc++.so.6: No such file or directory',
  ],
])('an ldd that says %s leaves no jail to stand, rather than one that nothing starts in', async (_, text) => {
  await expect(librariesTold(text, 1)).rejects.toThrow('ldd does not know the libraries of Node')
})
