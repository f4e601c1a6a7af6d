import process from 'node:process'

/**
 * Node's permission model, for children that run code on a guest's behalf. What is needed to load is allowed and then
 * dropped. It costs nothing and is never counted as a wall.
 */
export const PERMISSION_FLAGS: readonly string[] = [
  '--no-warnings',
  '--permission',
  '--allow-addons',
  '--allow-fs-read=*',
  '--disable-proto=delete',
  '--disable-sigusr1',
]

const RIGHTS = ['addon', 'child', 'worker', 'wasi', 'inspector', 'net', 'ffi', 'fs.write', 'fs.read', 'fs']

/** Gives up every right, once everything is loaded. A Node without `permission.drop` keeps the right to read. */
export const dropRights = (): void => {
  const permission: unknown = Reflect.get(process, 'permission')
  if (typeof permission !== 'object' || permission === null) return
  const drop: unknown = Reflect.get(permission, 'drop')
  if (typeof drop !== 'function') return
  for (const right of RIGHTS) Reflect.apply(drop, permission, [right])
}
