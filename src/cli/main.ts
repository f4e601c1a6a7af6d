#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'

/** A reader that went away (`ringfence run … | head -1`) is no failure of ours: the exit code still tells the outcome. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
process.stdout.on('error', ignoreClosedPipe)
process.stderr.on('error', ignoreClosedPipe)

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    run: async (...call) => (await import('./commands/run.ts')).runProgram(...call),
    repl: async (...call) => (await import('./commands/repl.ts')).openPrompt(...call),
    bundle: async (...call) => (await import('./commands/bundle.ts')).bundleProgram(...call),
    serve: async (...call) => (await import('./commands/serve.ts')).serve(...call),
    dev: async (...call) => (await import('./commands/dev.ts')).dev(...call),
    deploy: async (...call) => (await import('./commands/deploy.ts')).deploy(...call),
    control: async (...call) => (await import('./commands/control.ts')).control(...call),
    doctor: async (...call) => (await import('./commands/doctor.ts')).examine(...call),
    explain: async (...call) => (await import('./commands/explain.ts')).explainProgram(...call),
  },
  process,
)
