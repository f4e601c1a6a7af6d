import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Bundle, createBroker, type Execution, type RunOptions } from '../../src/index.ts'

/** A folder with a package named `app` in it, and whatever a test puts there. */
export class Workshop implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'ringfence-bundle-'))

  constructor() {
    this.put('app/package.json', '{ "name": "app", "main": "./src/main.ts" }')
  }

  /** Writes a file and answers its path. */
  put(path: string, text: string): string {
    const whole = join(this.folder, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text)
    return whole
  }

  /** Installs a package for the app. */
  install(name: string, files: Readonly<Record<string, string>>, more: object = {}): void {
    this.put(`app/node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', ...more }))
    for (const [path, text] of Object.entries(files)) this.put(`app/node_modules/${name}/${path}`, text)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** Runs a bundle with its source map. */
export async function runBundle({ source, filename, sourceMap }: Bundle, options: RunOptions = {}): Promise<Execution> {
  await using broker = await createBroker()
  return await broker.run(source, { filename, sourceMap, ...options })
}

/** What is asked of a receipt. */
export function returned(value: unknown): object {
  return { outcome: { kind: 'returned', value } }
}
