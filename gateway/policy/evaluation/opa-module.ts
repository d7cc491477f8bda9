// Owns the binding to @open-policy-agent/opa-wasm: instances of one compiled policy, ready to evaluate bytes into text.
import { createRequire } from 'node:module';
import { z } from 'zod';
import type { PolicyBundle } from '../bundle/bundle.ts';
import { ENTRYPOINT, EXPLANATION } from '../bundle/read-bundle.ts';
import { FUEL, meter } from './metered-module.ts';

const PAGE_BYTES = 64 * 1024;
/** Of the module itself: its constants and its stack. */
const MODULE_PAGES = 16;
/** 512 MiB: the data of 10,000 agents take a fifth of it. */
const LARGEST_DATA_PAGES = 8192;
/** Data take 2 to 10 bytes a byte; where it is more, memory grows, page by page and slowly. */
const BYTES_A_BYTE = 10;
/** 64 MiB beside the data; an ordinary evaluation takes a thousandth. There from the first, so that none waits for it to grow. */
const EVALUATION_PAGES = 1024;

/**
 * Steps that an evaluation, or an explanation, may take: about 250 ms. A step takes about a nanosecond, and an ordinary transfer judged
 * by the default library is some 60,000.
 */
export const EVALUATION_STEPS = 250_000_000n;
/** Data take 1 to 12 steps a byte. */
const LOADING_STEPS = 4_000_000_000n;

/** What of WebAssembly is used; its types come only with a browser's. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<CompiledModule> };

declare const compiledModule: unique symbol;

/** Machine code that threads may share: it can be posted to another. */
export interface CompiledModule {
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
  readonly mem: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly entrypoints: unknown;
  /** Where the data document lies, and where the memory behind it begins that each evaluation uses anew. */
  dataAddr: number;
  baseHeapPtr: number;
  dataHeapPtr: number;
  /** Once, before the first evaluation: a failure in between would corrupt what is there. */
  setData(data: ArrayBuffer): void;
}

const opaWasm: OpaWasm = createRequire(import.meta.url)('@open-policy-agent/opa-wasm');

const RESULT_SET = z.tuple([z.strictObject({ result: z.string() })]);

/** An evaluation took more steps than it may. */
export class StepsExhausted extends Error {
  constructor() {
    super(`the policy took more than ${EVALUATION_STEPS} steps; it loops, or does far more than a decision needs`);
  }
}

/** Not re-entrant, and of no more use once a method has thrown: StepsExhausted, or whatever went wrong inside. */
export interface PolicyInstance {
  /** The JSON text that the entrypoint gave; `null`: not exactly one text. */
  evaluate(input: Uint8Array): string | null;
  /** As `evaluate`, of what each rule said; `null` also where the bundle was built without it. */
  explain(input: Uint8Array): string | null;
  /** That the last of the two took: always as many for the same input. */
  steps(): bigint;
}

export interface PolicyModule {
  readonly compiled: CompiledModule;
  /** Takes less than a millisecond for small data; grows with the data. */
  instantiate(): PolicyInstance;
  /** What instances are made of; shared, not copied. */
  image(): PolicyImage;
}

/** The linear memory of an instance that has its data and has evaluated nothing, up to its last used byte. */
export interface PolicyImage {
  readonly memory: Uint8Array<ArrayBuffer>;
  /** That the module believes to have: an instance must have as many. */
  readonly pages: number;
  readonly dataAddress: number;
  readonly baseHeapPointer: number;
  readonly dataHeapPointer: number;
}

/**
 * Meters, compiles and links the module, and reads the data, once. `known`: what this process compiled of the very same policy.wasm before.
 * Throws an Error that says what is wrong.
 */
export async function compilePolicy(bundle: PolicyBundle, known: CompiledModule | null = null): Promise<PolicyModule> {
  const compiled = known ?? (await compileMetered(bundle));
  const image = imageOf(load(compiled, bundle));
  const instantiate = (): PolicyInstance => {
    const instance = adopt(compiled, image).step(image.memory.length);
    if (instance === null) throw new Error('the image was not copied whole');
    return instance;
  };
  return { compiled, instantiate, image: () => image };
}

