import { type Architecture, AUDIT_ARCH, SYSCALLS } from '../../src/jail/syscalls.ts'

/** One call as the kernel shows it to a filter. */
export interface KernelCall {
  readonly number: number
  readonly architecture: number
  readonly args: readonly number[]
}

/** A call by name, as made on an architecture. */
export function callOf(architecture: Architecture, name: string, ...args: readonly number[]): KernelCall {
  const number = SYSCALLS[architecture].get(name)
  if (number === undefined) throw new Error(`${architecture} has no ${name}`)
  return { number, architecture: AUDIT_ARCH[architecture], args }
}

const instructionsOf = (filter: Buffer) =>
  Array.from({ length: filter.length / 8 }, (_, index) => ({
    code: filter.readUInt16LE(index * 8),
    yes: filter.readUInt8(index * 8 + 2),
    no: filter.readUInt8(index * 8 + 3),
    value: filter.readUInt32LE(index * 8 + 4),
  }))

/** `struct seccomp_data`: the number, the architecture, the place of the call, and six arguments of 64 bits. */
function dataOf({ number, architecture, args }: KernelCall): Buffer {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(architecture, 4)
  for (const [index, value] of args.entries()) data.writeUInt32LE(value >>> 0, 16 + 8 * index)
  return data
}

/** Runs a filter as the kernel does, which takes jumps forward only; the same answer numbers come out. */
export function decide(filter: Buffer, call: KernelCall): string {
  const program = instructionsOf(filter)
  const data = dataOf(call)
  let loaded = 0
  for (let at = 0; at < program.length; at += 1) {
    const step = program[at]
    if (step === undefined) break
    const jumps: Readonly<Record<number, boolean>> = {
      0x15: loaded === step.value,
      0x35: loaded >= step.value,
      0x45: (loaded & step.value) !== 0,
    }
    const jump = jumps[step.code]
    if (step.code === 0x20) loaded = data.readUInt32LE(step.value)
    else if (step.code === 0x06) return verdictOf(step.value)
    else if (jump === undefined) throw new Error(`instruction ${step.code} at ${at} is not known`)
    else at += jump ? step.yes : step.no
  }
  throw new Error('the filter has no end')
}

function verdictOf(value: number): string {
  if (value === 0x7fff0000) return 'allow'
  if (value === 0x80000000) return 'kill'
  return `errno ${value & 0xffff}`
}
