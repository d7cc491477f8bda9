import { describe, expect, it } from 'vitest';
import { FUEL, meter } from './metered-module.ts';
import { exported, type Sample, sampleModule, text } from './testing/wasm-samples.ts';

interface Instance {
  run(value: number): void;
  readonly fuel: { value: bigint };
  readonly memory: Uint8Array;
}

/** As the tests need it; its types come only with a browser's. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Exports };
};

interface Exports {
  readonly run?: Instance['run'];
  readonly memory?: { readonly buffer: ArrayBuffer };
  readonly [FUEL]?: Instance['fuel'];
}

const WITH_MEMORY = [2, ...exported('run', 0, 0), ...exported('memory', 2, 0)];

function instanceOf(wasm: Uint8Array): Instance {
  const { run, memory, [FUEL]: fuel } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
  if (typeof run !== 'function') return missing();
  return { run, fuel: fuel ?? missing(), memory: new Uint8Array(memory?.buffer ?? new ArrayBuffer(0)) };
}

function missing(): never {
  throw new Error('the module does not export it');
}

const metered = (sample: Sample) => instanceOf(meter(sampleModule(sample)));

/** Steps that a call takes. */
function cost(instance: Instance, value: number): number {
  instance.fuel.value = 1_000_000_000n;
  instance.run(value);
  return Number(1_000_000_000n - instance.fuel.value);
}

function exhausts(instance: Instance, value = 0): void {
  instance.fuel.value = 100_000n;
  expect(() => instance.run(value)).toThrow('unreachable');
  expect(instance.fuel.value).toBeLessThan(0n);
}

/** Before the stack is used up. */
function exhaustsSoon(sample: Sample): void {
  const endless = metered(sample);
  endless.fuel.value = 100n;
  expect(() => endless.run(0)).toThrow('unreachable');
  expect(endless.fuel.value).toBeLessThan(0n);
}

const LOOP = 0x03;
const NOTHING = 0x40;
/** for (; value != 0; value--) */
const COUNT_DOWN = [LOOP, NOTHING, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b];
const SPIN = [LOOP, NOTHING, 0x0c, 0, 0x0b];
const nops = (count: number) => new Array<number>(count).fill(0x01);

