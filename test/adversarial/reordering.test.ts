import {
  type Address,
  address,
  createNoopSigner,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
} from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import {
  getCloseAccountInstruction,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeAccount3Instruction,
  getSyncNativeInstruction,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenAccount } from '../../tour/transactions.ts';
import {
  ASSOCIATED_TOKEN,
  type AttackedGateway,
  carefulRules,
  SYSTEM,
  startAttackedGateway,
  TOKEN,
  WRAPPED_SOL,
} from './attacked-gateway.ts';

const MINT = address(WRAPPED_SOL);
const MUCH = 50_000_000_000n;

let gateway: AttackedGateway;
let wallet: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) =>
    carefulRules(scene, {
      [SYSTEM]: ['transfer', 'create_account'],
      [TOKEN]: ['close_account', 'sync_native', 'initialize_account3'],
      [ASSOCIATED_TOKEN]: ['create_idempotent'],
    }),
  );
  ({ wallet } = gateway.scene);
});

afterAll(async () => {
  await gateway.stop();
});

describe('SOL wrapped into an account of the wallet', () => {
  it('whose key somebody holds is judged as paid to that account: closed first by another signed transaction, it could be made anew for a thief', async () => {
    const trap = await generateKeyPairSigner();
    await gateway.land(newAccount(gateway.attacker, trap));
    const close = getCloseAccountInstruction({ account: trap.address, destination: wallet, owner: me() });
    expect(await gateway.verdictOn([close])).toEqual(['allowed']);
    const codes = ['SPENDING_LIMIT_EXCEEDED', 'RECIPIENT_NOT_ALLOWED'];
    expect((await gateway.verdictOn(wrap(trap.address))).toSorted()).toEqual(codes.toSorted());
  });

  it('at its associated address, or made and initialized in the same transaction, stays its own', async () => {
    const ata = await tokenAccount(wallet, MINT);
    const create = getCreateAssociatedTokenIdempotentInstruction({ payer: me(), ata, owner: wallet, mint: MINT });
    expect(await gateway.verdictOn([create, ...wrap(ata)])).toEqual(['allowed']);
    const temporary = createNoopSigner((await generateKeyPairSigner()).address);
    expect(await gateway.verdictOn([...newAccount(me(), temporary), ...wrap(temporary.address)])).toEqual(['allowed']);
  });
});

function me() {
  return createNoopSigner(wallet);
}

function newAccount(payer: KeyPairSigner | ReturnType<typeof me>, account: KeyPairSigner | ReturnType<typeof me>) {
  return [
    getCreateAccountInstruction({
      payer,
      newAccount: account,
      lamports: 2_039_280n,
      space: 165n,
      programAddress: address(TOKEN),
    }),
    getInitializeAccount3Instruction({ account: account.address, mint: MINT, owner: wallet }),
  ];
}

function wrap(destination: Address): Instruction[] {
  return [
    getTransferSolInstruction({ source: me(), destination, amount: MUCH }),
    getSyncNativeInstruction({ account: destination }),
  ];
}
