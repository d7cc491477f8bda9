import { beforeAll, describe, expect, it } from 'vitest';
import type { PolicyBundle } from '../bundle/bundle.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import type { PolicyGeneration } from '../policy-engine.ts';
import { TINY_INPUT, TINY_REGO, tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import { compilePolicy, EVALUATION_STEPS, StepsExhausted } from './opa-module.ts';
import { generationOf } from './open-generation.ts';

const ATTACK = new TextEncoder().encode('{"agent":{"id":"agent-0"},"attack":true,"v":1}');

async function bundleOf(rego: string, agents = 1): Promise<PolicyBundle> {
  return readBundle(await tinyBundle({ revision: 'r1', rego, agents }), 'x');
}

/** A policy that does so when it is attacked, before it decides; and what was told of it. */
async function attacked(
  condition: string,
): Promise<{ readonly policy: PolicyGeneration; readonly told: readonly string[] }> {
  const told: string[] = [];
  const rego = `${TINY_REGO}\ndecision := "deny" if {\n\tinput.attack\n\t${condition}\n}\n`;
  return { policy: await generationOf(await bundleOf(rego), (_, { error = '' }) => told.push(error)), told };
}

const codes = (policy: PolicyGeneration, input = ATTACK) => policy.evaluate(input).reasons.map(({ code }) => code);

describe('a policy that does not end', () => {
  const MANY = 'concat("", ["aaaaaaaaaa" | some i in numbers.range(1, 10000)])';

  it.each([
    ['searches a long text', `contains(${MANY}, concat("", [substring(${MANY}, 0, 50000), "b"]))`],
    [
      'asks the same again and again',
      `many := ${MANY}\n\tevery i in numbers.range(1, 50000) { not contains(many, ["b", "c"][i % 2]) }`,
    ],
  ])('because it %s is denied, and the next input is judged as ever', async (_, condition) => {
    const { policy, told } = await attacked(condition);
    for (let i = 0; i < 3; i++) {
      expect(policy.evaluate(ATTACK)).toMatchObject({
        kind: 'deny',
        reasons: [{ code: 'POLICY_STEPS_EXHAUSTED', rule: 'gateway', facts: { limit: '250000000' } }],
      });
      expect(policy.evaluate(TINY_INPUT).kind).toBe('allow');
    }
    expect(told).toHaveLength(3);
    expect(told[0]).toContain('the policy took more than 250000000 steps');
  });

  it('when it explains gives no explanation, and decides as ever', async () => {
    const rego = TINY_REGO.replace('explanation := ', 'explanation := text if {\n\ttext := ').concat(
      '\n\tcount([1 | input.attack; some i in numbers.range(1, 20000); some j in numbers.range(1, i)]) >= 0\n}\n',
    );
    const policy = await generationOf(await bundleOf(rego));
    expect(policy.explain(ATTACK)).toBeNull();
    expect(JSON.parse(policy.explain(TINY_INPUT) ?? '')).toMatchObject({ decision: 'allow', rules: [] });
    expect(policy.evaluate(ATTACK).kind).toBe('allow');
  });

  it('is refused when it does not end on what it is tested with', async () => {
    const search = `contains(${MANY}, concat("", [substring(${MANY}, 0, 50000), "b"]))`;
    const rego = `${TINY_REGO}\ndecision := "deny" if ${search}\n`;
    await expect(generationOf(await bundleOf(rego))).rejects.toThrow('the policy took more than');
  });
});

describe('a policy that eats memory', () => {
  it.each([
    ['in one list', 'count(numbers.range(1, 100000000)) < 0'],
    [
      'in one text',
      'count(concat("", [concat("", ["xxxxxxxxxx" | some i in numbers.range(1, 100000)]) | some i in numbers.range(1, 1000)])) < 0',
    ],
    [
      'in many objects',
      'count({i: {j: i | some j in numbers.range(1, 100)} | some i in numbers.range(1, 1000000)}) < 0',
    ],
  ])('%s is denied, and the next input is judged as ever', async (_, condition) => {
    const { policy, told } = await attacked(condition);
    const [code] = codes(policy);
    expect(['POLICY_EVALUATION_FAILED', 'POLICY_STEPS_EXHAUSTED']).toContain(code);
    expect(policy.evaluate(TINY_INPUT).kind).toBe('allow');
    expect(told).toHaveLength(1);
  });

  it('has the same memory for itself beside large data as beside small', async () => {
    const rego = `${TINY_REGO}\ndecision := "deny" if {\n\tinput.attack\n\tcount(numbers.range(1, 100000)) < 0\n}\n`;
    for (const agents of [1, 10_000]) {
      const policy = await generationOf(await bundleOf(rego, agents));
      expect(policy.evaluate(ATTACK).kind).toBe('allow');
    }
  });
});

describe('a policy that gives no proper result is a denial, and judges the next input as ever:', () => {
  it.each([
    ['two results', 'result := text if {\n\tinput.attack\n\tsome text in ["a", "b"]\n}', 'POLICY_EVALUATION_FAILED'],
    ['none', 'result := text if {\n\tinput.attack\n\ttext := data.none\n}', 'POLICY_RESULT_MALFORMED'],
    ['no text', 'result := {"decision": "allow"} if input.attack', 'POLICY_RESULT_MALFORMED'],
    ['a set of texts', 'result := {"a", "b"} if input.attack', 'POLICY_RESULT_MALFORMED'],
    ['another document', 'result := `{"decision":"allow"}` if input.attack', 'POLICY_RESULT_MALFORMED'],
    ['two documents', 'result := concat("", [ordinary, ordinary]) if input.attack', 'POLICY_RESULT_MALFORMED'],
    [
      'a text without end',
      'result := concat("", [ordinary | some i in numbers.range(1, 10000)]) if input.attack',
      'POLICY_RESULT_MALFORMED',
    ],
  ])('%s', async (_, result, code) => {
    const ordinary = TINY_REGO.replace('result := json', 'result := ordinary if not input.attack\n\nordinary := json');
    const policy = await generationOf(await bundleOf(`${ordinary}\n${result}\n`));
    for (let i = 0; i < 3; i++) {
      expect(codes(policy)).toEqual([code]);
      expect(policy.evaluate(TINY_INPUT).kind).toBe('allow');
    }
  });
});

describe('steps', () => {
  let bundle: PolicyBundle;

  beforeAll(async () => {
    bundle = await bundleOf(
      `${TINY_REGO}\ndecision := "deny" if count([1 | some i in numbers.range(1, input.n); some j in numbers.range(1, i)]) < 0`,
      100,
    );
  });

  const input = (n: number) => new TextEncoder().encode(`{"agent":{"id":"agent-0"},"n":${n},"v":1}`);

  it('are always as many for the same input, in a new instance and in one that has judged others', async () => {
    const { instantiate } = await compilePolicy(bundle);
    const again = await compilePolicy(bundle);
    const used = instantiate();
    const taken = (instance = instantiate(), n = 30) => {
      instance.evaluate(input(n));
      return instance.steps();
    };
    const expected = taken();
    for (const n of [1, 200, 3, 400, 0, 30]) taken(used, n);
    expect(taken(used)).toBe(expected);
    expect(taken(again.instantiate())).toBe(expected);
    expect(taken(used, 31)).toBeGreaterThan(expected);
  });

  it('of an ordinary input are few', async () => {
    const instance = (await compilePolicy(bundle)).instantiate();
    instance.evaluate(input(0));
    expect(instance.steps()).toBeGreaterThan(0n);
    expect(instance.steps()).toBeLessThan(EVALUATION_STEPS / 1_000n);
  });

  it('that are used up are said so by the instance', async () => {
    const search = 'contains(text, concat("", [substring(text, 0, count(text) / 2), "b"]))';
    const many = `text := concat("", ["a" | some i in numbers.range(1, input.n)])`;
    const rego = `${TINY_REGO}\ndecision := "deny" if ${search}\n\n${many}\n`;
    const instance = (await compilePolicy(await bundleOf(rego))).instantiate();
    expect(instance.evaluate(input(1_000))).toContain('allow');
    expect(() => instance.evaluate(input(100_000))).toThrow(StepsExhausted);
    expect(instance.steps()).toBeGreaterThan(EVALUATION_STEPS);
  });
});
