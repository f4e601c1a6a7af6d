// No code from strings, by any route and with the same error in every tier.
//
// ATTACK: `Object.getPrototypeOf(async function () {}).constructor('return this')()`. What is made from a string has passed no
// transform: `import()` in it would reach the loader of the host, and in a node:vm realm that is an escape.

const CODE_GENERATION_MESSAGE = 'Code generation from strings disallowed for this context'

/** Puts a constructor that only throws in place of one that compiles its arguments.
 * @param {Function} sample a function of the kind
 * @param {string} name
 * @param {object | null} parent what the constructor inherits from */
const refuseConstructor = (sample, name, parent) => {
  const prototype = Object.getPrototypeOf(sample)
  const stub = function () {
    throw new EvalErrorCtor(CODE_GENERATION_MESSAGE)
  }
  Object.setPrototypeOf(stub, parent)
  Object.defineProperty(stub, 'name', { value: name, configurable: true })
  Object.defineProperty(stub, 'length', { value: 1, configurable: true })
  Object.defineProperty(stub, 'prototype', { value: prototype, writable: false })
  const writable = name === 'Function'
  Object.defineProperty(prototype, 'constructor', { value: stub, writable, enumerable: false, configurable: true })
  return stub
}

/** Replaces `eval`, `Function` and the three constructors that have no name. */
const refuseCodeGeneration = () => {
  const { eval: refused } = {
    /** @param {unknown} text */
    eval(text) {
      if (typeof text !== 'string') return text
      throw new EvalErrorCtor(CODE_GENERATION_MESSAGE)
    },
  }
  const stub = refuseConstructor(() => {}, 'Function', Function.prototype)
  refuseConstructor(async () => {}, 'AsyncFunction', stub)
  refuseConstructor(function* () {}, 'GeneratorFunction', stub)
  refuseConstructor(async function* () {}, 'AsyncGeneratorFunction', stub)
  defineOwn(globalThis, 'Function', stub, false)
  defineOwn(globalThis, 'eval', refused, false)
}
