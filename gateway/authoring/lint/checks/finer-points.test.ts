import { describe, expect, it } from 'vitest';
import { codesIn } from '../testing/lint-files.ts';
import { rule } from './example-rule.ts';

const FILE = 'rules/example/example.rego';

async function found(code: string, conditions: string, before = ''): Promise<boolean> {
  return (await codesIn({ [FILE]: rule(conditions, before) })).some((one) => one.startsWith(`${code} `));
}

describe('the checks see through', () => {
  it('helpers, and the parameters that they are called with', async () => {
    const helper = 'small(outflow) if outflow.amount <= 5';
    const every = 'is_array(input.effects.outflows)\nevery outflow in input.effects.outflows {\n\tsmall(outflow)\n}';
    expect(await found('order-without-type', every, helper)).toBe(true);
    const checked = 'small(outflow) if {\n\tis_number(outflow.amount)\n\toutflow.amount <= 5\n}';
    expect(await found('order-without-type', every, checked)).toBe(false);
  });

  it('a not over a helper that a missing field makes undefined', async () => {
    const helper = 'foreign(close) if close.destination == "Stranger"';
    const every = 'is_array(input.effects.closes)\nevery close in input.effects.closes {\n\tnot foreign(close)\n}';
    expect(await found('not-over-missing', every, helper)).toBe(true);
    const checked = every.replace('\tnot', '\tis_string(close.destination)\n\tnot');
    expect(await found('not-over-missing', checked, helper)).toBe(false);
  });

  it('a table of settings that is not there', async () => {
    const lookup = 'not data.countersign.settings.wallet.example.blocked[input.transaction.fee_payer]';
    expect(await found('not-over-missing', `is_string(input.transaction.fee_payer)\n${lookup}`)).toBe(true);
    expect(
      await found(
        'not-over-missing',
        `is_string(input.transaction.fee_payer)\nis_object(data.countersign.settings.wallet.example.blocked)\n${lookup}`,
      ),
    ).toBe(false);
  });

  it('names that stand for paths, by := and by import', async () => {
    expect(await found('number-against-text', 'fee := input.effects.fee\nfee.total_lamports == "5"')).toBe(true);
    const text = `package countersign.rules.example\n\nimport input.effects.fee\n\ndefault verdict := {"decision": "deny", "reasons": []}\n\nverdict := {"decision": "allow", "reasons": []} if fee.total_lamports == "5"\n`;
    expect((await codesIn({ [FILE]: text })).some((one) => one.startsWith('number-against-text '))).toBe(true);
  });

  it('a search that stands behind sort, and one that only words a denial', async () => {
    const search = 'others := sort({signer.address | some signer in input.transaction.signers})';
    expect(await found('allow-by-nothing-found', 'count(others) == 0', search)).toBe(true);
    expect(await found('allow-by-nothing-found', 'input.transaction.version == "0"', search)).toBe(false);
  });

  it('an allow that stands behind a denial', async () => {
    const text = `package countersign.rules.example

default verdict := {"decision": "deny", "reasons": []}

verdict := {"decision": "deny", "reasons": []} if {
	some outflow in input.effects.outflows
	outflow.amount > 5
} else := {"decision": "allow", "reasons": []}
`;
    expect((await codesIn({ [FILE]: text })).some((one) => one.startsWith('allow-by-nothing-found '))).toBe(true);
  });

  it('lists by a wildcard, but not those that only describe', async () => {
    expect(await found('some-instead-of-every', 'input.effects.outflows[_].amount == 5')).toBe(true);
    expect(await found('some-instead-of-every', 'some mint in input.effects.mints\nmint.decimals == 6')).toBe(false);
    expect(await found('some-instead-of-every', 'count([o | some o in input.effects.outflows]) == 1')).toBe(false);
  });

  it('facts that may be absent, for which a default is right', async () => {
    expect(await found('default-for-fact', 'object.get(input.message, "text", "") == "hello"')).toBe(false);
    expect(await found('default-for-fact', 'object.get(input.effects.fee, "total_lamports", 0) == 0')).toBe(true);
    expect(await found('default-for-fact', 'object.get(input, ["effects", "fee"], {}) == {}')).toBe(true);
  });

  it('what the agent says, also by object.get', async () => {
    expect(await found('agent-text-decides', 'object.get(input.context, "purpose", "") == "payroll"')).toBe(true);
    expect(
      await found(
        'agent-text-decides',
        'count(input.transaction.instructions) > 0\nevery one in input.transaction.instructions {\n\tone.texts.memo == "ok"\n}',
      ),
    ).toBe(true);
  });
});

describe('a fact counts as taken away', () => {
  const TESTED = `# METADATA
# title: Example
# description: Lets the wallet pay its own fee.
# custom:
#   facts: [transaction.fee_payer]
#   reasons: {EXAMPLE_UNDECIDED: A fact is missing.}
package countersign.rules.example

default verdict := {"decision": "deny", "reasons": []}

verdict := {"decision": "allow", "reasons": []} if input.transaction.fee_payer == "Wallet"
`;

  async function isFound(...tests: readonly string[]): Promise<boolean> {
    const head =
      'package countersign.rules.example_test\n\nimport data.countersign.fixtures_test as fixtures\nimport data.countersign.rules.example.verdict\n';
    const files = { [FILE]: TESTED, 'rules/example/example_test.rego': `${head}\n${tests.join('\n\n')}\n` };
    return (await codesIn(files)).some((one) => one.startsWith('fact-without-test '));
  }

  const REMOVES = 'test_deny_without if verdict.decision == "deny" with input as fixtures.request_without';

  it('by its pointer, alone, in a list or put together', async () => {
    expect(await isFound(`${REMOVES}("/transaction/fee_payer")`)).toBe(false);
    const listed = 'test_deny_without if {\n\tevery path in ["/effects", "/transaction/fee_payer"] {\n\t\tv := verdict';
    expect(
      await isFound(`${listed} with input as fixtures.request_without(path)\n\t\tv.decision == "deny"\n\t}\n}`),
    ).toBe(false);
    const built = 'test_deny_without if {\n\tevery name in ["fee_payer"] {\n\t\tv := verdict with input as';
    expect(
      await isFound(`${built} fixtures.request_without($"/transaction/{name}")\n\t\tv.decision == "deny"\n\t}\n}`),
    ).toBe(false);
  });

  it('not by one that stands for another purpose', async () => {
    const other = `${REMOVES}("/effects/fee")`;
    const allowing =
      'test_allow_it if verdict.decision == "allow" with input as fixtures.request_without("/transaction/fee_payer")';
    expect(await isFound(other, allowing)).toBe(true);
    const replaced = 'test_deny_another if verdict.decision == "deny" with input as';
    expect(await isFound(other, `${replaced} fixtures.request_with("/transaction/fee_payer", "x")`)).toBe(true);
    const patch = '[{"op": "replace", "path": "/transaction/fee_payer", "value": "x"}]';
    expect(await isFound(other, `${replaced} json.patch(fixtures.request, ${patch})`)).toBe(true);
    expect(await isFound(other, '# "/transaction/fee_payer"')).toBe(true);
  });

  it('not by a list of pointers of which nothing is taken away', async () => {
    const text =
      'test_deny_mistyped if {\n\tevery path in ["/transaction/fee_payer"] {\n\t\tv := verdict with input as';
    expect(await isFound(`${text} fixtures.request_with(path, 1)\n\t\tv.decision == "deny"\n\t}\n}`)).toBe(true);
  });
});
