import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PATIENCE_MS = 60_000

/** Runs a command of the image in this checkout: the sources in the place of what is built from them. Answers its exit code. */
export const exitCodeHere = (command: readonly string[]): number | null => {
  const [program = '', ...args] = command.map((word) =>
    word.replaceAll('dist/cli/main.js', 'src/cli/main.ts').replaceAll(/^node$|\bnode(?= src)/g, process.execPath),
  )
  return spawnSync(program, args, { cwd: ROOT, stdio: 'ignore', timeout: PATIENCE_MS }).status
}

/** Ran, or was refused where the machine has no wall for it; misuse, a crash and a time-out are something else. */
export const RAN_OR_REFUSED: readonly (number | null)[] = [0, 3]
