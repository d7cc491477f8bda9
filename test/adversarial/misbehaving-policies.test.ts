import { describe, expect, it } from 'vitest';
import { activePolicyScene, built, eventually } from '../../gateway/policy/activation/testing/active-policy-scene.ts';
import { TINY_INPUT, TINY_REGO } from '../../gateway/policy/preparation/testing/tiny-bundles.ts';

const scene = activePolicyScene({ deadlineMs: 20_000 });

const MANY = 'concat("", ["aaaaaaaaaa" | some i in numbers.range(1, 10000)])';
const LOOPS = `contains(${MANY}, concat("", [substring(${MANY}, 0, 50000), "b"]))`;
const EATS =
  'count([concat("", [i | some j in numbers.range(1, 3000)]) | some k in numbers.range(1, 300000); i := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]) > 0';

const attacked = (condition: string) => `${TINY_REGO}\ndecision := "deny" if {\n\tinput.attack\n\t${condition}\n}\n`;
const ATTACK = new TextEncoder().encode('{"agent":{"id":"agent-0"},"attack":true,"v":1}');

describe('a policy that misbehaves', { timeout: 120_000 }, () => {
  it.each([
    ['loops', LOOPS, 'POLICY_STEPS_EXHAUSTED'],
    ['eats memory', EATS, /POLICY_(STEPS_EXHAUSTED|EVALUATION_FAILED)/],
    ['contradicts itself', 'true', 'POLICY_EVALUATION_FAILED'],
  ])('on an input, because it %s, denies that input, and the next is judged as ever', async (_, condition, code) => {
    scene.source.bring(await built(1, { rego: attacked(condition) }));
    const replica = await scene.open();
    for (let i = 0; i < 3; i++) {
      const verdict = replica.policy.engine.current().evaluate(ATTACK);
      expect(verdict).toMatchObject({ kind: 'deny', reasons: [{ code: expect.stringMatching(code) }] });
      expect(replica.says()).toBe('r1');
    }
  });

  it.each([
    ['gives no result', 'result := "x" if input.never'],
    ['gives a number', 'result := 1'],
    ['gives an object in place of text', 'result := {"decision": "allow"}'],
    ['gives text that is no decision', 'result := "allow"'],
    ['allows in another form', 'result := `{"v":1,"decision":"ALLOW","limits":[],"approval":null,"reasons":[]}`'],
    ['allows whatever comes', TINY_REGO.replace('default decision := "deny"', 'default decision := "allow"')],
    ['loops on the ordinary', `${TINY_REGO}\ndecision := "deny" if ${LOOPS}\n`],
  ])('is refused when it %s', async (_, rego) => {
    const replica = await scene.openWith(1);
    scene.source.bring(await built(2, { rego }));
    await eventually(() => replica.refused).toEqual(['SELF_TEST_FAILED']);
    expect(replica.says()).toBe('r1');
  });

  it('costs requests nothing when people ask what it says of the worst input', async () => {
    // So much data that a new instance takes a while.
    scene.source.bring(await built(1, { rego: attacked('true'), agents: 3_000 }));
    const { policy, says } = await scene.open();
    const asked = Array.from({ length: 6 }, () => policy.control.explain(ATTACK, null).catch((error) => error));
    const [first] = await Promise.all(asked);
    expect(first).toMatchObject({ reason: 'BUNDLE_REFUSED', message: expect.stringContaining('cannot explain') });
    expect(says()).toBe('r1');
    expect(says()).toBe('r1');
  });

  it('is explained for so many at once and no more', async () => {
    const { policy } = await scene.openWith(1);
    const asked = Array.from({ length: 30 }, () => policy.control.explain(TINY_INPUT, null));
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(22);
    for (const one of refused) expect(one).toMatchObject({ reason: { reason: 'OVERLOADED' } });
    expect(await policy.control.explain(TINY_INPUT, null)).toMatchObject({ verdict: { kind: 'allow' } });
  });
});
