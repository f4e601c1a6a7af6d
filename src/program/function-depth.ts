import type { VisitorObject } from 'oxc-parser'

/** Counts the functions around the node that a visitor is at: its `handlers` stand among the visitor's own. */
export class FunctionDepth {
  #functions = 0
  readonly #enter = (): void => {
    this.#functions += 1
  }
  readonly #leave = (): void => {
    this.#functions -= 1
  }
  /** Blocks of classes count, since they run as functions do. */
  readonly handlers: VisitorObject = {
    FunctionDeclaration: this.#enter,
    'FunctionDeclaration:exit': this.#leave,
    FunctionExpression: this.#enter,
    'FunctionExpression:exit': this.#leave,
    ArrowFunctionExpression: this.#enter,
    'ArrowFunctionExpression:exit': this.#leave,
    StaticBlock: this.#enter,
    'StaticBlock:exit': this.#leave,
  }

  /** Whether no function is around it. */
  get isTop(): boolean {
    return this.#functions === 0
  }
}
