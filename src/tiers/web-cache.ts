import type ivm from 'isolated-vm'
import type { Part } from '../web/web-text.ts'
import { PART_FILES } from './guest-text.ts'
import { REHEARSAL_CONFIG } from './rehearsal.ts'
import { equipIsolate, type Warm, warmIsolate } from './warm-isolate.ts'

const MEMORY_MB = 64

/** In place of the key for randomness: nobody sees what comes of it. */
const NO_SEED = Buffer.alloc(32).toString('base64')

/** Touches what most programs would, so that V8 compiles it. */
const WEB_REHEARSAL = `({ __proto__: null, entry: "m", modules: { __proto__: null,
  "m": { __proto__: null, kind: "module", deps: { __proto__: null }, run: async function () {
    const url = new URL("../b?c=d#e", "https://user@host.example:8080/a/")
    url.searchParams.append("f", "g")
    new URLSearchParams(url.search).get("f")
    new TextDecoder().decode(new TextEncoder().encode(url.href + "\\u00e9"))
    const aborts = new AbortController()
    aborts.signal.addEventListener("abort", () => {}, { once: true })
    AbortSignal.any([aborts.signal])
    aborts.abort()
    new EventTarget().dispatchEvent(new CustomEvent("rehearsal", { detail: 1 }))
    atob(btoa(String(aborts.signal.reason)))
    performance.now()
    const lines = new Blob(["a", "b"]).stream().pipeThrough(new TextDecoderStream())
    for await (const line of lines) structuredClone(line)
    crypto.getRandomValues(new Uint8Array(crypto.randomUUID().length))
    await crypto.subtle.digest("SHA-256", new Uint8Array(1))
    const request = new Request("http://a/", { method: "POST", headers: { a: "b" }, body: "c" })
    await Response.json(await request.text()).json()
  } } } })`

/**
 * Compiles a part's text for isolates to come. A cache of V8's holds the functions compiled so far, and
 * isolated-vm gives one only while compiling: so the text is compiled, used, and compiled again in the same isolate,
 * whose own memory of it then has what was used.
 */
export const makePartCache = (text: string, part: Part): ivm.ExternalCopy<ArrayBuffer> | undefined => {
  const warm = warmIsolate(MEMORY_MB, false)
  try {
    equipIsolate(warm, text, part, undefined)
    if (part === 'web') rehearse(warm)
    const options = { filename: PART_FILES[part], produceCachedData: true }
    const script: ivm.Script & ivm.CachedDataResult = warm.isolate.compileScriptSync(text, options)
    return script.cachedData
  } finally {
    warm.isolate.dispose()
  }
}

const rehearse = ({ isolate, context, load, enter }: Warm): void => {
  const table = isolate.compileScriptSync(WEB_REHEARSAL).runSync(context, { reference: true })
  load.applySync(undefined, [table.derefInto(), JSON.stringify({ ...REHEARSAL_CONFIG, web: 'all', seeds: NO_SEED })])
  enter.applySync(undefined, ['Cdefault\nJ1'])
}