async function compileMetered({ label, wasm }: PolicyBundle): Promise<CompiledModule> {
  try {
    return await WebAssembly.compile(meter(wasm));
  } catch (error) {
    throw new Error(`policy bundle ${label}: policy.wasm: it is not WebAssembly: ${reasonOf(error)}`);
  }
}

/** An instance that comes into being in steps, each as short as the caller wants; of no use before the last one. */
export interface Adoption {
  /** Copies so many bytes more of the image. The instance, once all is copied. */
  step(bytes: number): PolicyInstance | null;
}

/** A new instance of a module that takes over the memory of another instance of the same module. */
export function adopt(compiled: CompiledModule, image: PolicyImage): Adoption {
  const enough = Math.ceil(image.memory.length / PAGE_BYTES) + EVALUATION_PAGES;
  const memory = { initial: image.pages, maximum: Math.max(image.pages, enough) };
  const loaded = opaWasm.loadPolicySync(compiled, memory);
  let copied = 0;
  return {
    step(bytes) {
      const piece = image.memory.subarray(copied, copied + bytes);
      new Uint8Array(loaded.mem.buffer).set(piece, copied);
      copied += piece.length;
      if (copied < image.memory.length) return null;
      loaded.dataAddr = image.dataAddress;
      loaded.baseHeapPtr = image.baseHeapPointer;
      loaded.dataHeapPtr = image.dataHeapPointer;
      call(loaded.wasmInstance, 'opa_heap_ptr_set', image.dataHeapPointer);
      return instanceOf(loaded);
    },
  };
}

function imageOf(loaded: LoadedPolicy): PolicyImage {
  const { dataAddr, baseHeapPtr, dataHeapPtr } = loaded;
  const memory = new Uint8Array(loaded.mem.buffer.slice(0, dataHeapPtr));
  const pages = loaded.mem.buffer.byteLength / PAGE_BYTES;
  return { memory, pages, dataAddress: dataAddr, baseHeapPointer: baseHeapPtr, dataHeapPointer: dataHeapPtr };
}

function instanceOf(loaded: LoadedPolicy): PolicyInstance {
  const fuel = fuelOf(loaded);
  const evaluation = evaluationIn(loaded);
  const textOf = (input: Uint8Array, entrypoint: number): string | null => {
    fuel.value = EVALUATION_STEPS;
    try {
      const results = RESULT_SET.safeParse(JSON.parse(evaluation(input, entrypoint)));
      return results.success ? results.data[0].result : null;
    } catch (error) {
      throw fuel.value < 0n ? new StepsExhausted() : error;
    }
  };
  const decision = entrypointOf(loaded, ENTRYPOINT);
  const explanation = entrypointOf(loaded, EXPLANATION);
  return {
    evaluate: (input) => (decision === null ? null : textOf(input, decision)),
    explain: (input) => (explanation === null ? null : textOf(input, explanation)),
    steps: () => EVALUATION_STEPS - fuel.value,
  };
}

/**
 * One call into the module (https://www.openpolicyagent.org/docs/wasm, ABI 1.2): the input lies behind the data, and the heap of the
 * evaluation behind that. The package's own `evaluate` does the same, and looks for the end of the result byte by byte in JavaScript.
 */
function evaluationIn({ wasmInstance, mem, dataAddr, dataHeapPtr }: LoadedPolicy) {
  const evaluate = exportedFunction(wasmInstance, 'opa_eval');
  return (input: Uint8Array, entrypoint: number): string => {
    const heap = dataHeapPtr + input.length;
    const lacking = heap - mem.buffer.byteLength;
    if (lacking > 0) mem.grow(Math.ceil(lacking / PAGE_BYTES));
    new Uint8Array(mem.buffer).set(input, dataHeapPtr);
    return textAt(mem, evaluate(0, entrypoint, dataAddr, dataHeapPtr, input.length, heap, AS_JSON));
  };
}

