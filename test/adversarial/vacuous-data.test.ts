import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { GUARDS } from '../../gateway/policy/build/data-schema.ts';
import { SYSTEM } from './attacked-gateway.ts';

describe('[17 vacuous rules] [12 numbers] data in which', () => {
  const limit = (amount: string) => `"spending_limit":{"per_transaction":{"SOL":${amount}}}`;
  const programs = (settings: string) => `"program_allowlist":{"programs":{"${SYSTEM}":{${settings}}}}`;
  const approval = (quorum: number) =>
    `"human_approval":{"always":true,"above":{},"programs":{},"quorum":${quorum},"groups":[],"timeout_seconds":1}`;

  it.each([
    ['an amount is text', limit('"1000000"'), 'SOL: "1000000" is text; an amount is a whole number in base units'],
    ['an amount is a float', limit('1000000.5'), 'SOL: 1000000.5 is no whole number'],
    ['an amount has an exponent', limit('1e6'), 'SOL: 1e6 is no whole number'],
    ['an amount is negative', limit('-1'), 'SOL: -1 is negative'],
    [
      'an asset is misspelt',
      '"spending_limit":{"per_transaction":{"Sol":1}}',
      'Sol: there is no asset Sol; is it SOL?',
    ],
    [
      'an asset with recipients of its own is misspelt',
      '"address_allowlist":{"recipients":{"none":"nobody"},"recipients_by_asset":{"Sol":{"none":"nobody"}}}',
      'recipients_by_asset.Sol: there is no asset Sol; is it SOL?',
    ],
    [
      'a recipient ends in a new line',
      `"address_allowlist":{"recipients":{"${SYSTEM}\\n":"x"}}`,
      'this is neither an address',
    ],
    ['no asset has a limit', '"spending_limit":{"per_transaction":{}}', 'per_transaction: it is empty: no asset has'],
    ['nobody is a recipient', '"address_allowlist":{"recipients":{}}', 'recipients: it is empty: nothing may be sent'],
    [
      'nobody is a recipient of an asset',
      '"address_allowlist":{"recipients":{"none":"nobody"},"recipients_by_asset":{"SOL":{}}}',
      'recipients_by_asset.SOL: it is empty: nothing may be sent',
    ],
    ['no program is named', '"program_allowlist":{"programs":{}}', 'programs: it is empty: no program may be called'],
    ['no instruction is named', programs('"instructions":[]'), 'instructions: it is empty: none of its instructions'],
    [
      'a setting is misspelt',
      '"fee_limit":{"max_fee_lamport":1,"max_rent_lamports":1}',
      'max_fee_lamport: there is no such setting; is it max_fee_lamports?',
    ],
    ['nobody must approve', approval(0), 'quorum: 0 is too small'],
    ['no rule is enabled', '"enabled":[]', 'enabled: it is empty'],
    ['a rule is enabled without settings', '"enabled":["fee_limit"]', 'fee_limit is enabled and has no settings'],
    ['a rule is enabled that is not there', '"enabled":["spending_limits"]', 'is it spending_limit?'],
    ['a rule is waived that is not there', '"enabled":["fee_limit"],"waived":["fee_limits"]', 'is it fee_limit?'],
    [
      'a guard is neither enabled nor waived',
      '"enabled":["fee_limit"],"waived":["address_allowlist","authority_guard","spending_limit"],"fee_limit":{"max_fee_lamports":0,"max_rent_lamports":0}',
      'enabled: without program_allowlist no transaction is ever signed',
    ],
    ['a permission is misspelt', programs('"instructions":["*"],"unknown_effects":"any"'), '"any" is none of'],
  ])('%s makes no bundle, so that nothing is signed with it', async (_what, settings, told) => {
    await expect(built(settings)).rejects.toThrow(told);
  });

  it.each([
    ['an amount is an integer', limit('1000000')],
    ['nobody is a recipient, on purpose', '"address_allowlist":{"recipients":{"none":"nobody"}}'],
    ['a program is named', programs('"instructions":["*"]')],
    ['somebody must approve', approval(1)],
  ])('twin: %s makes one', async (_what, settings) => {
    expect((await built(settings)).revision).toMatch(/^[0-9a-f]{32}$/);
  });

  async function built(settings: string): Promise<{ readonly revision: string }> {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-data-'));
    const [, rule = ''] = /^"(\w+)"/.exec(settings) ?? [];
    const waived = GUARDS.filter((guard) => guard !== rule);
    const enabled = rule === 'enabled' ? '' : `"enabled":["${rule}"],"waived":${JSON.stringify(waived)},`;
    const text = `{"agents":{"trader":{"wallets":{"treasury":{${enabled}${settings}}}}}}`;
    await writeFile(join(directory, 'data.json'), text);
    try {
      return await buildBundle({ dataFile: join(directory, 'data.json'), outDir: join(directory, 'bundle') });
    } finally {
      await rm(directory, { recursive: true });
    }
  }
});
