import { type Address, address, createNoopSigner, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import {
  AuthorityType,
  getInitializeAccount3Instruction,
  getSetAuthorityInstruction,
  getTransferCheckedInstruction,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenAccount } from '../../tour/transactions.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway, TOKEN } from './attacked-gateway.ts';

const TOKEN_RENT = 2_039_280n;

let gateway: AttackedGateway;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) =>
    carefulRules(scene, { [SYSTEM]: ['*'], [TOKEN]: ['transfer_checked', 'transfer', 'initialize_account3'] }),
  );
});

afterAll(async () => {
  await gateway.stop();
});

describe('an account that somebody else may close', () => {
  it('is no account of the wallet, whatever its owner field says: it can be made anew for another before the transfer lands', async () => {
    const { attacker, scene } = gateway;
    const trap = await generateKeyPairSigner();
    await gateway.land([
      ...newTokenAccount(trap, attacker.address),
      setAuthority(trap, AuthorityType.CloseAccount, attacker.address),
      setAuthority(trap, AuthorityType.AccountOwner, scene.wallet),
    ]);
    for (const amount of [1n, 5_000_000n]) {
      expect(await gateway.verdictOn([await transfer(trap.address, amount)])).toContain('RECIPIENT_UNKNOWN');
    }
  });

  it('is no account of an allowed recipient either', async () => {
    const { attacker, scene } = gateway;
    const trap = await generateKeyPairSigner();
    await gateway.land([
      ...newTokenAccount(trap, attacker.address),
      setAuthority(trap, AuthorityType.CloseAccount, attacker.address),
      setAuthority(trap, AuthorityType.AccountOwner, scene.recipient),
    ]);
    expect(await gateway.verdictOn([await transfer(trap.address, 1n)])).toContain('RECIPIENT_UNKNOWN');
  });

  it('is the recipient’s while nobody else may close it', async () => {
    const honest = await generateKeyPairSigner();
    await gateway.land(newTokenAccount(honest, gateway.scene.recipient));
    expect(await gateway.verdictOn([await transfer(honest.address, 1n)])).toEqual(['allowed']);
  });
});

describe('an account whose owner changes before the tokens come', () => {
  it('pays whom it belongs to then, in one transaction too', async () => {
    const { attacker, scene } = gateway;
    const account = await generateKeyPairSigner();
    await gateway.land(newTokenAccount(account, attacker.address));
    const hand = setAuthority(account, AuthorityType.AccountOwner, scene.recipient);
    expect(await gateway.verdictOn([await transfer(account.address, 1n)])).toContain('RECIPIENT_NOT_ALLOWED');
    await gateway.land([hand]);
    expect(await gateway.verdictOn([await transfer(account.address, 1n)])).toEqual(['allowed']);
  });

  it('is the stranger’s when it is closed and initialized anew for one, or initialized for one at all', async () => {
    const { attacker } = gateway;
    const fresh = await generateKeyPairSigner();
    const [create, initialize] = newTokenAccount(fresh, attacker.address);
    const codes = await gateway.verdictOn(
      [create, initialize, await transfer(fresh.address, 1n)].filter((i) => i !== undefined),
    );
    expect(codes).toContain('RECIPIENT_NOT_ALLOWED');
  });

  it('is nobody’s while it does not exist, or is no token account', async () => {
    const { attacker } = gateway;
    const nothing = await generateKeyPairSigner();
    for (const destination of [nothing.address, attacker.address, gateway.scene.mint]) {
      expect(await gateway.verdictOn([await transfer(destination, 1n)])).toContain('RECIPIENT_UNKNOWN');
    }
  });

  it('is not the recipient’s for standing at the address of a lookalike program', async () => {
    const { wallet, mint, recipient } = gateway.scene;
    const good = await transfer(await tokenAccount(recipient, mint), 1n);
    for (const programAddress of [gateway.attacker.address, address('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb')]) {
      expect(await gateway.verdictOn([{ ...good, programAddress }])).toContain('PROGRAM_NOT_ALLOWED');
    }
    const other = await tokenAccount(wallet, mint);
    expect(await gateway.verdictOn([{ ...good, accounts: [...good.accounts, { address: other, role: 0 }] }])).toEqual([
      'allowed',
    ]);
  });
});

function newTokenAccount(account: KeyPairSigner, owner: Address) {
  return [
    getCreateAccountInstruction({
      payer: gateway.attacker,
      newAccount: account,
      lamports: TOKEN_RENT,
      space: 165n,
      programAddress: address(TOKEN),
    }),
    getInitializeAccount3Instruction({ account: account.address, mint: gateway.scene.mint, owner }),
  ];
}

function setAuthority(account: KeyPairSigner, authorityType: AuthorityType, newAuthority: Address) {
  return getSetAuthorityInstruction({ owned: account.address, owner: gateway.attacker, authorityType, newAuthority });
}

async function transfer(destination: Address, amount: bigint) {
  const { wallet, mint } = gateway.scene;
  return getTransferCheckedInstruction({
    source: await tokenAccount(wallet, mint),
    mint,
    destination,
    authority: createNoopSigner(wallet),
    amount,
    decimals: 6,
  });
}
