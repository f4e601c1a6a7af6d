// What WebIDL says of an interface that is written by hand.

/** Gives a class the looks of an interface: its members enumerable, and its name as what its objects are. */
export const describe = (Interface, names) => {
  for (const name of names) Object.defineProperty(Interface.prototype, name, { enumerable: true })
  Object.defineProperty(Interface.prototype, Symbol.toStringTag, { value: Interface.name, configurable: true })
}
