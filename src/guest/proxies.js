// Knows every proxy that the guest makes, since nothing in the language can tell a proxy from what it stands for.

const knownProxies = new WeakSetCtor()
const ProxyCtor = Proxy
const ProxyRevocable = Proxy.revocable

/** Says whether a value is a proxy made in this realm after `registerProxies`.
 * @param {object} value */
const isProxy = (value) => WeakSetPrototypeHas(knownProxies, value)

/** Replaces `Proxy` by one that remembers what it made. There is no other way to make one.
 *
 * ATTACK: `[].indexOf.call(new Proxy([], { get: (t, k) => (k === 'length' && reads++ ? 2 ** 53 - 1 : 1) }), 1)`: an "array" that
 * is short when a guard asks and endless when the built-in does. */
const registerProxies = () => {
  /** @param {object} target @param {ProxyHandler<object>} handler */
  const replacement = function Proxy(/** @type {object} */ target, /** @type {ProxyHandler<object>} */ handler) {
    if (new.target === undefined) throw new TypeErrorCtor("Constructor Proxy requires 'new'")
    const proxy = new ProxyCtor(target, handler)
    WeakSetPrototypeAdd(knownProxies, proxy)
    return proxy
  }
  const { revocable } = {
    /** @param {object} target @param {ProxyHandler<object>} handler */
    revocable(target, handler) {
      const made = ReflectApply(ProxyRevocable, ProxyCtor, [target, handler])
      WeakSetPrototypeAdd(knownProxies, made.proxy)
      return made
    },
  }
  Object.defineProperty(replacement, 'prototype', { value: undefined, writable: false })
  defineOwn(replacement, 'revocable', revocable, false)
  defineOwn(globalThis, 'Proxy', replacement, false)
}