describe('a metered module', () => {
  it('traps in a loop that never ends', () => {
    exhausts(metered({ code: SPIN }));
  });

  it('traps in a loop inside of blocks, conditions and loops', () => {
    exhausts(metered({ code: [0x02, NOTHING, 0x41, 1, 0x04, NOTHING, ...SPIN, 0x05, 0x0b, 0x0b] }));
    exhausts(metered({ code: [LOOP, NOTHING, ...COUNT_DOWN, 0x0c, 0, 0x0b] }), 3);
  });

  it('takes a step for each turn of a loop, and for every 256 instructions that may follow another', () => {
    const counting = metered({ code: COUNT_DOWN });
    expect([1, 10, 1000].map((turns) => cost(counting, turns))).toEqual([1, 10, 1000]);
    const longer = metered({ code: [LOOP, NOTHING, ...nops(512), ...COUNT_DOWN.slice(2)] });
    expect([1, 10, 1000].map((turns) => cost(longer, turns))).toEqual([3, 30, 3000]);
  });

  it('takes a step on the entry of a function that is not small, and for every 256 instructions of it', () => {
    expect(cost(metered({ code: nops(511) }), 0)).toBe(0);
    expect(cost(metered({ code: nops(512) }), 0)).toBe(3);
    expect(cost(metered({ code: nops(2560) }), 0)).toBe(11);
    expect(cost(metered({ locals: [127, 0x7e], code: nops(384) }), 0)).toBe(0);
    expect(cost(metered({ locals: [127, 0x7e], code: nops(385) }), 0)).toBe(3);
  });

  it('lets callers pay for small functions, and for those that these call', () => {
    const called = (index: number) => [0x20, 0, 0x10, index];
    const calling = (times: number, others: Sample['others'] = []) =>
      cost(metered({ code: [...nops(512), ...Array.from({ length: times }, () => called(1)).flat()], others }), 0);
    expect(calling(1, [nops(253)])).toBe(1 + 3);
    expect(calling(4, [nops(253)])).toBe(1 + 2 + 4);
    expect(calling(4, [[...nops(250), ...called(2)], nops(253)])).toBe(1 + Math.floor((521 + 4 * (253 + 254)) / 256));
    expect(calling(4, [nops(512)])).toBe(1 + 2 + 4 * 3);
    const turning = metered({ code: [LOOP, NOTHING, ...called(1), ...COUNT_DOWN.slice(2)], others: [nops(500)] });
    expect(cost(turning, 10)).toBe(10 * 2);
  });

  it('traps in functions that call each other for ever, however small they are', () => {
    const call = (index: number) => [0x20, 0, 0x10, index];
    exhaustsSoon({ code: call(0) });
    exhaustsSoon({ code: call(1), others: [call(0)] });
    exhaustsSoon({ code: call(1), others: [call(2), call(3), call(1)] });
    exhaustsSoon({
      code: call(1),
      others: [
        [...call(2), ...call(2)],
        [...call(1), ...call(2)],
      ],
    });
    const long = Array.from({ length: 100 }, (_, i) => call((i + 2) % 101));
    exhaustsSoon({ code: call(1), others: long });
  });

  it('pays for functions that double what the one before does', () => {
    const twice = (index: number) => [0x20, 0, 0x10, index, 0x20, 0, 0x10, index];
    const doubling = Array.from({ length: 30 }, (_, i) => (i === 29 ? [0x01] : twice(i + 2)));
    exhausts(metered({ code: twice(1), others: doubling }));
  });

  it('traps in a function that calls itself by a table', () => {
    const table = { 4: [1, 0x70, 0, 1], 9: [1, 0, 0x41, 0, 0x0b, 1, 0] };
    exhaustsSoon({ code: [0x20, 0, 0x41, 0, 0x11, 0, 0], sections: table });
  });

  it('pays for the length of a bulk copy, and copies as before', () => {
    const fill = [0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 11, 0];
    const filling = metered({ code: fill, sections: { 7: WITH_MEMORY } });
    expect([0, 8, 64_000].map((length) => cost(filling, length))).toEqual([0, 1, 8000]);
    expect(filling.memory[63_999]).toBe(7);
    expect(filling.memory[64_000]).toBe(0);
    const copying = metered({
      code: [...fill, 0x41, 0x80, 0x08, 0x41, 0, 0x20, 0, 0xfc, 10, 0, 0],
      sections: { 7: WITH_MEMORY },
    });
    expect(cost(copying, 800)).toBe(200);
    expect([...copying.memory.subarray(1023, 1026)]).toEqual([0, 7, 7]);
    const init = { code: [0x41, 5, 0x41, 0, 0x20, 0, 0xfc, 8, 0, 0], locals: [3, 0x7e] };
    const data = [1, 1, 16, ...text('0123456789abcde')];
    const initial = metered({ ...init, sections: { 7: WITH_MEMORY, 12: [1], 11: data } });
    expect(cost(initial, 16)).toBe(2);
    expect(Buffer.from(initial.memory.subarray(5, 20)).toString()).toContain('0123456789abcd');
  });

  it('traps before a bulk copy that it cannot pay', () => {
    const filling = metered({ code: [0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 11, 0], sections: { 7: WITH_MEMORY } });
    filling.fuel.value = 100n;
    expect(() => filling.run(64_000)).toThrow('unreachable');
    expect(filling.memory[0]).toBe(0);
  });

  it('knows what follows each instruction', () => {
    const code = [
      ...[0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x1a],
      ...[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a],
      ...[0x43, 0x0b, 0x0b, 0x03, 0x40, 0x1a],
      ...[0x44, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x03, 0x40, 0x1a],
      ...[0x41, 0, 0x28, 2, 0x8b, 0x03, 0x1a],
      ...[0x3f, 0, 0x1a, 0x41, 0, 0x40, 0, 0x1a],
      ...[0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a, 0x41, 1, 0xc0, 0x1a],
      ...[0x02, NOTHING, 0x02, NOTHING, 0x20, 0, 0x0e, 2, 0, 1, 0, 0x0b, 0x0b],
      ...[0x20, 0, 0x20, 0, 0x41, 0, 0x1b, 0x21, 0],
      ...COUNT_DOWN,
    ];
    expect(cost(metered({ code }), 5)).toBe(5);
  });

  it('has an engine that refuses what is invalid, as before', () => {
    const wrong = meter(sampleModule({ code: [0x6a] }));
    expect(() => new WebAssembly.Module(wrong)).toThrow();
  });
});

