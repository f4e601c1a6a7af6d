import { type Family, family } from '../attack.ts'

const functions = {
  fail: () => Promise.reject(new RangeError('no')),
  failNow: { call: () => JSON.parse('{'), sync: true },
}

/** Errors are made by the engine, sometimes in the realm of the host, and stacks show who called. */
export const ERROR_HOOKS: Family = family('error and stack hooks', [
  [
    'a formatter of its own',
    'vm2 CVE-2022-36067',
    'the formatter was handed call sites of the host',
    'Error.prepareStackTrace = (error, sites) => sites; const { stack } = new Error(); if (typeof stack === "object") note("sites"); leak(stack, "stack")',
  ],
  [
    'a formatter that asks for this and function',
    'safe-eval #28',
    'getThis of a sloppy frame of the host is the host',
    'Error.prepareStackTrace = (_, sites) => { for (const site of sites) { leak(site.getThis(), "this"); leak(site.getFunction(), "function") } return "" }; void new Error().stack; try { null.x } catch (error) { void error.stack }',
  ],
  [
    'a global Error with a formatter',
    'vm2 CVE-2022-36067',
    'Node asks the global Error of the realm, whatever that is',
    'try { globalThis.Error = { prepareStackTrace: (_, sites) => { leak(sites, "sites"); note("called") } } } catch {} void new RangeError().stack',
  ],
  [
    'a formatter by definition',
    'vm2 CVE-2023-29017',
    'only assignment was watched',
    'try { Object.defineProperty(Error, "prepareStackTrace", { value: (_, sites) => { note("called") } }) } catch {} void new Error().stack',
  ],
  [
    'a formatter on a subclass',
    'vm2 attack category 4',
    'static properties are inherited the other way round',
    'class Mine extends Error { static prepareStackTrace() { note("called") } } void new Mine().stack',
  ],
  [
    'a formatter on Object.prototype',
    'vm2 CVE-2023-30547',
    'a missing property is looked up in prototypes',
    'Object.prototype.prepareStackTrace = () => { note("called") }; Function.prototype.prepareStackTrace = () => { note("called") }; void new Error().stack',
  ],
  [
    'a name that is a symbol',
    'vm2 GHSA-v27g-jcqj-v8rw',
    'turning it into text threw a TypeError of the host',
    'const error = new Error(); error.name = Symbol(); await attempt(() => error.stack, "stack"); await attempt(() => String(error), "text")',
  ],
  [
    'a name whose conversion runs',
    'vm2 CVE-2023-32314',
    'the conversion was called with an arguments list of the host',
    'const error = new Error(); error.name = { toString: new Proxy(() => "", { apply(_, self, args) { leak(args, "args"); leak(self, "self"); return "x" } }) }; await attempt(() => error.stack, "stack")',
  ],
  [
    'a message that throws while it is formatted',
    'vm2 CVE-2023-29199',
    'what a conversion throws passed the sanitizer by',
    'const error = new Error(); error.message = { toString() { throw error } }; await attempt(() => error.stack, "stack"); throw error',
    { ends: ['threw'] },
  ],
  [
    'a stack within a stack',
    'vm2 GHSA-x6m4-chr9-cg97',
    'V8 formats a nested stack by itself, with the paths of the host',
    'const outer = {}; Error.stackTraceLimit = 200; Object.defineProperty(outer, "name", { get() { leak(new Error("inner").stack, "inner"); return "n" } }); Error.captureStackTrace(outer); leak(outer.stack, "outer")',
  ],
  [
    'a stack within a stack, by an inherited message',
    'vm2 GHSA-x6m4-chr9-cg97',
    'the getter stood on a prototype',
    'class Mine extends Error { get message() { leak(new Error("inner").stack, "inner"); return "m" } get name() { leak(new Error("inner").stack, "inner"); return "n" } } void new Mine().stack; void new Mine().stack',
  ],
  [
    'a stack within a stack, by a proxy',
    'vm2 GHSA-x6m4-chr9-cg97',
    'a trap ran while the stack was formatted',
    'const trap = new Proxy({}, { get() { leak(new Error("inner").stack, "inner") }, getOwnPropertyDescriptor() { leak(new Error("inner").stack, "inner") }, getPrototypeOf() { leak(new Error("inner").stack, "inner"); return null } }); const target = {}; Error.captureStackTrace(target); Object.setPrototypeOf(target, trap); leak(target.stack, "outer")',
  ],
  [
    'a stack captured on odd targets',
    'vm2 attack category 4',
    'captureStackTrace writes to whatever it is given',
    'for (const target of [globalThis, () => {}, [], Object.create(null), Error.prototype, new Proxy({}, {})]) { await attempt(() => Error.captureStackTrace(target), "capture"); leak(target.stack, "stack") }',
  ],
  [
    'a stack captured above a function',
    'vm2 GHSA-r273-hxvj-fxhp',
    'frames below the given function were those of the host',
    'const deep = () => { const o = {}; Error.captureStackTrace(o, deep); return o.stack }; leak(deep(), "stack"); leak([1].map(deep)[0], "stack")',
  ],
  [
    'a getter for the limit of frames',
    'new',
    'the limit was read by running a getter',
    'try { Object.defineProperty(Error, "stackTraceLimit", { get() { note("ran"); return 99 } }) } catch {} void new Error().stack; await attempt(() => null.x)',
  ],
  [
    'an endless limit of frames',
    'vm2 GHSA-r273-hxvj-fxhp',
    'all frames of the host were in the text',
    'Error.stackTraceLimit = Infinity; leak(new Error().stack, "stack"); Error.stackTraceLimit = { valueOf() { note("ran") } }; leak(new Error().stack, "stack")',
  ],
  [
    'the stack of an asynchronous chain',
    'vm2 GHSA-r273-hxvj-fxhp',
    'asynchronous frames were not filtered',
    'const late = async () => { await null; throw new Error("late") }; for (const run of [late, () => Promise.all([late()]), () => Promise.any([late()]), async () => { for await (const x of [late()]) x }]) await attempt(run, "late")',
  ],
  [
    'the getter of stacks, on other receivers',
    'new',
    'the getter looked for a holder along the prototypes',
    'const { get, set } = Object.getOwnPropertyDescriptor(new Error(), "stack") ?? {}; if (get) for (const self of [globalThis, console.log, Object.create(new Error()), new Proxy(new Error(), {})]) { await attempt(() => get.call(self), "get"); await attempt(() => set.call(self, {}), "set") }',
  ],
  [
    'an error with no prototype and a stack of its own',
    'safe-eval #19',
    'the host called match on the stack of what came back',
    'const error = new Error(); error.__proto__ = null; error.stack = { match: (x) => leak(x, "called") }; throw error',
    { ends: ['threw'] },
  ],
  [
    'a thrown function',
    'vm2 CVE-2023-37903',
    'the host called or inspected what was thrown',
    'throw Object.assign((x) => leak(x, "called"), { [Symbol.for("nodejs.util.inspect.custom")]: (...args) => leak(args, "inspected") })',
    { ends: ['threw'] },
  ],
  [
    'an error of a host function',
    'vm2 GHSA-gjq8-xm47-88rc',
    'the rejection was the error of the host itself',
    'const { fail, failNow } = await import("host"); await attempt(fail, "fail"); await attempt(failNow, "failNow"); await attempt(() => fail(() => {}), "argument")',
    { options: { functions } },
  ],
  [
    'a cause and further errors',
    'vm2 GHSA-m283-3h24-438v',
    'a sanitized error carried a raw one',
    'const { fail } = await import("host"); const error = await fail().catch((e) => e); leak(error.cause, "cause"); leak(error.errors, "errors"); await attempt(() => Promise.any([fail(), fail()]), "any")',
    { options: { functions } },
  ],
  [
    'suppressed errors',
    'vm2 GHSA-55hx-c926-fr95',
    'disposal wraps two errors without any catch clause',
    'const stack = new DisposableStack(); const bad = () => { const e = new Error(); e.name = Symbol(); return e.stack.x.y }; stack.defer(() => { throw null }); stack.defer(bad); try { stack.dispose() } catch (e) { leak(e, "both"); leak(e.error, "error"); leak(e.suppressed, "suppressed") }',
  ],
  [
    'suppressed errors of asynchronous disposal',
    'vm2 GHSA-35vh-489p-v7cx',
    'the rejection passed no catch clause',
    'const stack = new AsyncDisposableStack(); stack.defer(async () => { throw null }); stack.defer(() => null.x); await stack.disposeAsync().catch((e) => { leak(e, "both"); leak(e.error, "error") })',
  ],
  [
    'errors that cannot be told from true ones',
    'vm2 attack category 4',
    'what had the look of an error was copied by hand',
    'throw new Proxy(new Error("x"), { get(target, key, self) { leak(self, "self"); leak(target, "target"); return target[key] } })',
    { ends: ['threw'] },
  ],
  [
    'an error whose class lies',
    'new',
    'the host looked the class up by name',
    'class Mine extends TypeError { static get name() { return "__proto__" } get name() { return "constructor" } } throw new Mine("x")',
    { ends: ['threw'] },
  ],
])
