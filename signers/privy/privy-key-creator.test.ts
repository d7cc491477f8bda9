import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPrivyTemplate } from '../../gateway/compose/templates/privy.ts';
import type { PrivyTemplate } from '../../gateway/config/templates/privy.ts';
import { createdKey, newLabel, soon } from '../../test/conformance/key-creator/scene.ts';
import { type FakePrivy, startFakePrivy } from '../../test/fakes/privy/fake-privy.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import type { SignerCheck } from '../signer.ts';
import { walletRequest } from './new-wallet.ts';
import { privyTemplateConfig, secretOf } from './testing/privy-creator-under-test.ts';

let fake: FakePrivy;
let config: PrivyTemplate;
const opened: KeyCreator[] = [];
beforeEach(async () => {
  fake = await startFakePrivy();
  config = privyTemplateConfig(fake);
});
afterEach(async () => {
  for (const creator of opened.splice(0)) await creator.close();
  await fake.close();
});

function creatorWith(changes: Partial<PrivyTemplate['creator']> = {}): KeyCreator {
  const { creator } = openPrivyTemplate({ ...config, creator: { ...config.creator, ...changes } }, 5_000);
  opened.push(creator);
  return creator;
}

const create = (label: string, by = creatorWith()): Promise<CreateResult> => by.create(label, soon());
const check = (changes: Partial<PrivyTemplate['creator']>): Promise<SignerCheck> => creatorWith(changes).check(soon());

function reasonOf(result: CreateResult): string {
  return result.kind === 'created' ? 'created' : `${result.kind}: ${result.reason}`;
}

