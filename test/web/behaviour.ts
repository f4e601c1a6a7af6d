/** What programs do with the web platform, as the body of an async function, and what it answers. */
export const BEHAVIOUR: readonly (readonly [title: string, body: string, answer: unknown])[] = [
  [
    'resolves a URL against a base',
    `return new URL('../c?d=e#f', 'https://u:p@host:8443/a/b').href`,
    'https://u:p@host:8443/c?d=e#f',
  ],
  [
    'writes international hosts in ASCII',
    `return new URL('https://BÜCHER.example/ä').href`,
    'https://xn--bcher-kva.example/%C3%A4',
  ],
  ['refuses what is no URL', `try { new URL('nowhere') } catch (e) { return e.name }`, 'TypeError'],
  ['parses without throwing', `return [URL.canParse('a:b'), URL.canParse('b'), URL.parse('b')]`, [true, false, null]],
  [
    'keeps a URL and its parameters together',
    `const u = new URL('a:b?c=1'); u.searchParams.append('d', 'é'); return u.search`,
    '?c=1&d=%C3%A9',
  ],
  [
    'sorts and iterates parameters',
    `const p = new URLSearchParams('b=2&a=1&b=1'); p.sort(); return [...p]`,
    [
      ['a', '1'],
      ['b', '2'],
      ['b', '1'],
    ],
  ],
  [
    'matches URL patterns',
    `return new URLPattern({ pathname: '/u/:id' }).exec('https://h/u/7').pathname.groups.id`,
    '7',
  ],
  [
    'encodes and decodes UTF-8',
    `return new TextDecoder().decode(new TextEncoder().encode('aé漢😀\\ud800'))`,
    'aé漢😀\ufffd',
  ],
  [
    'decodes in pieces',
    `const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac]))`,
    '€',
  ],
  ['decodes legacy encodings', `return new TextDecoder('shift_jis').decode(new Uint8Array([0x93, 0xfa]))`, '日'],
  [
    'is strict when asked',
    `try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name }`,
    'TypeError',
  ],
  ['reads base64', `return [atob(' aGk= '), atob('aGl'), btoa('\\xff')]`, ['hi', 'hi', '/w==']],
  [
    'refuses bad base64',
    `try { atob('a') } catch (e) { return [e.name, e.code, e instanceof DOMException] }`,
    ['InvalidCharacterError', 5, true],
  ],
  ['refuses base64 of more than bytes', `try { btoa('€') } catch (e) { return e.name }`, 'InvalidCharacterError'],
  [
    'aborts with a reason',
    `const c = new AbortController(); c.abort('why'); return [c.signal.aborted, c.signal.reason]`,
    [true, 'why'],
  ],
  [
    'aborts with an AbortError',
    `const r = AbortSignal.abort().reason; return [r.name, r.code, r instanceof DOMException, r instanceof Error]`,
    ['AbortError', 20, true, true],
  ],
  [
    'tells listeners of an abort',
    `const c = new AbortController(); let n = 0; c.signal.onabort = () => n++; c.signal.addEventListener('abort', () => n++); c.abort(); c.abort(); return n`,
    2,
  ],
  [
    'times out',
    `return new Promise((done) => { const s = AbortSignal.timeout(1); s.onabort = () => done(s.reason.name) })`,
    'TimeoutError',
  ],
  [
    'aborts when any does',
    `const c = new AbortController(); const s = AbortSignal.any([c.signal, new AbortController().signal]); c.abort(3); return s.reason`,
    3,
  ],
  ['throws when aborted', `try { AbortSignal.abort(4).throwIfAborted() } catch (e) { return e }`, 4],
  [
    'dispatches events',
    `const t = new EventTarget(), seen = []; t.addEventListener('x', (e) => { seen.push(e.detail, e.target === t); e.preventDefault() }, { once: true }); return [t.dispatchEvent(new CustomEvent('x', { detail: 1, cancelable: true })), t.dispatchEvent(new Event('x')), seen]`,
    [false, true, [1, true]],
  ],
  [
    'takes classes that extend EventTarget',
    `class Bus extends EventTarget {} const b = new Bus(); let got; b.addEventListener('m', { handleEvent: (e) => { got = e.data } }); b.dispatchEvent(new MessageEvent('m', { data: 5 })); return got`,
    5,
  ],
  [
    'has events of errors and rejections',
    `const p = Promise.resolve(1); return [new ErrorEvent('e', { message: 'm' }).message, new PromiseRejectionEvent('r', { promise: p, reason: 2 }).reason]`,
    ['m', 2],
  ],
  [
    'makes DOMExceptions',
    `const e = new DOMException('m', 'NotFoundError'); return [String(e), e.code, DOMException.ABORT_ERR, Object.prototype.toString.call(e)]`,
    ['NotFoundError: m', 8, 20, '[object DOMException]'],
  ],
  [
    'keeps blobs',
    `const b = new Blob(['ab', new Uint8Array([99]), new Blob(['d'])], { type: 'Text/Plain' }); return [b.size, b.type, await b.slice(1, 3).text(), [...new Uint8Array(await b.arrayBuffer())]]`,
    [4, 'text/plain', 'bc', [97, 98, 99, 100]],
  ],
  [
    'names files',
    `const f = new File(['x'], 'a.txt', { lastModified: 9 }); return [f.name, f.size, f.lastModified, f instanceof Blob]`,
    ['a.txt', 1, 9, true],
  ],
  [
    'streams a blob',
    `let n = 0; for await (const c of new Blob(['x'.repeat(100000)]).stream()) n += c.length; return n`,
    100000,
  ],
  [
    'reads and pipes streams',
    `const up = new TransformStream({ transform: (c, k) => k.enqueue(c.toUpperCase()) }); const out = []; for await (const c of ReadableStream.from(['a', 'b']).pipeThrough(up)) out.push(c); return out`,
    ['A', 'B'],
  ],
  [
    'tees streams',
    `const [a, b] = ReadableStream.from([1]).tee(); return [(await a.getReader().read()).value, (await b.getReader().read()).value]`,
    [1, 1],
  ],
  [
    'writes with back pressure',
    `const got = []; const w = new WritableStream({ write: (c) => { got.push(c) } }, new CountQueuingStrategy({ highWaterMark: 1 })).getWriter(); w.write(1); const full = w.desiredSize; await w.close(); return [full, got]`,
    [0, [1]],
  ],
  [
    'reads bytes into a buffer',
    `const s = new ReadableStream({ type: 'bytes', start: (c) => { c.enqueue(new Uint8Array([1, 2, 3])); c.close() } }); const { value } = await s.getReader({ mode: 'byob' }).read(new Uint8Array(2)); return [...value]`,
    [1, 2],
  ],
  [
    'encodes and decodes streams',
    `let out = ''; for await (const c of ReadableStream.from(['é', '€']).pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream())) out += c; return out`,
    'é€',
  ],
  ...(['gzip', 'deflate', 'deflate-raw'] as const).map(
    (format) =>
      [
        `compresses and decompresses ${format}`,
        `const s = new Blob(['a'.repeat(5000)]).stream().pipeThrough(new CompressionStream('${format}')); const parts = []; let size = 0; for await (const c of s) { parts.push(c); size += c.length } let out = ''; for await (const c of new Blob(parts).stream().pipeThrough(new DecompressionStream('${format}')).pipeThrough(new TextDecoderStream())) out += c; return [out.length, size < 100]`,
        [5000, true],
      ] as const,
  ),
  [
    'refuses what is not compressed',
    `try { for await (const c of new Blob(['nonsense']).stream().pipeThrough(new DecompressionStream('gzip'))); } catch (e) { return e.name }`,
    'TypeError',
  ],
  [
    'refuses compressed data that ends too early',
    `const parts = []; for await (const c of new Blob(['abc']).stream().pipeThrough(new CompressionStream('gzip'))) parts.push(c); const whole = new Blob(parts); try { for await (const c of whole.slice(0, whole.size - 4).stream().pipeThrough(new DecompressionStream('gzip'))); } catch (e) { return e.name }`,
    'TypeError',
  ],
  [
    'passes messages between ports',
    `const { port1, port2 } = new MessageChannel(); const m = { a: new Map([[1, [2]]]) }; const got = new Promise((done) => { port2.onmessage = (e) => done(e.data) }); port1.postMessage(m); const d = await got; return [d, d === m]`,
    [{ a: new Map([[1, [2]]]) }, false],
  ],
  [
    'keeps messages until a port starts',
    `const { port1, port2 } = new MessageChannel(); port1.postMessage(1); port1.postMessage(2); const out = []; await new Promise((done) => { port2.addEventListener('message', (e) => { out.push(e.data); if (out.length === 2) done() }); setTimeout(() => port2.start(), 5) }); return out`,
    [1, 2],
  ],
  [
    'clones, and says with a DOMException what it cannot',
    `try { structuredClone(() => 1) } catch (e) { return [structuredClone(new Set([1])), e.name, e.code, e instanceof DOMException] }`,
    [new Set([1]), 'DataCloneError', 25, true],
  ],
  [
    'transfers buffers',
    `const a = new ArrayBuffer(2); const b = structuredClone(a, { transfer: [a] }); return [a.byteLength, b.byteLength]`,
    [0, 2],
  ],
  [
    'tells the time since it began',
    `const a = performance.now(); return [typeof a, performance.timeOrigin <= Date.now(), performance instanceof EventTarget]`,
    ['number', true, true],
  ],
  [
    'combines and sorts headers',
    `const h = new Headers({ B: ' 2 ', a: '1' }); h.append('b', '3'); h.append('Set-Cookie', 'x'); h.append('set-cookie', 'y'); return [[...h], h.get('B'), h.getSetCookie(), h.has('c')]`,
    [
      [
        ['a', '1'],
        ['b', '2, 3'],
        ['set-cookie', 'x'],
        ['set-cookie', 'y'],
      ],
      '2, 3',
      ['x', 'y'],
      false,
    ],
  ],
  [
    'refuses what would smuggle another header',
    `return [['a', 'b\\r\\nc: d'], ['a\\n', 'b'], ['a b', 'c'], ['', 'c'], ['a', '\\u0100']].map(([name, value]) => { try { new Headers([[name, value]]); return 'taken' } catch (e) { return e instanceof TypeError } })`,
    [true, true, true, true, true],
  ],
  [
    'keeps the fields of a form',
    `const f = new FormData(); f.append('a', '1'); f.append('a', new Blob(['xy']), 'n.txt'); f.set('b', '\\ud800'); f.append('c', new Blob([])); f.delete('d'); const file = f.getAll('a')[1]; return [[...f.keys()], f.get('a'), file instanceof File, file.name, await file.text(), f.get('b'), f.get('c').name, f.get('d')]`,
    [['a', 'a', 'b', 'c'], '1', true, 'n.txt', 'xy', '\ufffd', 'blob', null],
  ],
  [
    'makes forms of no elements',
    `return [() => new FormData({}), () => new FormData(undefined, {}), () => new FormData().append('a', {}, 'n')].map((run) => { try { run(); return 'made' } catch (e) { return e instanceof TypeError } })`,
    [true, true, true],
  ],
  ['says who runs it', `return navigator.userAgent`, 'ringfence'],
  ['is its own self', `return self === globalThis`, true],
]
