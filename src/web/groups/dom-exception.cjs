// What jsdom leaves to its window: DOMExceptions inherit from errors, and their stacks say which they are.

const { wrapperForImpl } = require('jsdom/lib/generated/idl/utils.js')
const implementation = require('jsdom/lib/jsdom/living/webidl/DOMException-impl.js')

/** Makes errors of the instances of a DOMException interface. */
exports.makeError = (Interface) => {
  Object.setPrototypeOf(Interface.prototype, Error.prototype)
  implementation.init = (impl) => {
    const wrapper = wrapperForImpl(impl)
    Error.captureStackTrace(wrapper, Interface)
    const { stack } = wrapper
    if (typeof stack !== 'string') return
    // Read before the instance has a name, the first line says only that it is an error.
    const frames = stack.slice((stack + '\n').indexOf('\n'))
    const value = impl.message === '' ? impl.name + frames : `${impl.name}: ${impl.message}${frames}`
    Object.defineProperty(wrapper, 'stack', { value, writable: true, enumerable: false, configurable: true })
  }
}
