import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { POLICIES } from '../../policy/build/bundle-sources.ts';
import type { PolicyInstance } from '../../policy/evaluation/opa-module.ts';
import type { FixtureCase } from './fixture-cases.ts';
import { removeFacts } from './removed-facts.ts';

const ALLOW = '{"v":1,"decision":"allow","reasons":[],"limits":[],"approval":null}';
const DENY = `{"v":1,"decision":"deny","reasons":[{"code":"X","rule":"x","message":"x","facts":{}}],"limits":[],"approval":null}`;

const INPUT = {
  v: 1n,
  agent: { id: 'trader' },
  chain: { slot: 5n, endpoints: 1n, cached: [{ address: 'A', slot: 4n }] },
};

function fixture(name: string, input: CanonicalValue, expected: FixtureCase['expected']): FixtureCase {
  return { name, input, expected, accepts: () => true };
}

/** A policy that decides by the text of the input. */
function policy(decide: (input: string) => string): () => PolicyInstance {
  return () => ({
    evaluate: (input) => decide(new TextDecoder().decode(input)),
    explain: () => null,
    steps: () => 0n,
  });
}

describe('removeFacts', () => {
  it('takes away each fact that the schema demands, one by one, in lists too, and none that may be absent', async () => {
    const seen: string[] = [];
    const schema: unknown = JSON.parse(await readFile(join(POLICIES, 'schema/input.json'), 'utf8'));
    const instance = policy((input) => {
      seen.push(input);
      return DENY;
    });
    const removals = removeFacts([fixture('pay', INPUT, 'allow')], schema, instance);
    expect(removals).toEqual({ fixtures: 1, tried: 8, permitted: [] });
    expect(seen).not.toContain(
      '{"agent":{"id":"trader"},"chain":{"cached":[{"address":"A","slot":4}],"endpoints":1},"v":1}',
    );
    expect(seen).toContain('{"agent":{"id":"trader"},"chain":{"cached":[{"slot":4}],"endpoints":1,"slot":5},"v":1}');
    expect(seen).toContain('{"agent":{},"chain":{"cached":[{"address":"A","slot":4}],"endpoints":1,"slot":5},"v":1}');
  });

  it('tells which fact a policy does not miss', async () => {
    const schema: unknown = JSON.parse(await readFile(join(POLICIES, 'schema/input.json'), 'utf8'));
    const careless = policy((input) => (input.includes('endpoints') ? DENY : ALLOW));
    expect(removeFacts([fixture('pay', INPUT, 'allow')], schema, careless).permitted).toEqual([
      { fixture: 'pay', pointer: '/chain', decision: 'allow' },
      { fixture: 'pay', pointer: '/chain/endpoints', decision: 'allow' },
    ]);
  });

  it('leaves fixtures alone that are denied with all their facts', async () => {
    expect(
      removeFacts(
        [fixture('no', INPUT, 'deny')],
        {},
        policy(() => ALLOW),
      ),
    ).toEqual({
      fixtures: 0,
      tried: 0,
      permitted: [],
    });
  });

  it('counts a policy that fails, or answers nonsense, as a denial', async () => {
    const schema: unknown = JSON.parse(await readFile(join(POLICIES, 'schema/input.json'), 'utf8'));
    const failing = policy((input) => {
      if (input.includes('trader')) throw new Error('unreachable');
      return 'nonsense';
    });
    expect(removeFacts([fixture('pay', INPUT, 'require_approval')], schema, failing).permitted).toEqual([]);
  });
});
