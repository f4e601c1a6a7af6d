import { type Family, family } from '../attack.ts'

const functions = {
  now: { call: () => new Date(0), sync: true },
  bad: { call: () => JSON.parse('{'), sync: true },
  later: async (value: unknown) => value,
}

/** Calls `probe` at each of the last frames that fit the stack, and looks at what comes of it once there is room again. */
const atTheEdge = (probe: string, before = '', times = 300): string => `
${before}
const kept = []
const keep = (value) => { kept[kept.length] = value }
const probe = () => { ${probe} }
const dive = () => {
  try { dive() } catch (error) { keep(error) }
  if (kept.length < ${times}) try { keep(probe()) } catch (error) { keep(error) }
}
for (let round = 0; round < 2; round++) {
  try { dive() } catch (error) { keep(error) }
  if (kept.length < ${times}) note('never got there')
  for (let i = 0; i < ${times}; i++) await attempt(() => kept[i], 'at the edge')
  kept.length = 0
}`

const lend = { options: { functions } }
/** What calls itself twice at each level takes for ever. */
const BOUNDED = { ends: ['returned', 'exceeded'], options: { limits: { wallMs: 500 } } } as const
const HOST = 'const { now, bad, later } = await import("host")'

/** Where the stack ends, the function that is called overflows, in whose realm the error is made. */
export const STACK: Family = family('an exhausted stack', [
  ['the engine alone', 'vm2 #199', 'the RangeError was of the host', atTheEdge('return {}')],
  [
    'stacks of errors',
    'realms-shim #48',
    'formatting a stack runs through the host',
    atTheEdge('return new Error("x").stack'),
  ],
  [
    'stacks of errors of the engine',
    'vm2 attack category 4',
    'formatting a stack runs through the host',
    atTheEdge('try { null.x } catch (error) { return error.stack }'),
  ],
  [
    'the stack of an error made before',
    'near-membrane #48',
    'the deeper the reader, the less of the host fits',
    atTheEdge('return early.stack', 'let early = new Error("early")'),
  ],
  [
    'captured stacks',
    'vm2 attack category 4',
    'capturing formats',
    atTheEdge('const o = {}; Error.captureStackTrace(o); return o.stack'),
  ],
  [
    'asynchronous functions',
    'vm2 CVE-2026-22709',
    'the rejection was the error of the host',
    atTheEdge('return (async () => { const e = new Error(); e.name = Symbol(); return e.stack })()'),
  ],
  [
    'rejections',
    'vm2 GHSA-hw58-p9xv-2mjh',
    'the host is told of each in its own function',
    atTheEdge('const p = Promise.reject(1); p.catch(() => {}); return p', '', 30),
  ],
  [
    'synchronous host functions',
    'near-membrane #48',
    'the frames of the host overflowed',
    HOST + atTheEdge('return now()', '', 100),
    lend,
  ],
  [
    'synchronous host functions that throw',
    'near-membrane #48',
    'the error of the host was on its way already',
    HOST + atTheEdge('return bad({})', '', 100),
    lend,
  ],
  [
    'asynchronous host functions',
    'vm2 GHSA-2v2p-6j97-cjg9',
    'half a call was made',
    HOST + atTheEdge('const p = later([1]); p.catch(() => {}); return p'),
    { ...lend, ends: ['returned', 'exceeded', 'threw'] },
  ],
  [
    'the console',
    'vm2 #199',
    'a function of the host was called last',
    atTheEdge('console.log({ a: [1] }, "%o", new Map()); return undefined'),
    { ends: ['returned', 'exceeded'] },
  ],
  [
    'timers',
    'vm2 #199',
    'a function of the host was called last',
    atTheEdge('const t = setTimeout(() => {}, 1); clearTimeout(t); return t'),
  ],
  [
    'microtasks',
    'vm2 #199',
    'a function of the host was called last',
    atTheEdge('queueMicrotask(() => {}); return undefined'),
  ],
  [
    'clones',
    'new',
    'half a clone is none',
    atTheEdge('return structuredClone({ a: [new Map([[1, { b: -0 }]]), new Error("x")] })'),
  ],
  [
    'imports',
    'vm2 attack category 13',
    'the loader of the host was called last',
    atTheEdge('const p = import("./m.js"); p.catch(() => {}); return p'),
    { options: { modules: { './m.js': 'export default {}' } } },
  ],
  ['refused code', 'new', 'the host is asked whether code may be made', atTheEdge('return Function("return 1")')],
  [
    'proxies and buffers',
    'new',
    'replaced constructors are frames more',
    atTheEdge('return [new Proxy({}, {}), new ArrayBuffer(8), [1].indexOf(1)]'),
  ],
  ['regular expressions', 'new', 'their compiler has a stack of its own', atTheEdge('return /(a+)+b/.exec("aaaa")')],
  ['JSON', 'new', 'it recurses in C++', atTheEdge('return JSON.parse(JSON.stringify({ a: [{ b: [1] }] }))')],
  ['Intl', 'new', 'its errors are made in C++', atTheEdge('return new Intl.NumberFormat("de").format(1)')],
  ['sorting', 'new', 'comparators are called from C++', atTheEdge('return [3, 1, 2].sort((a, b) => a - b)')],
  [
    'getters read by the kernel',
    'vm2 #199',
    'the kernel was cut in half',
    atTheEdge('return structuredClone({ get a() { return structuredClone({ b: 1 }) } })'),
  ],
  [
    'a recursion through the kernel itself',
    'vm2 #199',
    'its own frames overflowed',
    'const kept = []; const deep = () => { try { return structuredClone({ get a() { return deep() } }) } catch (error) { kept[kept.length] = error } }; deep(); for (let i = 0; i < 50 && i < kept.length; i++) leak(kept[i], "error")',
    BOUNDED,
  ],
  [
    'a recursion through the console',
    'vm2 #199',
    'inspection recursed with the guest',
    'const kept = []; const deep = () => { try { console.log({ get a() { return deep() }, toString: deep }, "%s", { toString: deep }) } catch (error) { kept[kept.length] = error } }; deep(); for (let i = 0; i < 50 && i < kept.length; i++) leak(kept[i], "error")',
    BOUNDED,
  ],
  [
    'a recursion through a proxy',
    'vm2 attack category 6',
    'traps overflowed in the engine',
    'const kept = []; let p; const handler = { get: () => { try { return p.x } catch (error) { kept[kept.length] = error; throw error } } }; p = new Proxy({}, handler); try { p.x } catch (error) { leak(error, "error") } for (let i = 0; i < 50 && i < kept.length; i++) leak(kept[i], "error")',
  ],
  [
    'an overflow thrown out of the call',
    'vm2 #199',
    'the error was described by a function that overflowed',
    'const dive = () => dive(); dive()',
    { ends: ['threw'] },
  ],
  [
    'an overflow with a described error',
    'new',
    'describing ran the guest once more',
    'const bad = { get message() { const dive = () => dive(); return dive() }, get name() { return bad.message }, get stack() { return bad.message } }; throw bad',
    { ends: ['threw'] },
  ],
])
