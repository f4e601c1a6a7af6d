import { type Architecture, AUDIT_ARCH, SYSCALLS } from './syscalls.ts'

/** What the kernel does with a call: lets it through, answers with an error number, or ends the whole process (SIGSYS). */
export type Action = 'allow' | 'kill' | { readonly errno: number }

/** A condition on one argument; only its low 32 bits are looked at, which is all that the arguments tested here have. */
export interface Condition {
  readonly argument: number
  /** `any`: some bit of `bits` is set. `none`: no bit of it is. `equals`: the whole argument is `bits`. */
  readonly test: 'any' | 'none' | 'equals'
  readonly bits: number
}

/** Calls, and what becomes of them where every condition holds. Of several rules for one call the first that holds counts. */
export interface Rule {
  readonly calls: readonly string[]
  readonly when?: readonly Condition[]
  readonly action: Action
}

interface Instruction {
  readonly code: number
  readonly yes: number
  readonly no: number
  readonly value: number
}

/** Instructions of classic BPF, as `linux/filter.h` numbers them. */
const LOAD_WORD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_GREATER_OR_EQUAL = 0x35
const JUMP_BITS = 0x45
const RETURN = 0x06
/** Where `struct seccomp_data` holds what. */
const NUMBER_AT = 0
const ARCHITECTURE_AT = 4
const ARGUMENTS_AT = 16
const ARGUMENT_BYTES = 8
/** Calls of the x32 interface bear this bit: other numbers for the same calls, by which a filter could be passed. */
const X32_BIT = 0x40000000
const KILL_PROCESS = 0x80000000
const ERRNO = 0x00050000
const ALLOW = 0x7fff0000
/** The kernel takes no longer program; a jump within a rule reaches no further than the second. */
const MAX_INSTRUCTIONS = 4096
const INSTRUCTION_BYTES = 8

const step = (code: number, value: number, yes = 0, no = 0): Instruction => ({ code, yes, no, value })

const answer = (action: Action): Instruction => {
  if (action === 'allow') return step(RETURN, ALLOW)
  return step(RETURN, action === 'kill' ? KILL_PROCESS : ERRNO | action.errno)
}

/** Loads the argument and tests it; `skip` is how far it is to the end of the rule when the condition does not hold. */
const check = ({ argument, test, bits }: Condition, skip: number): readonly Instruction[] => {
  const load = step(LOAD_WORD, ARGUMENTS_AT + ARGUMENT_BYTES * argument)
  if (test === 'equals') return [load, step(JUMP_EQUAL, bits, 0, skip)]
  return [load, test === 'any' ? step(JUMP_BITS, bits, 0, skip) : step(JUMP_BITS, bits, skip, 0)]
}

const ruleFor = (number: number, when: readonly Condition[], action: Action): readonly Instruction[] => {
  if (when.length === 0) return [step(JUMP_EQUAL, number, 0, 1), answer(action)]
  const body = when.flatMap((condition, index) => check(condition, 2 * (when.length - index - 1) + 1))
  // Behind the answer the number is loaded again, since the conditions have put arguments in its place.
  return [step(JUMP_EQUAL, number, 0, body.length + 2), ...body, answer(action), step(LOAD_WORD, NUMBER_AT)]
}

/** Calls from another architecture's interface have other numbers, so that they end the process before a rule is asked. */
const gate = (architecture: Architecture): readonly Instruction[] => [
  step(LOAD_WORD, ARCHITECTURE_AT),
  step(JUMP_EQUAL, AUDIT_ARCH[architecture], 1, 0),
  answer('kill'),
  step(LOAD_WORD, NUMBER_AT),
  ...(architecture === 'x64' ? [step(JUMP_GREATER_OR_EQUAL, X32_BIT, 0, 1), answer('kill')] : []),
]

/**
 * Writes a seccomp filter as the bytes that `seccomp(2)` and `bwrap --seccomp` take, without a compiler. Calls that no
 * rule names get `otherwise`; names that an architecture does not have are left out. Throws `RangeError` when too long.
 */
export const assemble = (architecture: Architecture, rules: readonly Rule[], otherwise: Action): Buffer => {
  const numbers = SYSCALLS[architecture]
  const program = [
    ...gate(architecture),
    ...rules.flatMap(({ calls, when = [], action }) =>
      calls.flatMap((name) => {
        const number = numbers.get(name)
        return number === undefined ? [] : ruleFor(number, when, action)
      }),
    ),
    answer(otherwise),
  ]
  if (program.length > MAX_INSTRUCTIONS) throw new RangeError(`Cannot write filter: ${program.length} instructions`)
  const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES)
  for (const [index, { code, yes, no, value }] of program.entries()) {
    const at = index * INSTRUCTION_BYTES
    bytes.writeUInt16LE(code, at)
    bytes.writeUInt8(yes, at + 2)
    bytes.writeUInt8(no, at + 3)
    bytes.writeUInt32LE(value >>> 0, at + 4)
  }
  return bytes
}
