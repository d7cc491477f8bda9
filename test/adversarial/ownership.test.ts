import {
  type Address,
  address,
  createNoopSigner,
  createSolanaRpc,
  generateKeyPairSigner,
  type KeyPairSigner,
} from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import {
  AuthorityType,
  getInitializeAccount3Instruction,
  getSetAuthorityInstruction,
  getTransferCheckedInstruction,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { tokenAccount } from '../../tour/transactions.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway, TOKEN } from './attacked-gateway.ts';
import { tableAccount } from './kept-accounts.ts';
import { v0 } from './versions.ts';

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

describe('[14 races] an account that somebody else may close', () => {
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

  it('twin: is the recipient’s while nobody else may close it', async () => {
    const honest = await generateKeyPairSigner();
    await gateway.land(newTokenAccount(honest, gateway.scene.recipient));
    expect(await gateway.verdictOn([await transfer(honest.address, 1n)])).toEqual(['allowed']);
  });
});

describe('[14 races] an account whose owner changes before the tokens come', () => {
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

describe('[14 races] a lookup table', () => {
  const [table, cached] = [keyAddress(220), keyAddress(221)];
  const pay = (to: Address) =>
    getTransferSolInstruction({ source: createNoopSigner(gateway.scene.wallet), destination: to, amount: 1n });
  const wire = (of: Address, entries: Address[], to: Address) =>
    v0({ feePayer: gateway.scene.wallet, instructions: [pay(to)] }, { [of]: entries });

  it('that is not as long yet as the transaction needs it is waited for by nobody, and judged anew as it became', async () => {
    const { attacker, scene } = gateway;
    const longer = wire(table, [scene.recipient, attacker.address], attacker.address);
    await gateway.put(table, tableAccount(attacker.address, [scene.recipient]));
    expect(await gateway.verdictOrFault(longer)).toEqual(['[LOOKUP_TABLE_UNRESOLVED]']);
    await gateway.put(table, tableAccount(attacker.address, [scene.recipient, attacker.address]));
    await expectThwarted(gateway, longer, ['RECIPIENT_NOT_ALLOWED'], async (fork) => {
      const before = (await gateway.account(attacker.address))?.lamports ?? 0n;
      expect(await fork.lamports(attacker.address)).toBe(before + 1n);
    });
  });

  it('whose entries a node tells otherwise than before is believed in neither form', async () => {
    const { attacker, scene } = gateway;
    await gateway.put(cached, tableAccount(attacker.address, [scene.recipient]));
    expect(await gateway.verdictOrFault(wire(cached, [scene.recipient], scene.recipient))).toEqual(['allowed']);
    const turned = tableAccount(attacker.address, [attacker.address, scene.recipient]);
    gateway.meddle((honest) => ({
      getAccounts: async (...asked) => {
        const told = await honest.getAccounts(...asked);
        return { ...told, accounts: new Map([...told.accounts, [cached, turned]]) };
      },
    }));
    const second = wire(cached, [attacker.address, scene.recipient], scene.recipient);
    expect(await gateway.verdictOrFault(second)).toEqual(['[CHAIN_UNAVAILABLE]']);
    gateway.meddle(null);
  });

  it('twin: that became longer resolves to what stood in it before', async () => {
    const { attacker, scene } = gateway;
    await gateway.put(cached, tableAccount(attacker.address, [scene.recipient, attacker.address]));
    await expectHonest(gateway, wire(cached, [scene.recipient], scene.recipient));
  });
});

describe('[14 races] one transaction that is asked for many times at once', () => {
  it('is one transaction: all get the same signature', async () => {
    const { wallet, recipient } = gateway.scene;
    const rpc = createSolanaRpc(gateway.environment.localnet.rpcUrl);
    const { value } = await rpc.getLatestBlockhash({ commitment: 'confirmed' }).send();
    const payment = getTransferSolInstruction({ source: createNoopSigner(wallet), destination: recipient, amount: 1n });
    const transaction = v0({ feePayer: wallet, instructions: [payment], lifetime: value.blockhash });
    const ask = { wallet: 'treasury', transaction, setFreshBlockhash: false };
    const { signTransaction } = SigningService.method;
    const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.agent.unary(signTransaction, ask)));
    const signatures = answers.map(({ outcome }) =>
      outcome.case === 'signed' ? outcome.value.signature : outcome.case,
    );
    expect(new Set(signatures).size).toBe(1);
    expect(signatures[0]).toMatch(/^[1-9A-HJ-NP-Za-km-z]{86,88}$/);
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
