import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'
import v8 from 'node:v8'

/**
 * How Node is started that runs code on a guest's behalf: with its permission model, above all. What is needed to load is
 * allowed and then dropped. It costs nothing and is never counted as a wall.
 */
export const PERMISSION_FLAGS: readonly string[] = [
  '--no-warnings',
  '--permission',
  '--allow-addons',
  '--allow-fs-read=*',
  '--disable-proto=delete',
  '--disable-sigusr1',
  // Where a jail hides the configuration of OpenSSL, Node would not start for being refused it.
  '--openssl-config=/dev/null',
]

/**
 * V8 may hold the lock of its WebAssembly engine while the last owner of an isolate lets go of it, which takes that lock too:
 * so code is not collected. Said before the first isolate is made, and not on the command line: with other flags there,
 * Node takes none of what it brings compiled for its own modules.
 */
export const keepWasmCode = (): void => v8.setFlagsFromString('--no-wasm-code-gc')

const RIGHTS = ['addon', 'child', 'worker', 'wasi', 'inspector', 'net', 'ffi', 'fs.write', 'fs.read', 'fs']

/**
 * Gives up every right, once everything is loaded. A Node without `permission.drop` keeps the right to read.
 *
 * Also the way to V8's flags, which the permission model leaves open: a guest that got out of its isolate would switch
 * off the bounds checks of WebAssembly with it and read and write all memory of this process. (V8's own
 * `--freeze-flags-after-init` does not go together with isolated-vm and a limited heap.)
 */
export const dropRights = (): void => {
  Reflect.deleteProperty(v8, 'setFlagsFromString')
  syncBuiltinESMExports()
  const permission: unknown = Reflect.get(process, 'permission')
  if (typeof permission !== 'object' || permission === null) return
  const drop: unknown = Reflect.get(permission, 'drop')
  if (typeof drop !== 'function') return
  for (const right of RIGHTS) Reflect.apply(drop, permission, [right])
}
