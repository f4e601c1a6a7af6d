import type { Part } from '../web/web-text.ts'
import type { EndedBy, KernelConfig } from './protocol.ts'

/** What an engine needs to make one realm with a program loaded in it. */
export interface RealmSpec {
  /** The program's script; see `ProgramText`. */
  readonly script: string
  readonly config: KernelConfig
  readonly memoryBytes: number
  /** Who may share what is compiled of the script: those with the same. */
  readonly partition: string
  /** Answers a synchronous host call with `0` or `1` and the encoded text. Present when a function is synchronous. */
  readonly syncCall: ((name: string, args: string) => string | Promise<string>) | undefined
  /** Given the kernel's batch when it found a limit reached, while the guest may still have the thread. */
  readonly onLimit: (batch: string) => void
  /** Told when the guest left an unhandled rejection outside a turn: the realm wants to be entered with `U`. */
  readonly onUncaught: () => void
}

/** How much longer the current call may run. */
export interface Budget {
  readonly wallMs: number
  readonly cpuMs: number
  /** Whether this turn may be cut short as `cut`: nothing has left the realm since the call began. */
  readonly mayCut: boolean
}

/** How one turn of a guest ended: with its kernel's batch, or at a limit, or with the end of its engine. */
export type Turn =
  | { readonly kind: 'done'; readonly batch: string }
  | { readonly kind: 'exceeded'; readonly limit: EndedBy; readonly batch: string }
  | { readonly kind: 'broken'; readonly batch: string }
  /** Ended by us before anything left the realm, so the call may be made once more elsewhere. */
  | { readonly kind: 'cut'; readonly batch: '' }

/** One guest's realm with a kernel in it. Entered only through `enter`, one turn at a time. */
export interface Realm {
  enter(text: string, budget: Budget): Turn | Promise<Turn>
  /** CPU time of this realm since it was made. Absent when not measurable. */
  cpuMs(): number | undefined
  /** Memory held, as of the last turn's end. Absent when not measurable. */
  memoryBytes(): number | undefined
  /** Ends the realm, whatever it is doing. Resolves when nothing of the guest runs any more, which may be never. */
  dispose(): void | Promise<void>
}

/** A way to confine JavaScript inside a process. */
export interface Engine {
  /** Takes the text of the web platform or of Node's modules, which comes before the first realm whose guest may touch it. */
  equip(text: string, part: Part): void
  /** Rejects when the realm cannot be made; nothing of the guest has run by then. */
  open(spec: RealmSpec): Realm | Promise<Realm>
  dispose(): void
}
