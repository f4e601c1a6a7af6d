import type { Terminal } from '../../src/cli/terminal.ts'

/** A terminal whose output can be read back. */
export interface CapturedTerminal extends Terminal {
  readonly written: { stdout: string; stderr: string }
}

/** Makes a terminal that keeps what is written to it and reads `stdin` from the given chunks. */
export function captureTerminal(stdin: readonly (string | Uint8Array)[] = []): CapturedTerminal {
  const written = { stdout: '', stderr: '' }
  return {
    written,
    stdin: (async function* chunks() {
      yield* stdin
    })(),
    stdout: {
      write: (text) => {
        written.stdout += text
      },
    },
    stderr: {
      write: (text) => {
        written.stderr += text
      },
    },
  }
}
