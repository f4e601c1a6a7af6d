import { type Family, family } from '../attack.ts'

const functions = { now: { call: () => 1, sync: true } }

/** Sloppy functions of JavaScript can see who called them. */
export const CALLERS: Family = family('callers and callees', [
  [
    'caller of a function',
    'vm2 attack category 5',
    'the caller was the bridge',
    'function who() { return who.caller } leak(who(), "caller"); leak(who.caller, "later")',
    { as: 'sloppy' },
  ],
  [
    'callers all the way down',
    'vm2 attack category 5',
    'the chain led out of the sandbox',
    'function who() { let at = arguments.callee; try { for (let i = 0; at && i < 20; i++) { leak(at, "caller " + i); at = at.caller } } catch (error) { leak(error, "refusal") } } who(); setTimeout(who, 1); await new Promise((done) => setTimeout(done, 5))',
    { as: 'sloppy' },
  ],
  [
    'arguments of callers',
    'vm2 attack category 5',
    'arguments of the caller are its own',
    'function who() { let at = who; for (let i = 0; at && i < 20; i++) { try { leak(at.arguments, "arguments " + i) } catch {} at = (() => { try { return at.caller } catch {} })() } } who()',
    { as: 'sloppy' },
  ],
  [
    'callers from a getter the kernel reads',
    'vm2 attack category 5',
    'the reader was the bridge',
    'function look() { try { leak(look.caller, "caller"); leak(look.caller?.arguments, "its arguments") } catch (error) { leak(error, "refusal") } return 1 } structuredClone({ get a() { return look() } }); console.log({ get a() { return look() } }); const o = {}; Object.defineProperty(o, "a", { get: look, enumerable: true }); structuredClone(o); console.log(o)',
    { as: 'sloppy' },
  ],
  [
    'callers from a conversion',
    'vm2 attack category 5',
    'who converts was the bridge',
    'function look() { try { leak(look.caller, "caller") } catch (error) { leak(error, "refusal") } return "1" } setTimeout(() => {}, { valueOf: look }); console.log("%s %d", { toString: look }, { valueOf: look }); clearTimeout({ toString: look })',
    { as: 'sloppy' },
  ],
  [
    'callers from a callback of a timer',
    'vm2 attack category 5',
    'the timer of the host called',
    'await new Promise((done) => setTimeout(function look() { try { leak(look.caller, "caller"); leak(arguments.callee.caller, "caller"); leak(this.setTimeout, "this") } catch (error) { leak(error, "refusal") } done() }, 1))',
    { as: 'sloppy' },
  ],
  [
    'callers from a microtask',
    'vm2 attack category 5',
    'the queue of the host called',
    'await new Promise((done) => queueMicrotask(function look() { try { leak(look.caller, "caller"); leak(this, "this") } catch (error) { leak(error, "refusal") } done() }))',
    { as: 'sloppy' },
  ],
  [
    'callers from a proxy trap',
    'vm2 attack category 5',
    'the trap was called by the bridge',
    'function look(target) { try { leak(look.caller, "caller"); leak(look.arguments, "arguments") } catch (error) { leak(error, "refusal") } return Reflect.ownKeys(target) } structuredClone(new Proxy({ a: 1 }, { ownKeys: look }))',
    { as: 'sloppy' },
  ],
  [
    'callers from a then',
    'vm2 attack category 5',
    'then was called by the bridge',
    'function then(resolve) { try { leak(then.caller, "caller"); leak(resolve.caller, "of resolve") } catch (error) { leak(error, "refusal") } resolve() } await { then }',
    { as: 'sloppy' },
  ],
  [
    'callers from an iterator',
    'vm2 attack category 5',
    'the bridge iterated',
    'function look() { try { leak(look.caller, "caller") } catch (error) { leak(error, "refusal") } return { done: true } } for (const x of { [Symbol.iterator]: () => ({ next: look }) }) x; Array.from({ [Symbol.iterator]: () => ({ next: look }) })',
    { as: 'sloppy' },
  ],
  [
    'the caller of the whole program',
    'Node documentation of vm',
    'the program was called by the host',
    'leak(arguments.callee, "callee"); try { leak(arguments.callee.caller, "caller") } catch (error) { leak(error, "refusal") }',
    { as: 'sloppy' },
  ],
  [
    'arguments of the program',
    'new',
    'the wrapper gave more than it should',
    'for (const value of arguments) leak(value, "argument")',
    { as: 'sloppy' },
  ],
  [
    'caller of functions of the kernel',
    'vm2 attack category 5',
    'functions of the sandbox were sloppy',
    'for (const f of [console.log, setTimeout, structuredClone, queueMicrotask, Function, eval, Proxy, ArrayBuffer, [].fill]) { try { leak(f.caller, f.name) } catch (error) { leak(error, "refusal") } try { leak(f.arguments, f.name) } catch (error) { leak(error, "refusal") } }',
    { as: 'sloppy' },
  ],
  [
    'a nullish this of host functions',
    'vm2 attack category 54',
    'a sloppy function of the host fell back to its global',
    'const { now } = await import("host"); for (const self of [undefined, null, globalThis, {}, Proxy]) await attempt(() => Reflect.apply(now, self, []), "now"); await attempt(() => new now(), "new"); await attempt(() => Reflect.construct(now, [], Object), "construct"); await attempt(() => now.bind(null)(), "bound")',
    { as: 'sloppy', options: { functions } },
  ],
  [
    'what functions of the kernel are',
    'new',
    'own properties of kernel functions led on',
    'for (const f of [console.log, setTimeout, structuredClone, queueMicrotask, Function, eval, Proxy, ArrayBuffer, [].fill, globalThis.Error.prepareStackTrace]) { leak(f, f?.name); leak(f?.prototype, "prototype"); await attempt(() => new f(1, 2), "new"); await attempt(() => Reflect.construct(Object, [], f), "as target") }',
  ],
  [
    'the text of functions of the kernel',
    'vm2 attack category 27',
    'names of internals stood in the text',
    'for (const f of [console.log, setTimeout, structuredClone, Function, eval, Proxy]) { const text = Function.prototype.toString.call(f); if (/kernel_[0-9a-f]/.test(text)) note("the name of the kernel") }',
  ],
])
