import { type Address, address, createNoopSigner, generateKeyPairSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import {
  getCloseAccountInstruction,
  getInitializeAccount3Instruction,
  getUnwrapLamportsInstruction,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackedGateway, carefulRules, startAttackedGateway, TOKEN, WRAPPED_SOL } from './attacked-gateway.ts';

let gateway: AttackedGateway;
let pot: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) =>
    carefulRules(
      scene,
      { [TOKEN]: ['unwrap_lamports', 'close_account'] },
      { close_destinations: { [scene.recipient]: 'Alice' } },
    ),
  );
  const account = await generateKeyPairSigner();
  pot = account.address;
  await gateway.land([
    getCreateAccountInstruction({
      payer: gateway.attacker,
      newAccount: account,
      lamports: 2_040_280n,
      space: 165n,
      programAddress: address(TOKEN),
    }),
    getInitializeAccount3Instruction({
      account: pot,
      mint: address(WRAPPED_SOL),
      owner: gateway.scene.wallet,
    }),
  ]);
});

afterAll(async () => {
  await gateway.stop();
});

describe('an instruction that takes all of a balance', () => {
  it('is denied to somebody else, because the wallet may fill the account before it lands', async () => {
    const { recipient } = gateway.scene;
    expect(await gateway.verdictOn([unwrap(recipient, null)])).toEqual(['FACT_MISSING']);
    expect(await gateway.verdictOn([close(recipient)])).toContain('FACT_MISSING');
  });

  it('is allowed to the wallet itself, and to somebody else with the amount written out', async () => {
    const { wallet, recipient } = gateway.scene;
    expect(await gateway.verdictOn([unwrap(wallet, null)])).toEqual(['allowed']);
    expect(await gateway.verdictOn([close(wallet)])).toEqual(['allowed']);
    expect(await gateway.verdictOn([unwrap(recipient, 1_000n)])).toEqual(['allowed']);
  });
});

function me() {
  return createNoopSigner(gateway.scene.wallet);
}

function unwrap(destination: Address, amount: bigint | null) {
  return getUnwrapLamportsInstruction({ source: pot, destination, authority: me(), amount });
}

function close(destination: Address) {
  return getCloseAccountInstruction({ account: pot, destination, owner: me() });
}
