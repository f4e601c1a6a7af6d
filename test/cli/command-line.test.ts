import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import type { BundleCommandOptions, CommandOptions, DoctorOptions } from '../../src/cli/command-options.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { RingfenceError } from '../../src/core/errors.ts'
import { captureTerminal } from './captured-terminal.ts'

interface Told {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly calls: readonly (readonly [command: string, file: string, options: CommandOptions])[]
  readonly examinations: readonly DoctorOptions[]
  readonly bundles: readonly (readonly [path: string, options: BundleCommandOptions])[]
}

/** Says a command line to commands that only note how they were called. */
async function say(...args: string[]): Promise<Told> {
  const terminal = captureTerminal()
  const calls: (readonly [string, string, CommandOptions])[] = []
  const examinations: DoctorOptions[] = []
  const bundles: [path: string, options: BundleCommandOptions][] = []
  const note = (command: string, code: number) => (file: string, options: CommandOptions) => {
    calls.push([command, file, options])
    return Promise.resolve(code)
  }
  const actions = {
    run: note('run', 4),
    explain: note('explain', 3),
    repl: async () => 0,
    bundle: (path: string, options: BundleCommandOptions) => {
      bundles.push([path, options])
      return Promise.resolve(0)
    },
    serve: async () => 0,
    dev: async () => 0,
    deploy: async () => 0,
    control: async () => 0,
    doctor: (options: DoctorOptions) => {
      examinations.push(options)
      return Promise.resolve(3)
    },
  }
  const code = await runCommandLine(args, actions, terminal)
  return { code, ...terminal.written, calls, examinations, bundles }
}

describe('a command line', () => {
  it('hands its options to doctor, which takes no file', async () => {
    expect(await say('doctor', '--json', '--policy', 'p.json')).toMatchObject({
      code: 3,
      examinations: [{ json: true, policy: 'p.json' }],
    })
    expect(await say('doctor', 'a.ts')).toMatchObject({ code: 2, examinations: [] })
  })

  it('hands its options to bundle, which takes one path', async () => {
    const line = ['bundle', 'app', '--out', 'a.js', '--root', '.', '--minify', '--define', 'A=1', '--define', 'B="b=c"']
    expect(await say(...line)).toMatchObject({
      code: 0,
      bundles: [['app', { out: 'a.js', root: '.', minify: true, define: { A: '1', B: '"b=c"' } }]],
    })
    expect(await say('bundle')).toMatchObject({ code: 2, bundles: [] })
    expect(await say('bundle', 'app', '--define', 'A')).toMatchObject({ code: 2, bundles: [] })
  })

  it('hands everything to the command and gives back its exit code', async () => {
    const line =
      'run a.ts --trust hostile --tier process --workload cpu --kind module --export main --json --log-level debug'
    const { code, calls, stdout, stderr } = await say(...line.split(' '))
    expect({ code, stdout, stderr }).toEqual({ code: 4, stdout: '', stderr: '' })
    expect(calls).toEqual([
      [
        'run',
        'a.ts',
        {
          trust: 'hostile',
          tier: 'process',
          workload: 'cpu',
          kind: 'module',
          export: 'main',
          json: true,
          logLevel: 'debug',
        },
      ],
    ])
  })

  it('leaves open what was not said, apart from a silent log', async () => {
    const { calls } = await say('explain', '-')
    expect(calls).toEqual([['explain', '-', { logLevel: 'silent' }]])
  })

  it('reads input, modules and limits, which may be repeated', async () => {
    const line = 'run a.ts --input {"x":[1,null]} --module a=./a.js --module ./b.ts=lib/b=1.ts --limit wallMs=0.5s'
    const { calls } = await say(...line.split(' '), '--limit', 'hostCalls=3')
    expect(calls[0]?.[2]).toMatchObject({
      input: { kind: 'json', value: { x: [1, null] } },
      module: [
        { name: 'a', path: './a.js' },
        { name: './b.ts', path: 'lib/b=1.ts' },
      ],
      limit: { wallMs: 500, hostCalls: 3 },
    })
  })

  it('takes the input from a file when it starts with @', async () => {
    const { calls } = await say('run', 'a.ts', '--input', '@data.json')
    expect(calls[0]?.[2].input).toEqual({ kind: 'file', path: 'data.json' })
  })

  it.each([
    [['run'], "ringfence: missing required argument 'file'"],
    [['run', 'a', 'b'], "ringfence: too many arguments for 'run'. Expected 1 argument but got 2."],
    [['fly'], "ringfence: unknown command 'fly'"],
    [['run', 'a', '--speed'], "ringfence: unknown option '--speed'"],
    [['run', 'a', '--trust', 'friend'], 'Allowed choices are trusted, limited, untrusted, hostile.'],
    [['run', 'a', '--tier', 'cloud'], 'Allowed choices are vm, worker, isolate, process.'],
    [['run', 'a', '--limit', 'x=1'], 'There is no limit "x"; there are wallMs, cpuMs, memoryBytes'],
    [['run', 'a', '--input', '{x}'], 'It is not JSON: '],
    [['run', 'a', '--module', 'x'], 'Write it as name=file.'],
    [['run', 'a', '--module', 'x=1', '--module', 'x=2'], 'Module "x" is given twice.'],
  ])('%j is bad usage, told in one line', async (args, message) => {
    const { code, stdout, stderr, calls } = await say(...args)
    expect({ code, stdout, calls }).toEqual({ code: 2, stdout: '', calls: [] })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('without a command shows the help and is bad usage', async () => {
    const { code, stdout, stderr } = await say()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Usage: ringfence')
  })

  it('shows help with examples, and its version, on the standard output', async () => {
    const help = await say('--help')
    expect(help.code).toBe(0)
    expect(help.stdout).toMatch(/Examples:\n {2}ringfence run/)
    const version = await say('--version')
    expect(version.code).toBe(0)
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

async function fail(error: Error): Promise<{ code: number; stderr: string }> {
  const terminal = captureTerminal()
  const reject = async (): Promise<number> => {
    throw error
  }
  const functions = { serve: reject, dev: reject, deploy: reject, control: reject }
  const actions = { run: reject, explain: reject, repl: reject, doctor: reject, bundle: reject, ...functions }
  const code = await runCommandLine(['run', 'a.ts'], actions, terminal)
  return { code, stderr: terminal.written.stderr }
}

describe('an error', () => {
  it('of usage is one line and exit code 2', async () => {
    expect(await fail(new UsageError('Cannot read program: gone'))).toEqual({
      code: 2,
      stderr: 'ringfence: Cannot read program: gone\n',
    })
  })

  it('in the policy document counts as bad usage', async () => {
    expect(await fail(new RingfenceError('RF_BAD_POLICY', 'Cannot define policy: no'))).toEqual({
      code: 2,
      stderr: 'ringfence: Cannot define policy: no (RF_BAD_POLICY)\n',
    })
  })

  it('of ours tells its code and ends as a crash', async () => {
    expect(await fail(new RingfenceError('RF_CARRIER_FAILED', 'Cannot start child'))).toEqual({
      code: 6,
      stderr: 'ringfence: Cannot start child (RF_CARRIER_FAILED)\n',
    })
  })
})
