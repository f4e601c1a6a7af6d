import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A shell's program in the place of bubblewrap, which every user may start. Owned by whoever made it. */
export class FakeBwrap implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
  readonly path: string = join(this.#folder, 'bwrap')

  constructor(script: string) {
    chmodSync(this.#folder, 0o755)
    writeFileSync(this.path, `#!/bin/sh\n${script}\n`)
    chmodSync(this.path, 0o755)
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true })
  }
}
