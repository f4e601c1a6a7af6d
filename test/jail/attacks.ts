/** Attacks on a jail from inside, as JavaScript: whatever does not throw or reject got through. */
import type { Bait } from '../../src/jail/bait.ts'

export const attacksWith = (bait: Bait): Readonly<Record<string, string>> => ({
  'reads a file that everybody may read': `fs.readFileSync(${JSON.stringify(bait.secret)})`,
  'reads the list of users': `fs.readFileSync('/etc/passwd')`,
  'lists a folder': `fs.readdirSync(${JSON.stringify(bait.folder)})`,
  'lists what the machine is': `fs.readdirSync('/sys')`,
  'reads the environment of its parent': `fs.readFileSync('/proc/${bait.parent}/environ')`,
  'reads the environment of the first process': `fs.readFileSync('/proc/1/environ')`,
  'reads its own memory map': `fs.readFileSync('/proc/self/maps')`,
  'has an environment': `if (Object.keys(process.env).every((name) => name === 'PWD')) throw new Error('none')`,
  'writes where everybody may': `fs.writeFileSync(${JSON.stringify(`${bait.folder}/left`)}, 'x')`,
  'makes a folder': `fs.mkdirSync(${JSON.stringify(`${bait.folder}/made`)})`,
  'makes an empty file in its root': `fs.closeSync(fs.openSync('/left', 'w'))`,
  'writes to shared memory': `fs.writeFileSync('/dev/shm/left-${bait.parent}', 'x'); fs.unlinkSync('/dev/shm/left-${bait.parent}')`,
  'changes the secret': `fs.appendFileSync(${JSON.stringify(bait.secret)}, 'x')`,
  'links to the secret': `fs.linkSync(${JSON.stringify(bait.secret)}, ${JSON.stringify(`${bait.folder}/link`)})`,
  'removes the secret': `fs.unlinkSync(${JSON.stringify(bait.secret)})`,
  'starts a shell': `started(child_process.spawnSync('/bin/sh', ['-c', ':']))`,
  'starts another Node': `started(child_process.spawnSync(process.execPath, ['--version']))`,
  'connects to a server': `await connect({ port: ${bait.tcp}, host: '127.0.0.1' })`,
  'connects to a socket that is a file': `await connect({ path: ${JSON.stringify(bait.socket)} })`,
  'sends a datagram': `await send(${bait.udp})`,
  listens: `await listen()`,
  'listens at a file': `await listen(${JSON.stringify(`${bait.folder}/door`)})`,
  'signals its parent': `process.kill(${bait.parent}, 0)`,
  'signals everybody': `process.kill(-1, 0)`,
  'has descriptors it was not given': `for (let fd = 5; fd < 1024; fd += 1) if (leads(fd)) return; throw new Error('none')`,
  'changes its priority': `os.setPriority(5)`,
  'holds more memory than its limit': `Array.from({ length: 64 }, () => new ArrayBuffer(64 * 2 ** 20))`,
  'shares memory that no limit counts': `Array.from({ length: 64 }, () => new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true }))`,
})

/** The program that makes the attacks and says on a descriptor which got through. */
export const attackProgram = (attacks: Readonly<Record<string, string>>, fd = 1): string => `
const [fs, os, net, dgram, child_process] = ['fs', 'os', 'net', 'dgram', 'child_process'].map(process.getBuiltinModule)
const started = (run) => { if (run.error) throw run.error }
const settle = (start) => new Promise((resolve, reject) => { setTimeout(reject, 500, new Error('no answer')); start(resolve, reject) })
const connect = (to) => settle((resolve, reject) => net.connect(to, resolve).on('error', reject))
const send = (port) => settle((resolve, reject) => {
  const socket = dgram.createSocket('udp4').on('error', reject)
  socket.send('x', port, '127.0.0.1', (error) => error ? reject(error) : resolve())
})
const listen = (at = 0) => settle((resolve, reject) => net.createServer().on('error', reject).listen(at, resolve))
// A descriptor of Node's own is a pipe, an eventfd or the like; what leads to a file came from elsewhere.
const leads = (fd) => { try { return fs.fstatSync(fd).isFile() } catch { return false } }
const attacks = { ${Object.entries(attacks)
  .map(([name, code]) => `${JSON.stringify(name)}: async () => { ${code} }`)
  .join(',\n')} }
;(async () => {
  const through = []
  for (const [name, attack] of Object.entries(attacks)) {
    try { await attack(); through.push(name) } catch {}
  }
  fs.writeSync(${fd}, JSON.stringify(through))
  process.exit()
})()`
