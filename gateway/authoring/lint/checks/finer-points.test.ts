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
