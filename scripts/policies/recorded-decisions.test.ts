import { expect, it } from 'vitest';
import { recordedDrift } from './recorded-decisions.ts';

it('the recorded decisions of the example are what its policy decides today, for the same reasons', async () => {
  expect(await recordedDrift(false), 'node scripts/check-policies.ts --update records them anew').toEqual([]);
});
