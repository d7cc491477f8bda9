import { hash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PolicyGeneration } from '../policy-engine.ts';
import { openPrepared } from './open-prepared.ts';
import type { KnownModule, PreparedBundle } from './preparation.ts';
import { prepareBundle } from './prepare-bundle.ts';
import { TINY_INPUT, TINY_REGO, tinyBundle } from './testing/tiny-bundles.ts';

async function prepare(tiny: Parameters<typeof tinyBundle>[0], known: readonly KnownModule[] = []) {
  const files = await tinyBundle(tiny);
  const verification = { keys: [], allowUnsigned: true };
  return prepareBundle({ label: 'tiny', content: { kind: 'files', files }, verification }, known);
}

function saidBy(generation: PolicyGeneration) {
  const { kind, reasons } = generation.evaluate(TINY_INPUT);
  return `${kind} ${reasons[0]?.message}`;
}

const opened = async (prepared: PreparedBundle) => saidBy(await openPrepared(prepared, () => {}));

describe('a module that was compiled before', () => {
  let first: PreparedBundle;

  beforeAll(async () => {
    first = await prepare({ revision: 'first', note: 'one' });
  });

  it('is named by the hash of its bytes', async () => {
    const wasm = (await tinyBundle({ revision: 'first' })).get('policy.wasm') ?? new Uint8Array();
    expect(first.module.wasmSha256).toBe(hash('sha256', wasm));
  });

  it('decides by the data of the next bundle', async () => {
    const second = await prepare({ revision: 'second', note: 'two' }, [first.module]);
    expect(second.module.compiled).toBe(first.module.compiled);
    expect(await opened(second)).toBe('allow two');
    expect(await opened(first)).toBe('allow one');
  });

  it('is of no use for other bytes', async () => {
    const rego = TINY_REGO.replace('input.v == 1', 'input.v == 2');
    const other = await prepare({ revision: 'other', note: 'three', rego }, [first.module]);
    expect(other.module.compiled).not.toBe(first.module.compiled);
    expect(await opened(other)).toBe('deny three');
  });

  it('is tested like any other: with data by which it allows everything it is refused', async () => {
    const rego = TINY_REGO.replace('input.v == 1', '').replace('agents[input.agent.id]', 'open');
    const closed = await prepare({ revision: 'closed', rego });
    const data = JSON.stringify({ countersign: { note: 'open', open: true, agents: {} } });
    await expect(prepare({ revision: 'open', rego, data }, [closed.module])).rejects.toMatchObject({
      code: 'SELF_TEST_FAILED',
    });
  });
});