const AS_JSON = 0;
const UTF8 = new TextDecoder();

/** Of a text that ends with a zero byte. */
function textAt(mem: LoadedPolicy['mem'], address: unknown): string {
  if (typeof address !== 'number') throw new Error('the module gave no address');
  const bytes = new Uint8Array(mem.buffer);
  return UTF8.decode(bytes.subarray(address, bytes.indexOf(0, address)));
}

interface Fuel {
  value: bigint;
}

function fuelOf({ wasmInstance }: LoadedPolicy): Fuel {
  const fuel = wasmInstance.exports[FUEL];
  if (!isFuel(fuel)) throw new Error('the module is not metered');
  return fuel;
}

function isFuel(exported: unknown): exported is Fuel {
  return typeof exported === 'object' && exported !== null && 'value' in exported && typeof exported.value === 'bigint';
}

function load(compiled: CompiledModule, bundle: PolicyBundle): LoadedPolicy {
  try {
    const loaded = opaWasm.loadPolicySync(compiled, memoryFor(bundle.data));
    if (entrypointOf(loaded, ENTRYPOINT) === null) throw new Error(`it has no entrypoint ${ENTRYPOINT}`);
    requireNoHostBuiltins(loaded);
    setData(loaded, bundle.data);
    return loaded;
  } catch (error) {
    throw new Error(`policy bundle ${bundle.label}: policy.wasm: ${reasonOf(error)}`, { cause: error });
  }
}

function memoryFor(data: Uint8Array): { readonly initial: number; readonly maximum: number } {
  const expected = MODULE_PAGES + Math.ceil((data.length * BYTES_A_BYTE) / PAGE_BYTES);
  return {
    initial: Math.min(expected, LARGEST_DATA_PAGES) + EVALUATION_PAGES,
    maximum: LARGEST_DATA_PAGES + EVALUATION_PAGES,
  };
}

function setData(loaded: LoadedPolicy, data: Uint8Array): void {
  const fuel = fuelOf(loaded);
  fuel.value = LOADING_STEPS;
  try {
    loaded.setData(bufferOf(data));
  } catch (error) {
    const what = fuel.value < 0n ? 'work' : 'memory';
    throw new Error(`data.json takes more ${what} to load than it may: ${reasonOf(error)}`);
  }
}

/** Its number; `null` where there is none of that name. */
function entrypointOf({ entrypoints }: LoadedPolicy, name: string): number | null {
  return z.record(z.string(), z.number()).parse(entrypoints)[name] ?? null;
}

/** A builtin that the module does not hold itself would run in the gateway, inexactly, or throw at call time. */
function requireNoHostBuiltins({ wasmInstance, mem }: LoadedPolicy): void {
  const listed = z.number().parse(call(wasmInstance, 'builtins'));
  const text = textAt(mem, call(wasmInstance, 'opa_json_dump', listed));
  const names = Object.keys(z.record(z.string(), z.number()).parse(JSON.parse(text)));
  if (names.length > 0) {
    throw new Error(
      `it needs builtins that are not in WebAssembly: ${names.join(', ')}; see policies/capabilities.json`,
    );
  }
}

function call(instance: ModuleInstance, name: string, ...values: readonly number[]): unknown {
  return exportedFunction(instance, name)(...values);
}

type ExportedFunction = (...values: readonly number[]) => unknown;

function exportedFunction({ exports }: ModuleInstance, name: string): ExportedFunction {
  const exported = exports[name];
  if (!isFunction(exported)) throw new Error(`it does not export ${name}`);
  return exported;
}

function isFunction(exported: unknown): exported is ExportedFunction {
  return typeof exported === 'function';
}

/** Only an ArrayBuffer is taken as JSON text; anything else would be turned into JSON again. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** The package and the module throw text as well as errors. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
