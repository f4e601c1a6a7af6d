// In place of interfaces that jsdom's events and forms know and nobody here can make.

exports.isImpl = () => false
exports.convert = (_window, _value, { context }) => {
  throw new TypeError(`${context} is of an interface that is not here`)
}
