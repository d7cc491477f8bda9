import { type Address, createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import {
  AuthorityType,
  getApproveInstruction,
  getBatchInstruction,
  getBurnInstruction,
  getCloseAccountInstruction,
  getRevokeInstruction,
  getSetAuthorityInstruction,
  getSyncNativeInstruction,
  getTransferCheckedInstruction,
  getTransferInstruction,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenAccount } from '../../tour/transactions.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway, TOKEN } from './attacked-gateway.ts';

const NAMED = ['batch', 'transfer', 'transfer_checked', 'approve', 'set_authority', 'close_account', 'burn'];

let gateway: AttackedGateway;
let own: Address;
let friends: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) => carefulRules(scene, { [SYSTEM]: ['transfer'], [TOKEN]: NAMED }));
  const { wallet, recipient, mint } = gateway.scene;
  own = await tokenAccount(wallet, mint);
  friends = await tokenAccount(recipient, mint);
});

afterAll(async () => {
  await gateway.stop();
});

describe('a batch of token instructions', () => {
  it('is allowed within the limits, as its parts would be alone', async () => {
    expect(await gateway.verdictOn([getBatchInstruction([send(400n), sendUnchecked(600n)])])).toEqual(['allowed']);
    expect(await gateway.verdictOn([send(400n), sendUnchecked(600n)])).toEqual(['allowed']);
  });

  it('is denied when the sum of its parts, or of several batches, is over the limit', async () => {
    const over = ['SPENDING_LIMIT_EXCEEDED'];
    expect(await gateway.verdictOn([getBatchInstruction([send(500n), sendUnchecked(501n)])])).toEqual(over);
    const batches = [getBatchInstruction([send(500n)]), getBatchInstruction([send(501n)])];
    expect(await gateway.verdictOn(batches)).toEqual(over);
    const huge = getBatchInstruction([send(2n ** 64n - 1n), send(2n ** 64n - 1n), send(2n)]);
    expect(await gateway.verdictOn([huge])).toEqual(over);
  });

  it('may hold only instructions that the policy names', async () => {
    const parts = [send(1n), getRevokeInstruction({ source: own, owner: me() })];
    expect(await gateway.verdictOn([getBatchInstruction(parts)])).toEqual(['INSTRUCTION_NOT_ALLOWED']);
    const sync = getBatchInstruction([getSyncNativeInstruction({ account: own })]);
    expect(await gateway.verdictOn([sync])).toContain('INSTRUCTION_NOT_ALLOWED');
  });

  it.each<[string, () => Parameters<typeof getBatchInstruction>[0][number], string]>([
    ['a delegate', () => approve(), 'DELEGATE_NOT_ALLOWED'],
    ['a new owner', () => newOwner(), 'AUTHORITY_CHANGE_NOT_ALLOWED'],
    ['a burn', () => burn(), 'SUPPLY_CHANGE_NOT_ALLOWED'],
    ['a close to a stranger', () => close(), 'CLOSE_DESTINATION_NOT_ALLOWED'],
  ])('hides nothing: %s, alone or behind a good part', async (_name, part, code) => {
    expect(await gateway.verdictOn([part()])).toContain(code);
    expect(await gateway.verdictOn([getBatchInstruction([part()])])).toContain(code);
    expect(await gateway.verdictOn([getBatchInstruction([send(1n), part()])])).toContain(code);
  });

  it('that sets the owner of an account and then pays it pays the new owner', async () => {
    const { recipient } = gateway.scene;
    const verdict = await gateway.verdictOn([
      getBatchInstruction([newOwner(), sendUnchecked(1n)]),
      getTransferSolInstruction({ source: me(), destination: recipient, amount: 1n }),
    ]);
    expect(verdict).toContain('AUTHORITY_CHANGE_NOT_ALLOWED');
  });

  it.each<[string, (batch: number[]) => number[]]>([
    ['an empty one', () => [255]],
    ['a cut one', (batch) => batch.slice(0, -1)],
    ['one in another', (batch) => [255, 4, batch.length, ...batch]],
    ['an unknown opcode behind a good part', (batch) => [...batch, 0, 1, 99]],
    ['a part without data behind a good part', (batch) => [...batch, 0, 0]],
    ['more accounts than there are', (batch) => batch.with(1, 200)],
  ])('that cannot be read is denied: %s', async (_name, change) => {
    const good = getBatchInstruction([send(1n)]);
    const bad: Instruction = { ...good, data: Uint8Array.from(change([...(good.data ?? [])])) };
    // What the message does not tell is simulated, and the chain refuses these.
    expect(await gateway.verdictOn([bad])).toEqual(['INSTRUCTION_UNKNOWN', 'FACT_MISSING', 'SIMULATION_FAILED']);
  });
});

function me() {
  return createNoopSigner(gateway.scene.wallet);
}

function send(amount: bigint) {
  const { mint } = gateway.scene;
  return getTransferCheckedInstruction({
    source: own,
    mint,
    destination: friends,
    authority: me(),
    amount,
    decimals: 6,
  });
}

function sendUnchecked(amount: bigint) {
  return getTransferInstruction({ source: own, destination: friends, authority: me(), amount });
}

function approve() {
  return getApproveInstruction({ source: own, delegate: gateway.attacker.address, owner: me(), amount: 1n });
}

function newOwner() {
  const authorityType = AuthorityType.AccountOwner;
  return getSetAuthorityInstruction({ owned: own, owner: me(), authorityType, newAuthority: gateway.attacker.address });
}

function burn() {
  return getBurnInstruction({ account: own, mint: gateway.scene.mint, authority: me(), amount: 1n });
}

function close() {
  return getCloseAccountInstruction({ account: own, destination: gateway.attacker.address, owner: me() });
}
