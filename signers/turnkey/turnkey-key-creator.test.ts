import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createdKey, newLabel, soon } from '../../test/conformance/key-creator/scene.ts';
import { type FakeTurnkey, startFakeTurnkey } from '../../test/fakes/turnkey/fake-turnkey.ts';
import { newAccount } from '../../test/fakes/turnkey/wallets.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import { leastKeys, turnkeyTemplate } from './testing/turnkey-creator-under-test.ts';

let fake: FakeTurnkey;
let creator: KeyCreator;
beforeEach(async () => {
  fake = await startFakeTurnkey();
  creator = turnkeyTemplate(fake).creator;
});
afterEach(async () => {
  await creator.close();
  await fake.close();
});

const create = (label: string, by = creator): Promise<CreateResult> => by.create(label, soon());

function reasonOf(result: { readonly kind: string; readonly reason?: string }): string {
  return `${result.kind}: ${result.reason ?? ''}`;
}

async function destroyed(key: Parameters<NonNullable<KeyCreator['destroy']>>[0], by = creator): Promise<string> {
  if (by.destroy === null) throw new Error('it destroys keys');
  return reasonOf(await by.destroy(key, soon()));
}

describe('the creator of keys at Turnkey', () => {
  it('is checked, and names what of the template is to be looked at where it stands', async () => {
    const { organizationId, newApiKey, subOrganizationId } = fake;
    const keys = leastKeys(fake);
    const elsewhere = { ...keys, creating: newApiKey(subOrganizationId) };
    const misplaced = turnkeyTemplate(fake, elsewhere, crypto.randomUUID()).creator;
    const unknown = turnkeyTemplate(fake, { ...keys, creating: newApiKey(organizationId) }).creator;
    expect(await misplaced.check(soon())).toMatchObject({ kind: 'failed', field: 'signer.sub_organization_id' });
    expect(await unknown.check(soon())).toMatchObject({ kind: 'failed', field: 'creator.api_private_key_env' });
    await Promise.all([misplaced.close(), unknown.close()]);
  });

  it('makes a wallet named as the label, of 24 words and one account, in the sub-organization', async () => {
    const label = newLabel();
    const key = createdKey(await create(label));
    const wallet = fake.wallets.of(fake.subOrganizationId).find(({ walletName }) => walletName === label);
    expect(key.reference).toEqual({ organization_id: fake.subOrganizationId, wallet_id: wallet?.walletId });
    expect(wallet?.accounts.map(({ address, path }) => ({ address, path }))).toEqual([
      { address: key.address, path: "m/44'/501'/0'/0'" },
    ]);
    expect(JSON.parse(fake.bodies()[0] ?? '')).toMatchObject({ parameters: { walletName: label, mnemonicLength: 24 } });
  });

  it('waits for an activity that is pending', async () => {
    fake.activities.setNextCourse({ ends: 'COMPLETED', pending: 1 });
    createdKey(await create(newLabel()));
    expect(fake.wallets.created()).toBe(1);
  });

  it('names the activity that waits for approvals, and goes on with it, in another gateway too', async () => {
    fake.activities.setNextCourse({ ends: 'CONSENSUS_NEEDED' });
    const [label, other] = [newLabel(), turnkeyTemplate(fake).creator];
    const waiting = [await create(label), await create(label), await create(label, other)].map(reasonOf);
    expect(new Set(waiting).size).toBe(1);
    expect(waiting[0]).toMatch(/^unavailable: activity [\w-]+ waits for approvals: approve it at Turnkey; the same/);
    expect(fake.activities.count()).toBe(1);
    fake.activities.approveAll();
    expect(await create(label, other)).toEqual(await create(label));
    expect(fake.wallets.created()).toBe(1);
    await other.close();
  });

  it('asks anew after an approver rejected it', async () => {
    fake.activities.setNextCourse({ ends: 'REJECTED' });
    const label = newLabel();
    expect(reasonOf(await create(label))).toMatch(/^refused: activity [\w-]+ was rejected by an approver at Turnkey$/);
    createdKey(await create(label));
  });

  it('finds the wallet when another gateway was faster by a moment', async () => {
    const [label, other] = [newLabel(), turnkeyTemplate(fake).creator];
    // It looks and finds nothing; before it asks for a wallet, the other has made it.
    const list = vi.spyOn(fake.activities, 'list').mockImplementationOnce(() => {
      fake.wallets.add({ walletName: label, organizationId: fake.subOrganizationId, accounts: [newAccount('m/0')] });
      return [];
    });
    expect(createdKey(await create(label))).toEqual(createdKey(await create(label, other)));
    expect(list).toHaveBeenCalledOnce();
    expect(fake.wallets.created()).toBe(0);
    await other.close();
  });

  it.each([
    ['exported', { exported: true }, 'was exported at Turnkey'],
    ['imported', { imported: true }, 'was imported at Turnkey'],
  ])('does not take a wallet that was %s', async (_name, changes, reason) => {
    const label = newLabel();
    createdKey(await create(label));
    for (const wallet of fake.wallets.of(fake.subOrganizationId)) Object.assign(wallet, changes);
    expect(reasonOf(await create(label))).toMatch(new RegExp(`^refused: .*${reason}`));
  });

  it('does not take a wallet with more accounts, nor deletes one', async () => {
    const label = newLabel();
    const key = createdKey(await create(label));
    for (const { accounts } of fake.wallets.of(fake.subOrganizationId)) accounts.push(newAccount("m/44'/501'/1'/0'"));
    expect(reasonOf(await create(label))).toMatch(/^refused: .* has other accounts at Turnkey/);
    expect(await destroyed(key)).toMatch(/^refused: .* which would be lost with it$/);
    expect(fake.wallets.of(fake.subOrganizationId)).toHaveLength(2);
  });

  it('deletes no wallet that holds another address than the record', async () => {
    const [key, other] = [createdKey(await create(newLabel())), createdKey(await create(newLabel()))];
    expect(await destroyed({ ...key, reference: other.reference })).toMatch(/^refused: /);
  });

  it('does not call a wallet gone that is of another organization', async () => {
    const key = createdKey(await create(newLabel()));
    const keys = { ...leastKeys(fake), creating: fake.newApiKey(fake.organizationId) };
    const elsewhere = turnkeyTemplate(fake, keys, null).creator;
    expect(await destroyed(key, elsewhere)).toMatch(/^refused: the key was made in another organization of Turnkey/);
    await elsewhere.close();
  });

  it('says that the wallets which Turnkey allows are used up', async () => {
    const organizationId = fake.subOrganizationId;
    for (let n = 1; n < 100; n++) fake.wallets.add({ walletName: `other-${n}`, organizationId, accounts: [] });
    expect(reasonOf(await create(newLabel()))).toMatch(/^unavailable: Turnkey: .*exceeded maximum wallets/);
  });
});

describe('least privilege at Turnkey', () => {
  it('creates nothing with the key that signs', async () => {
    const { signing } = leastKeys(fake);
    const { creator: weak } = turnkeyTemplate(fake, { signing, creating: signing });
    expect(reasonOf(await create(newLabel(), weak))).toMatch(/^refused: Turnkey: REQUEST_NOT_AUTHORIZED/);
    expect(fake.wallets.created()).toBe(0);
    await weak.close();
  });

  it('signs nothing with the key that creates', async () => {
    const { creating } = leastKeys(fake);
    const template = turnkeyTemplate(fake, { signing: creating, creating });
    const signer = await template.openSigner(createdKey(await create(newLabel(), template.creator)));
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'one', signal: soon() };
    const result = await signer.sign(Buffer.from('hello'), { kind: 'message', ...bounds });
    expect(result.kind === 'refused' ? result.reason : result.kind).toMatch(/REQUEST_NOT_AUTHORIZED/);
    await signer.close();
    await template.creator.close();
  });
});
