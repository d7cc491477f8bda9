// Owns the binding to @open-policy-agent/opa-wasm: instances of one compiled policy, ready to evaluate bytes into text.
import { createRequire } from 'node:module';
import { z } from 'zod';
import type { PolicyBundle } from '../bundle/bundle.ts';
import { ENTRYPOINT } from '../bundle/read-bundle.ts';

/** 64 KiB each. */
const INITIAL_PAGES = 16;
const LARGEST_PAGES = 4096;

/** What of WebAssembly is used; its types come only with a browser's. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<CompiledModule> };

declare const compiledModule: unique symbol;

interface CompiledModule {
  readonly [compiledModule]: true;
}

interface ModuleInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** What of the package is used. Its ES module does not export the synchronous loader, so the CommonJS one is taken. */
interface OpaWasm {
  loadPolicySync(module: CompiledModule, memory: { readonly initial: number; readonly maximum: number }): LoadedPolicy;
}

interface LoadedPolicy {
  readonly wasmInstance: ModuleInstance;
  readonly mem: { readonly buffer: ArrayBuffer };
  readonly entrypoints: unknown;
  /** Once, before the first evaluation: a failure in between would corrupt what is there. */
  setData(data: ArrayBuffer): void;
  evaluate(input: ArrayBuffer, entrypoint: string): unknown;
}

const opaWasm: OpaWasm = createRequire(import.meta.url)('@open-policy-agent/opa-wasm');

const RESULT_SET = z.tuple([z.strictObject({ result: z.string() })]);

/** Not re-entrant, and of no more use once `evaluate` has thrown. */
export interface PolicyInstance {
  /** The JSON text that the entrypoint gave; `null`: not exactly one text. */
  evaluate(input: Uint8Array): string | null;
}

export interface PolicyModule {
  /** Takes less than a millisecond for small data; grows with the data. */
  instantiate(): PolicyInstance;
}

/** Compiles and links the module once. Throws an Error that says what is wrong. */
export async function compilePolicy(bundle: PolicyBundle): Promise<PolicyModule> {
  const module = await WebAssembly.compile(bundle.wasm).catch((error: unknown) => {
    throw new Error(`policy bundle ${bundle.label}: policy.wasm: it is not WebAssembly: ${reasonOf(error)}`);
  });
  const policy = { instantiate: () => instantiate(module, bundle) };
  policy.instantiate();
  return policy;
}

function instantiate(module: CompiledModule, bundle: PolicyBundle): PolicyInstance {
  const loaded = load(module, bundle);
  return {
    evaluate(input) {
      const results = RESULT_SET.safeParse(loaded.evaluate(bufferOf(input), ENTRYPOINT));
      return results.success ? results.data[0].result : null;
    },
  };
}

function load(module: CompiledModule, bundle: PolicyBundle): LoadedPolicy {
  try {
    const loaded = opaWasm.loadPolicySync(module, { initial: INITIAL_PAGES, maximum: LARGEST_PAGES });
    requireEntrypoint(loaded.entrypoints);
    requireNoHostBuiltins(loaded);
    loaded.setData(bufferOf(bundle.data));
    return loaded;
  } catch (error) {
    throw new Error(`policy bundle ${bundle.label}: policy.wasm: ${reasonOf(error)}`, { cause: error });
  }
}

function requireEntrypoint(entrypoints: unknown): void {
  if (typeof entrypoints !== 'object' || entrypoints === null || !Object.hasOwn(entrypoints, ENTRYPOINT)) {
    throw new Error(`it has no entrypoint ${ENTRYPOINT}`);
  }
}

/** A builtin that the module does not hold itself would run in the gateway, inexactly, or throw at call time. */
function requireNoHostBuiltins({ wasmInstance, mem }: LoadedPolicy): void {
  const address = call(wasmInstance, 'opa_json_dump', call(wasmInstance, 'builtins'));
  const bytes = new Uint8Array(mem.buffer, address);
  const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  const names = Object.keys(z.record(z.string(), z.number()).parse(JSON.parse(text)));
  if (names.length > 0) {
    throw new Error(
      `it needs builtins that are not in WebAssembly: ${names.join(', ')}; see policies/capabilities.json`,
    );
  }
}

function call(instance: ModuleInstance, name: string, ...values: readonly number[]): number {
  const exported = instance.exports[name];
  if (typeof exported !== 'function') throw new Error(`it does not export ${name}`);
  return z.number().parse(exported(...values));
}

/** Only an ArrayBuffer is taken as JSON text; anything else would be turned into JSON again. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The package and the module throw text as well as errors. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