describe('a module is refused', () => {
  const refused = (sample: Sample, what: string) => expect(() => meter(sampleModule(sample))).toThrow(what);

  it('when it reaches for the fuel, by the number that it will have', () => {
    refused({ code: [0x23, 0, 0x1a] }, 'there is no global 0');
    refused({ code: [0x42, 0, 0x24, 0] }, 'there is no global 0');
    const own = { 6: [1, 0x7f, 1, 0x41, 0, 0x0b] };
    expect(cost(metered({ code: [0x41, 1, 0x24, 0], sections: own }), 0)).toBe(0);
    refused({ code: [0x42, 0, 0x24, 1], sections: own }, 'there is no global 1');
    refused({ code: [0x42, 0, 0x24, 0x81, 0x00], sections: own }, 'there is no global 1');
  });

  it('when it exports the fuel, or something in its name', () => {
    refused({ sections: { 7: [1, ...exported('mine', 3, 0)] } }, 'it must not export mine');
    refused({ sections: { 7: [1, ...exported(FUEL, 0, 0)] } }, `it must not export ${FUEL}`);
    refused({ sections: { 7: [1, ...exported('x', 4, 0)] } }, 'of a kind that is not known');
  });

  it.each<[string, readonly number[]]>([
    ['an exception', [0x06, NOTHING, 0x0b]],
    ['a tail call', [0x12, 0]],
    ['an indirect tail call', [0x13, 0, 0]],
    ['a typed select', [0x1c, 1, 0x7f]],
    ['a table', [0x25, 0]],
    ['a reference', [0xd0, 0x70]],
    ['a copy of a table', [0xfc, 14, 0, 0]],
    ['SIMD', [0xfd, 0]],
    ['a thread', [0xfe, 0]],
    ['garbage collection', [0xfb, 0]],
    ['no instruction at all', [0xff]],
    ['an alignment that names a memory', [0x41, 0, 0x28, 0x42, 0, 0]],
    ['another memory', [0x3f, 1]],
    ['a copy from another memory', [0xfc, 10, 0, 1]],
    ['a number of more than 32 bits', [0x20, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['a number of too many bytes', [0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['a constant of too many bytes', [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['an end too many', [0x0b]],
    ['an end too few', [0x02, NOTHING]],
  ])('when it has %s in its code', (_, code) => {
    expect(() => meter(sampleModule({ code }))).toThrow();
  });

  it.each<[string, Record<number, readonly number[] | null>, string]>([
    ['a section that is not known', { 13: [0] }, 'the section 13 is not known here'],
    ['a shared memory', { 2: [1, ...text('a'), ...text('b'), 2, 3, 1, 1] }, 'its memory is shared'],
    ['a memory of 64 bits', { 2: [1, ...text('a'), ...text('b'), 2, 4, 1] }, 'its memory is shared, or of 64 bits'],
    ['an imported table', { 2: [1, ...text('a'), ...text('b'), 1, 0x70, 0, 1] }, 'it imports a.b'],
    ['a type that is no function', { 1: [1, 0x5f, 0] }, 'no function'],
    ['a type with a reference', { 1: [1, 0x60, 1, 0x70, 0] }, 'is no number'],
    ['more bodies than functions', { 3: [0] }, 'one body for each function'],
    ['a function of no type', { 3: [1, 7] }, 'a function has no type'],
    ['more in a section than it says', { 3: [1, 0, 0] }, 'the function section is longer'],
    ['less in a section than it says', { 3: [2, 0] }, 'it ends in the middle'],
  ])('when it has %s', (_, sections, what) => {
    refused({ sections }, what);
  });

  it('when a section stands twice, or in the wrong place', () => {
    const usual = [...sampleModule({})];
    expect(() => meter(Uint8Array.from([...usual, 3, 2, 1, 0]))).toThrow(
      'the section 3 stands twice or in the wrong place',
    );
    expect(() => meter(Uint8Array.from([...usual, 10, 1, 0]))).toThrow('the section 10 stands twice');
  });

  it('when it is cut off anywhere, or is something else', () => {
    const whole = sampleModule({ code: COUNT_DOWN });
    const compiles = (bytes: Uint8Array) => {
      const wasm = meter(bytes);
      return new WebAssembly.Module(wasm);
    };
    compiles(whole);
    // A module may end behind any section, but not without the bodies of its functions.
    for (let end = 0; end < whole.length; end++) {
      if (end !== 8 && end !== 15) expect(() => compiles(whole.subarray(0, end)), `${end} bytes`).toThrow();
    }
    for (const other of ['', '\0asm', '\0asm\x02\0\0\0', 'MZ'])
      expect(() => meter(Buffer.from(other, 'latin1'))).toThrow();
  });
});

describe('a module that loops for ever, with any one byte changed', () => {
  it('is refused, or by the engine, or ends', () => {
    const looping = sampleModule({
      code: [...SPIN, ...COUNT_DOWN],
      locals: [2, 0x7e],
      sections: { 6: [1, 0x7e, 1, 0x42, 0, 0x0b] },
    });
    let ran = 0;
    for (let at = 0; at < looping.length; at++) {
      for (let change = 1; change < 256; change++) {
        const changed = Uint8Array.from(looping);
        changed[at] = (changed[at] ?? 0) ^ change;
        let instance: Instance;
        try {
          instance = instanceOf(meter(changed));
        } catch {
          continue;
        }
        ran += 1;
        instance.fuel.value = 1_000n;
        try {
          instance.run(5);
        } catch (error) {
          expect(String(error)).toContain('RuntimeError');
        }
      }
    }
    expect(ran).toBeGreaterThan(100);
  });
});
