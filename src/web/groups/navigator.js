// Who runs the program, as one product token.

class Navigator {
  get userAgent() {
    return 'ringfence'
  }
}

Object.defineProperty(Navigator.prototype, 'userAgent', { enumerable: true })
Object.defineProperty(Navigator.prototype, Symbol.toStringTag, { value: 'Navigator', configurable: true })

export const navigator = new Navigator()
