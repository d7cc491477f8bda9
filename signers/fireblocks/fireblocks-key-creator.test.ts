import { afterEach, describe, expect, it } from 'vitest';
import { openFireblocksTemplate } from '../../gateway/compose/templates/fireblocks.ts';
import type { FireblocksTemplate } from '../../gateway/config/templates/fireblocks.ts';
import { type FakeFireblocks, startFakeFireblocks } from '../../test/fakes/fireblocks/fake-fireblocks.ts';
import type { CreatedKey, CreateResult, KeyCreator } from '../key-creator.ts';
import { fireblocksTemplate } from './testing/fireblocks-creator-under-test.ts';

const LABEL = 'treasury-0a1b2c3d';

let fake: FakeFireblocks;
let creator: KeyCreator;
afterEach(async () => {
  await creator.close();
  await fake.close();
});

async function open(changes: Parameters<typeof fireblocksTemplate>[1] = {}): Promise<FireblocksTemplate> {
  fake = await startFakeFireblocks();
  const template = fireblocksTemplate(fake, changes);
  creator = openFireblocksTemplate(template, 5_000).creator;
  return template;
}

const create = (label = LABEL) => creator.create(label, AbortSignal.timeout(10_000));

function keyIn(result: CreateResult): CreatedKey {
  if (result.kind === 'created') return result.key;
  throw new Error(result.reason);
}

describe('a key made at Fireblocks', () => {
  it('is that of a vault account with the label as its name, which pays for nobody', async () => {
    await open();
    expect(keyIn(await create()).reference).toEqual({ vault_account_id: '10', asset_id: 'SOL_TEST' });
    expect(fake.vault.made()).toEqual([{ name: LABEL, hiddenOnUI: false, autoFuel: false }]);
  });

  it('is hidden where the template says so', async () => {
    await open({ hiddenOnUi: true });
    keyIn(await create());
    expect(fake.vault.made()).toMatchObject([{ hiddenOnUI: true }]);
  });

  it('is found on the last of many pages, by its whole name', async () => {
    await open();
    fake.vault.setPageSize(2);
    for (const other of ['a', 'b', 'c', 'd', 'e']) fake.vault.add(`${LABEL}${other}`);
    const id = fake.vault.add(LABEL);
    expect(keyIn(await create()).reference).toMatchObject({ vault_account_id: id });
    expect(fake.vault.made()).toHaveLength(6);
  });

  it('is that of the oldest vault account where two have its name', async () => {
    await open();
    const [oldest] = [fake.vault.add(LABEL), fake.vault.add(LABEL)];
    expect(keyIn(await create()).reference).toMatchObject({ vault_account_id: oldest });
  });

  it('is none while too many vault accounts have names that begin so', async () => {
    await open();
    fake.vault.setPageSize(1);
    for (let other = 0; other < 20; other += 1) fake.vault.add(`${LABEL}-${other}`);
    expect(await create()).toEqual({ kind: 'unavailable', reason: expect.stringContaining('begin with') });
    expect(fake.signCalls()).toBe(0);
  });

  it('is made once where Fireblocks does not show it at once', async () => {
    await open();
    fake.vault.hideNewFor(4);
    keyIn(await create());
    expect(fake.vault.made()).toHaveLength(1);
  });

  it('is not there yet where Fireblocks does not show it at all, and is found later', async () => {
    await open();
    fake.vault.hideNewFor(10);
    expect(await create()).toEqual({
      kind: 'unavailable',
      reason: `Fireblocks does not show the vault account ${LABEL} yet`,
    });
    fake.vault.hideNewFor(0);
    keyIn(await create());
    expect(fake.vault.made()).toHaveLength(1);
  });

  it('is made although the key of the first request is used up by an internal error', async () => {
    await open();
    await fake.misbehave('server_error', 1);
    expect((await create()).kind).toBe('unavailable');
    keyIn(await create());
    expect(fake.vault.made()).toHaveLength(1);
  });

  it('is made in the vault account that is there without a wallet', async () => {
    await open();
    const id = fake.vault.add(LABEL);
    await fake.misbehave('signs_and_is_lost', 1);
    expect((await create()).kind).toBe('unavailable');
    const calls = fake.signCalls();
    expect(keyIn(await create()).reference).toEqual({ vault_account_id: id, asset_id: 'SOL_TEST' });
    expect(fake.signCalls()).toBe(calls);
  });

  it('is none for an asset that the workspace does not have', async () => {
    await open({ assetId: 'SOL' });
    expect(await create()).toEqual({
      kind: 'unavailable',
      reason: expect.stringMatching(/^Fireblocks: 1503: .*'SOL' is not supported/),
    });
  });
});

describe('the check of a creator at Fireblocks', () => {
  it.each([
    [
      'a key that is not the one of its API user any more',
      'creator.api_private_key_file',
      (apiKey: string) => fake.replaceKey(apiKey),
    ],
    ['an address where nobody is', 'signer.url', () => fake.misbehave('away')],
  ])('names the field for %s', async (_name, field, spoil) => {
    const { creator: user } = await open();
    const { secret } = user.apiKey;
    await spoil(secret.kind === 'value' ? secret.secret.reveal() : '');
    expect(await creator.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field });
  });
});