describe('the creator of keys at Privy', () => {
  it('makes a wallet of the owners, with the signer under its policy', async () => {
    const label = newLabel();
    const { address, reference } = createdKey(await create(label));
    const { ownerId, signerId, signerPolicyId } = config.creator;
    expect(fake.wallets.find(String(reference.wallet_id))?.shown).toMatchObject({
      address,
      chain_type: 'solana',
      display_name: label,
      external_id: label,
      owner_id: ownerId,
      policy_ids: [],
      additional_signers: [{ signer_id: signerId, override_policy_ids: [signerPolicyId] }],
    });
  });

  it('makes one that its owner signs for, under a policy', async () => {
    const policyId = fake.newPolicy();
    const key = createdKey(await create(newLabel(), creatorWith({ signerId: null, signerPolicyId: null, policyId })));
    const shown = fake.wallets.find(String(key.reference.wallet_id))?.shown;
    expect(shown).toMatchObject({ policy_ids: [policyId], additional_signers: [] });
  });

  it('shortens a label that Privy would not take, each to another external id', async () => {
    const labels = ['a', 'b'].map((end) => `${'w'.repeat(89)}${end}`);
    const keys = [];
    for (const label of labels) keys.push(createdKey(await create(label)));
    const ids = keys.map(({ reference }) => fake.wallets.find(String(reference.wallet_id))?.shown.external_id);
    for (const id of ids) expect(id).toMatch(/^w{31}-[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it('finds the wallet by its external id when Privy has forgotten the idempotency key', async () => {
    const label = newLabel();
    const key = createdKey(await create(label));
    fake.forgetIdempotencyKeys();
    expect(createdKey(await create(label))).toEqual(key);
    expect(fake.wallets.created()).toBe(1);
  });

  it('finds the wallet when another gateway was faster by a moment', async () => {
    const label = newLabel();
    // It looks and finds nothing; before it asks for a wallet, another gateway has made it, under another key.
    const list = vi.spyOn(fake.wallets, 'list').mockImplementationOnce(() => {
      fake.wallets.create(walletRequest(label, config.creator));
      return { data: [] };
    });
    expect(createdKey(await create(label))).toEqual(createdKey(await create(label)));
    expect(list).toHaveBeenCalled();
    expect(fake.wallets.created()).toBe(1);
  });

  it('makes nothing where Privy lists what it was not asked for', async () => {
    vi.spyOn(fake.wallets, 'list').mockImplementationOnce(() => ({ data: [fake.wallets.add().shown] }));
    expect(reasonOf(await create(newLabel()))).toMatch(/^unavailable: Privy lists other wallets/);
    expect(fake.wallets.created()).toBe(0);
  });

  it.each([
    ['has another owner', () => ({ owner_id: fake.newQuorum({ publicKeys: [] }) }), 'creator.owner_id'],
    ['has no owner', () => ({ owner_id: null }), 'creator.owner_id'],
    ['is under another policy', () => ({ policy_ids: [fake.newPolicy()] }), 'creator.policy_id'],
    [
      'has one more signer',
      ({ signers }: Scene) => ({ additional_signers: [...signers, ...signers] }),
      'creator.signer_id',
    ],
    ['has no signer', () => ({ additional_signers: [] }), 'creator.signer_id'],
    [
      'has its signer under no policy',
      ({ signers }: Scene) => ({ additional_signers: signers.map(({ signer_id }) => ({ signer_id })) }),
      'creator.signer_policy_id',
    ],
    ['was exported', () => ({ exported_at: 1_741_834_854_578 }), 'was exported'],
    ['was imported', () => ({ imported_at: 1_741_834_854_578 }), 'was imported'],
    ['is for another chain', () => ({ chain_type: 'ethereum' }), 'none for Solana'],
    ['has no address of Solana', () => ({ address: '0x00' }), 'no address of Solana'],
  ])('does not take a wallet that %s', async (_name, changes, reason) => {
    const label = newLabel();
    const wallet = fake.wallets.find(String(createdKey(await create(label)).reference.wallet_id));
    if (wallet === null) throw new Error('it is there');
    wallet.shown = { ...wallet.shown, ...changes({ signers: wallet.shown.additional_signers }) };
    const result = reasonOf(await create(label));
    expect(result).toMatch(/^refused: wallet /);
    expect(result).toContain(reason);
  });

  it('says what Privy says of an owner that is not there', async () => {
    const creator = creatorWith({ ownerId: 'cnobody0000000000000000' });
    expect(reasonOf(await create(newLabel(), creator))).toBe('refused: Privy: invalid_data: Key quorum not found');
  });

  it('makes nothing with a secret that may only read', async () => {
    const creator = creatorWith({ appSecret: secretOf(fake.newAppSecret('read-only'), 'app_secret_file') });
    expect(reasonOf(await create(newLabel(), creator))).toMatch(/^unavailable: Privy: insufficient_access/);
    expect(fake.wallets.created()).toBe(0);
  });

  it.each([
    ['app_secret_file', () => ({ appSecret: secretOf('another', 'app_secret_file') })],
    ['owner_id', () => ({ ownerId: 'cnobody0000000000000000' })],
    ['policy_id', () => ({ policyId: 'cnothing000000000000000' })],
    ['signer_id', () => ({ signerId: 'cnobody0000000000000000' })],
    ['signer_policy_id', () => ({ signerPolicyId: 'cnothing000000000000000' })],
  ])('names creator.%s when it is checked', async (field, changes) => {
    expect(await check(changes())).toMatchObject({ kind: 'failed', field: `creator.${field}` });
  });
});

interface Scene {
  readonly signers: readonly { readonly signer_id: string }[];
}

describe('least privilege at Privy', () => {
  it("signs nothing without the gateway's key, also for who made the wallet", async () => {
    const { signer, creator } = config;
    const weak = openPrivyTemplate({ ...config, signer: { ...signer, ...creator, authorizationKey: null } }, 5_000);
    opened.push(weak.creator);
    const opening = await weak.openSigner(createdKey(await create(newLabel(), weak.creator)));
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'one', signal: soon() };
    const result = await opening.sign(Buffer.from('hello'), { kind: 'message', ...bounds });
    expect(result.kind === 'unavailable' ? result.reason : result.kind).toMatch(
      /missing_or_empty_authorization_header/,
    );
    await opening.close();
  });
});
