import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { EXTENSION_TYPES } from '../../gateway/core/transaction/programs/token/token-2022-extensions.ts';
import { PROJECT } from '../../gateway/policy/build/opa.ts';

/** What only token accounts have. */
const OF_ACCOUNTS = [
  'confidential_transfer_account',
  'confidential_transfer_fee_amount',
  'cpi_guard',
  'immutable_owner',
  'memo_transfer',
  'non_transferable_account',
  'pausable_account',
  'transfer_fee_amount',
  'transfer_hook_account',
];

const NAMES = z.object({ items: z.object({ enum: z.array(z.string()) }) });
const SETTINGS = z.object({
  properties: z.object({
    extensions: NAMES,
    mints: z.object({ additionalProperties: z.object({ properties: z.object({ extensions: NAMES }) }) }),
  }),
});

it('token2022_guard can permit every extension that a mint can have, and no other word', () => {
  const file = join(PROJECT, 'policies', 'schema', 'rules', 'token2022_guard.json');
  const { properties } = SETTINGS.parse(JSON.parse(readFileSync(file, 'utf8')));
  const ofMints = EXTENSION_TYPES.filter((name) => name !== 'uninitialized' && !OF_ACCOUNTS.includes(name)).toSorted();
  expect(properties.extensions.items.enum).toEqual(ofMints);
  expect(properties.mints.additionalProperties.properties.extensions.items.enum).toEqual(ofMints);
});
