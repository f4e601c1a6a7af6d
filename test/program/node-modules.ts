/** Bodies of functions over modules of Node, whose answers must be those of Node itself. */
export const COMMON_USE: readonly (readonly [title: string, body: string])[] = [
  [
    'buffer',
    `const { Buffer } = await load('buffer')
    const bytes = Buffer.concat([Buffer.from('h\u00e9'), Buffer.from('ff00', 'hex'), Buffer.alloc(2, 7)])
    return [bytes.toString('base64'), bytes.readUInt16BE(1), bytes.indexOf(255), Buffer.byteLength('\u20ac'),
      Buffer.compare(Buffer.from('a'), Buffer.from('b')), bytes.equals(Buffer.from(bytes)), Buffer.isBuffer(bytes), JSON.stringify(bytes.subarray(1, 3))]`,
  ],
  [
    'events',
    `const { EventEmitter, once } = await load('events')
    const heard = []
    const emitter = new EventEmitter()
    emitter.on('a', (...values) => heard.push(values))
    emitter.prependOnceListener('a', () => heard.push('first'))
    emitter.emit('a', 1, 2)
    emitter.emit('a', 3)
    const waited = once(emitter, 'b')
    emitter.emit('b', 4)
    let unheard
    try { emitter.emit('error', new RangeError('nobody')) } catch (error) { unheard = error.name }
    return [heard, await waited, unheard, emitter.listenerCount('a'), emitter.eventNames()]`,
  ],
  [
    'util',
    `const util = await load('util')
    const late = util.promisify((value, done) => done(null, value + 1))
    class A {}
    class B {}
    util.inherits(B, A)
    return [util.format('%s is %d of %j', 'a', 1, { b: 2 }), util.inspect({ a: [1, 'b'], c: { d: null } }), await late(1),
      new B() instanceof A, util.isDeepStrictEqual({ a: [1] }, { a: [1] }), util.types.isRegExp(/a/), util.types.isDate({})]`,
  ],
  [
    'path',
    `const path = await load('path')
    return [path.join('/a', '../b', 'c.txt'), path.extname('x.tar.gz'), path.basename('/a/b.js', '.js'), path.relative('/a/b', '/a/c/d'),
      path.parse('/home/x.txt'), path.normalize('/a//b/../c/.'), path.isAbsolute('a'), path.resolve('/a', 'b')]`,
  ],
  [
    'url',
    `const url = await load('url')
    return [{ ...url.parse('http://user@host:80/p/a?q=1#h', true).query }, url.resolve('/one/two', 'three'), new url.URL('../b', 'http://a/c/d').href,
      url.format({ protocol: 'https', host: 'a.b', pathname: '/c' }), new url.URLSearchParams('a=1').get('a')]`,
  ],
  [
    'querystring',
    `const querystring = await load('querystring')
    return [{ ...querystring.parse('a=1&b=2&a=3&c=%20') }, querystring.stringify({ a: [1, 2], b: 'x y' }), querystring.escape("\u00e9&!'()*"), querystring.unescape('%20a'), querystring.unescape('plain')]`,
  ],
  [
    'assert',
    `const assert = await load('assert')
    const failures = []
    for (const check of [() => assert.strictEqual(1, 2), () => assert.deepStrictEqual({ a: 1 }, { a: '1' }), () => assert(0, 'told'), () => assert.throws(() => {})]) {
      try { check() } catch (error) { failures.push([error.name, error.code, error.operator]) }
    }
    assert.deepEqual({ a: [1] }, { a: [1] })
    assert.throws(() => { throw new TypeError('x') }, TypeError)
    await assert.rejects(Promise.reject(new Error('y')))
    return failures`,
  ],
  [
    'string_decoder',
    `const { StringDecoder } = await load('string_decoder')
    const { Buffer } = await load('buffer')
    const decoder = new StringDecoder('utf8')
    return [decoder.write(Buffer.from([0xe2, 0x82])), decoder.write(Buffer.from([0xac])), decoder.end(Buffer.from([0xe2]))]`,
  ],
  [
    'stream',
    `const { Readable, Transform, Writable, PassThrough } = await load('stream')
    const { pipeline, finished } = await load('stream/promises')
    const { Buffer } = await load('buffer')
    const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) })
    const written = []
    await pipeline(Readable.from(['a', 'b']), upper, new Writable({ write: (chunk, _, done) => { written.push(String(chunk)); done() } }))
    const through = new PassThrough({ objectMode: true })
    through.write({ n: 1 })
    through.end({ n: 2 })
    const read = []
    for await (const one of through) read.push(one.n)
    const failing = new Readable({ read() { this.destroy(new RangeError('mine')) } })
    failing.resume()
    const failed = await finished(failing).catch(({ name }) => name)
    return [written.join(''), read, failed, Buffer.concat(await Readable.from([Buffer.from('x')]).toArray()).toString()]`,
  ],
  [
    'timers',
    `const timers = await load('timers')
    const { setTimeout: wait, setInterval: each } = await load('timers/promises')
    const heard = [await wait(1, 'later')]
    timers.clearTimeout(timers.setTimeout(() => heard.push('never'), 1))
    await new Promise((resolve) => timers.setImmediate(resolve))
    for await (const one of each(1, 'again')) { heard.push(one); if (heard.length > 2) break }
    const left = new AbortController()
    const waiting = wait(1000, 1, { signal: left.signal }).catch(({ name, code }) => [name, code])
    left.abort()
    return [heard, await waiting]`,
  ],
]
