import { decode, encode } from '../core/codec.ts'
import { RingfenceError } from '../core/errors.ts'
import type { HostFunction, HostFunctions } from '../core/sandbox.ts'
import type { Data } from '../core/types.ts'
import type { AuditEvent, FetchEvent } from './events.ts'
import type { ArgumentIssue, ArgumentsSchema } from './options.ts'
import { described } from './shape.ts'

/** A host function after its specification was read. */
export interface HostFunctionDefinition {
  /** As `module/function`. */
  readonly name: string
  readonly sync: boolean
  readonly call: (args: readonly Data[], occasion: Occasion) => Data
  readonly args?: ArgumentsSchema
}

/** What a host function is called with beside its arguments. */
export interface Occasion {
  /** Aborted when the guest's call ends. */
  readonly signal: AbortSignal
  /** Tells the operator what the guest did with it. */
  readonly audit: (event: Omit<FetchEvent, 'id'>) => void
}

/** The execution on whose behalf a host function is called. */
export interface Caller {
  readonly id: string
  /** Answers whether the call may be made. */
  countHostCall(): boolean
  /** Whether it was ended: what a guest asked for before it ended by itself is still done. */
  wasEnded(): boolean
  /** Takes the encoded chunk of a stream. Answers, once the guest may go on, whether more is wanted; nothing where it takes none now. */
  putChunk(text: string): boolean | Promise<boolean> | undefined
  /** The next item of an input that is read so, encoded; nothing where there is none to take now. */
  takeInput(): Promise<string> | undefined
}

/** Belongs to one sandbox, whose functions outlive its calls. Empty between calls. */
export interface CallerBox {
  caller: Caller | undefined
}

/** Wraps functions for the sandbox the box belongs to. What they throw leaves here as name, message and a code that is text, no more. */
export function lend(
  definitions: readonly HostFunctionDefinition[],
  box: CallerBox,
  onAudit: (event: AuditEvent) => void,
): HostFunctions {
  return new Map(definitions.map((definition) => [definition.name, wrap(definition, box, onAudit)]))
}

function wrap(definition: HostFunctionDefinition, box: CallerBox, onAudit: (event: AuditEvent) => void): HostFunction {
  const invoke = definition.sync ? invokeAtOnce : invokeLater
  return {
    sync: definition.sync,
    invoke(text, signal) {
      const caller = admitted(`Cannot call "${definition.name}"`, box, signal)
      const refusal: Refusal = (issues) => {
        onAudit({ kind: 'argument-mismatch', id: caller.id, function: definition.name, issues })
        return mismatch(definition, issues)
      }
      const audit: Occasion['audit'] = (event) => onAudit({ ...event, id: caller.id })
      return invoke(definition, decodeArguments(definition, text), refusal, { caller, signal, audit })
    },
  }
}

/** A guest left running between calls, by a timer for instance, must not act in the name of nobody. */
export function admitted(attempt: string, { caller }: CallerBox, signal: AbortSignal): Caller {
  if (caller === undefined || signal.aborted) throw plainError('Error', `${attempt}: no call is running`)
  if (!caller.countHostCall()) {
    throw plainError('RangeError', `${attempt}: limit "hostCalls" is reached or the call has ended`)
  }
  return caller
}

type Refusal = (issues: readonly ArgumentIssue[]) => Error

/** Who calls, and until when. */
interface Asking extends Occasion {
  readonly caller: Caller
}

function invokeAtOnce(
  definition: HostFunctionDefinition,
  given: readonly Data[],
  refusal: Refusal,
  asking: Asking,
): string {
  const args = checked(definition.args?.safeParse(given), given, refusal)
  try {
    const result = definition.call(args, asking)
    if (isThenable(result)) {
      // Nobody will wait for it, so its rejection must not become the host's.
      Promise.resolve(result).catch(() => undefined)
      throw new TypeError(`Cannot call "${definition.name}" synchronously: it answered with a promise`)
    }
    return encode(result)
  } catch (error) {
    throw textOnly(error)
  }
}

async function invokeLater(
  definition: HostFunctionDefinition,
  given: readonly Data[],
  refusal: Refusal,
  asking: Asking,
): Promise<string> {
  const parsed = definition.args && (await definition.args.safeParseAsync(given))
  // A schema that looks something up takes its time, and a guest that was killed meanwhile calls nothing any more.
  if (asking.caller.wasEnded()) throw plainError('Error', `Cannot call "${definition.name}": no call is running`)
  const args = checked(parsed, given, refusal)
  try {
    return encode(await definition.call(args, asking))
  } catch (error) {
    throw textOnly(error)
  }
}

/**
 * ATTACK: `T[[[1],["X",4294967295]],[]]` from a far side that lies: a list of holes, whose spreading into a call would take
 * all memory and end the host. A true list has a character at least for each argument.
 */
function decodeArguments({ name }: HostFunctionDefinition, text: string): readonly Data[] {
  const args = decode(text)
  if (Array.isArray(args) && args.length < text.length) return args
  throw plainError('TypeError', `Cannot call "${name}": the arguments must be a list`)
}

function checked(
  parsed: Awaited<ReturnType<ArgumentsSchema['safeParseAsync']>> | undefined,
  given: readonly Data[],
  refusal: Refusal,
): readonly Data[] {
  if (parsed === undefined) return given
  if (!parsed.success) throw refusal(parsed.error.issues)
  return Array.isArray(parsed.data) ? parsed.data : given
}

function mismatch({ name }: HostFunctionDefinition, issues: readonly ArgumentIssue[]): Error {
  const problems = issues.map(({ path: [index, ...rest], message }) => {
    if (typeof index !== 'number') return message
    const where = rest.length === 0 ? '' : ` at "${rest.map(String).join('.')}"`
    return `argument ${index + 1}${where}: ${message}`
  })
  return plainError('TypeError', `Cannot call "${name}": ${problems.join('; ')}`)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** An answer that cannot be cloned is named as the guest would name it, not by our code for the caller's own mistakes. */
export function textOnly(error: unknown): Error {
  const notCloneable = error instanceof RingfenceError && error.code === 'RF_DATA_NOT_CLONEABLE'
  if (notCloneable && error.cause !== undefined) return textOnly(error.cause)
  if (error instanceof Error) return Object.assign(plainError(error.name, error.message), codeOf(error))
  return plainError('Error', typeof error === 'string' ? error : described(error))
}

/** Numbers of the host's, as system errors have them, stay with the host: programs look for names. */
function codeOf(error: Error): { readonly code?: string } {
  return 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
}

/** An error without a stack, which would show the guest where the host keeps its files. */
export function plainError(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  error.stack = `${name}: ${message}`
  return error
}
