/** What programs do with requests and responses, as the body of an async function, and what it answers. */
export const BODIES: readonly (readonly [title: string, body: string, answer: unknown])[] = [
  [
    'answers with text, JSON and bytes',
    `const r = new Response('{"a":[1]}', { status: 201, statusText: 'Made', headers: { 'x-a': 'b' } }); return [r.ok, r.status, r.statusText, r.headers.get('content-type'), await r.clone().text(), [...await r.clone().bytes()].length, (await r.clone().arrayBuffer()).byteLength, (await r.clone().blob()).type, await r.json()]`,
    [true, 201, 'Made', 'text/plain;charset=UTF-8', '{"a":[1]}', 9, 9, 'text/plain;charset=utf-8', { a: [1] }],
  ],
  [
    'reads a body once',
    `const r = new Response('a'); const before = r.bodyUsed; await r.text(); const failed = await r.text().catch((e) => e.name); let cloned; try { r.clone() } catch (e) { cloned = e.name } return [before, r.bodyUsed, failed, cloned, r.body.locked]`,
    [false, true, 'TypeError', 'TypeError', true],
  ],
  [
    'reads no body that somebody else reads',
    `const r = new Response('ab'); const reader = r.body.getReader(); const locked = await r.text().catch((e) => e.name); const { value } = await reader.read(); reader.releaseLock(); return [locked, value.length, r.bodyUsed, await r.bytes().catch((e) => e.name)]`,
    ['TypeError', 2, true, 'TypeError'],
  ],
  [
    'takes streams, and says when a chunk is no bytes',
    `const ok = new Response(ReadableStream.from([new Uint8Array([104]), new Uint8Array([105])])); const bad = new Response(ReadableStream.from(['hi'])); const copy = ok.clone(); return [await ok.text(), await copy.text(), await bad.text().catch((e) => e.name)]`,
    ['hi', 'hi', 'TypeError'],
  ],
  [
    'streams what it has',
    `let n = 0; for await (const c of new Response(new Blob(['x'.repeat(100000)])).body) n += c.length; return [n, new Response().body, await new Response().text()]`,
    [100000, null, ''],
  ],
  [
    'makes answers of JSON, redirections and errors',
    `const j = Response.json({ a: 1 }, { status: 400 }); const r = Response.redirect('http://a/b', 308); const e = Response.error(); return [j.headers.get('content-type'), j.ok, await j.json(), r.status, r.headers.get('location'), e.type, e.status]`,
    ['application/json', false, { a: 1 }, 308, 'http://a/b', 'error', 0],
  ],
  [
    'refuses answers that are none',
    `return [() => new Response('', { status: 199 }), () => new Response('', { status: 600 }), () => new Response('a', { status: 204 }), () => new Response('', { statusText: '\\r\\n' }), () => Response.redirect('http://a', 200), () => Response.redirect('a'), () => Response.json(() => 1), () => Response.error().headers.set('a', 'b')].map((run) => { try { run(); return 'made' } catch (e) { return e.name } })`,
    ['RangeError', 'RangeError', 'TypeError', 'TypeError', 'RangeError', 'TypeError', 'TypeError', 'TypeError'],
  ],
  [
    'sends forms and reads them again',
    `const f = new FormData(); f.append('a"\\r\\nb', 'x\\ny'); f.append('f', new File([new Uint8Array([13, 10, 45, 45, 0, 255])], 'n".bin', { type: 'x/y' })); f.append('', ''); const q = new Request('http://a/', { method: 'POST', body: f }); const g = await q.formData(); return [[...g.keys()], g.get('a"\\r\\nb'), [...await g.get('f').bytes()], g.get('f').name, g.get('f').type]`,
    [['a"\r\nb', 'f', ''], 'x\r\ny', [13, 10, 45, 45, 0, 255], 'n".bin', 'x/y'],
  ],
  [
    'lets no field pass for another field',
    `const f = new FormData(); f.append('a', '\\r\\n------formdata-0\\r\\nContent-Disposition: form-data; name="b"\\r\\n\\r\\n1'); f.append('c"; filename="d', '2'); f.append('e', new Blob(['3']), 'x"\\r\\nContent-Type: evil/type\\r\\n'); const one = new Response(f), two = new Response(f); const types = [one, two].map((r) => r.headers.get('content-type')); const g = await one.formData(); return [types[0] === types[1], [...g.keys()], g.get('e').type]`,
    [false, ['a', 'c"; filename="d', 'e'], 'application/octet-stream'],
  ],
  [
    'reads forms of addresses, and refuses what is no form',
    `const of = (body, type) => new Response(body, { headers: { 'content-type': type } }).formData().then((f) => [...f], (e) => e.name); return Promise.all([of('a=1&b=%C3%A9', 'application/x-www-form-urlencoded'), of('a', 'text/plain'), of('--x\\r\\n', 'multipart/form-data; boundary=x'), of('--x\\r\\nContent-Disposition: form-data\\r\\n\\r\\n1\\r\\n--x--', 'multipart/form-data; boundary=x'), of('', 'multipart/form-data'), of('--x--\\r\\n', 'multipart/form-data; boundary=x')])`,
    [
      [
        ['a', '1'],
        ['b', 'é'],
      ],
      'TypeError',
      'TypeError',
      'TypeError',
      'TypeError',
      [],
    ],
  ],
  [
    'asks with what it was told',
    `const c = new AbortController(); const q = new Request('http://a/b?c#d', { method: 'put', headers: { A: '1' }, body: new URLSearchParams({ e: 'f' }), signal: c.signal, redirect: 'manual' }); const again = new Request(q.clone(), { headers: { B: '2' } }); c.abort(); return [q.url, q.method, [...q.headers], q.redirect, q.signal.aborted, q.signal === c.signal, again.method, [...again.headers], again.signal.aborted, await again.text(), await q.text()]`,
    [
      'http://a/b?c#d',
      'PUT',
      [
        ['a', '1'],
        ['content-type', 'application/x-www-form-urlencoded;charset=UTF-8'],
      ],
      'manual',
      true,
      false,
      'PUT',
      [['b', '2']],
      true,
      'e=f',
      'e=f',
    ],
  ],
  [
    'takes the body of the request that it is made of',
    `const q = new Request('http://a', { method: 'POST', body: 'x' }); const r = new Request(q); return [q.bodyUsed, r.bodyUsed, await r.text(), await q.text().catch((e) => e.name)]`,
    [true, false, 'x', 'TypeError'],
  ],
  [
    'refuses requests that are none',
    `return [() => new Request(), () => new Request('/a'), () => new Request('http://u:p@a/'), () => new Request('http://a', { method: 'TRACE' }), () => new Request('http://a', { method: 'GET /\\r\\n' }), () => new Request('http://a', { body: 'x' }), () => new Request('http://a', { mode: 'navigate' }), () => new Request('http://a', { signal: {} }), () => new Request('http://a', { method: 'POST', body: new ReadableStream() }), () => new Request('http://a', { headers: { 'a\\r\\nb': 'c' } })].map((run) => { try { run(); return 'made' } catch (e) { return e.name } })`,
    Array.from({ length: 10 }, () => 'TypeError'),
  ],
  [
    'has brands that nothing else passes for',
    `const get = (I, name) => Object.getOwnPropertyDescriptor(I.prototype, name).get; return Promise.all([() => get(Response, 'status').call({}), () => get(Request, 'url').call(Object.create(new Request('http://a'))), () => Response.prototype.text.call(new Proxy(new Response(), {})), () => Request.prototype.clone.call(null)].map(async (run) => { try { await run(); return 'passed' } catch (e) { return e.name } }))`,
    ['TypeError', 'TypeError', 'TypeError', 'TypeError'],
  ],
]
