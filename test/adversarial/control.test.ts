import {
  AccountRole,
  type Address,
  address,
  createAddressWithSeed,
  createNoopSigner,
  generateKeyPairSigner,
  type Instruction,
} from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import {
  ASSOCIATED_TOKEN,
  type AttackedGateway,
  COMPUTE_BUDGET,
  carefulRules,
  SYSTEM,
  startAttackedGateway,
  TOKEN,
} from './attacked-gateway.ts';
import { prefund } from './prefund.ts';

const EVERYTHING = { [SYSTEM]: ['*'], [TOKEN]: ['*'], [ASSOCIATED_TOKEN]: ['*'], [COMPUTE_BUDGET]: ['*'] };
const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';
const RECENT_BLOCKHASHES = 'SysvarRecentB1ockHashes11111111111111111111';

let gateway: AttackedGateway;
let wallet: Address;
let stranger: Address;
let own: Address;
let mint: Address;
let nonce: Address;
let derived: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) => carefulRules(scene, EVERYTHING));
  ({ wallet, mint } = gateway.scene);
  stranger = gateway.attacker.address;
  own = await tokenAccount(wallet, mint);
  nonce = (await generateKeyPairSigner()).address;
  derived = await createAddressWithSeed({ baseAddress: wallet, seed: 'x', programAddress: address(SYSTEM) });
});

afterAll(async () => {
  await gateway.stop();
});

describe('what moves no balance and loses control is denied, though every instruction is on the list', () => {
  const seeded = () => ({ base: wallet, baseAccount: me(), account: derived, seed: 'x', programAddress: stranger });
  it.each<[string, () => Instruction, string]>([
    ['Assign', () => system.getAssignInstruction({ account: me(), programAddress: stranger }), AUTHORITY],
    ['Allocate', () => system.getAllocateInstruction({ newAccount: me(), space: 8n }), AUTHORITY],
    ['AssignWithSeed', () => system.getAssignWithSeedInstruction(seeded()), AUTHORITY],
    [
      'AllocateWithSeed',
      () => system.getAllocateWithSeedInstruction({ ...seeded(), newAccount: derived, space: 8n }),
      AUTHORITY,
    ],
    ['CreateAccount over the wallet', () => create(me(), 0n), AUTHORITY],
    [
      'CreateAccountAllowPrefund over the wallet',
      () => prefund([[wallet, AccountRole.WRITABLE_SIGNER]], 0n),
      AUTHORITY,
    ],
    [
      'CreateAccountAllowPrefund over the wallet, paid by itself',
      () =>
        prefund(
          [
            [wallet, AccountRole.WRITABLE_SIGNER],
            [wallet, AccountRole.WRITABLE_SIGNER],
          ],
          0n,
        ),
      AUTHORITY,
    ],
    [
      'a new account for a program nobody named',
      () => create(createNoopSigner(nonce), 1n),
      'ACCOUNT_OWNER_PROGRAM_NOT_ALLOWED',
    ],
    [
      'Approve',
      () => token.getApproveInstruction({ source: own, delegate: stranger, owner: me(), amount: 1n }),
      'DELEGATE_NOT_ALLOWED',
    ],
    [
      'ApproveChecked of nothing',
      () =>
        token.getApproveCheckedInstruction({
          source: own,
          mint,
          delegate: stranger,
          owner: me(),
          amount: 0n,
          decimals: 6,
        }),
      'DELEGATE_NOT_ALLOWED',
    ],
    [
      'Approve by a multisig that the wallet is a member of',
      () =>
        token.getApproveInstruction({
          source: own,
          delegate: stranger,
          owner: nonce,
          multiSigners: [me()],
          amount: 1n,
        }),
      'DELEGATE_NOT_ALLOWED',
    ],
    ['SetAuthority owner', () => setAuthority(token.AuthorityType.AccountOwner, stranger), AUTHORITY],
    ['SetAuthority close', () => setAuthority(token.AuthorityType.CloseAccount, stranger), AUTHORITY],
    ['SetAuthority mint', () => setAuthority(token.AuthorityType.MintTokens, stranger, mint), AUTHORITY],
    ['SetAuthority freeze, for good', () => setAuthority(token.AuthorityType.FreezeAccount, null, mint), AUTHORITY],
    ['FreezeAccount', () => token.getFreezeAccountInstruction({ account: own, mint, owner: me() }), AUTHORITY],
    [
      'MintTo',
      () => token.getMintToInstruction({ mint, token: own, mintAuthority: me(), amount: 1n }),
      'SUPPLY_CHANGE_NOT_ALLOWED',
    ],
    [
      'Burn',
      () => token.getBurnInstruction({ account: own, mint, authority: me(), amount: 1n }),
      'SUPPLY_CHANGE_NOT_ALLOWED',
    ],
    [
      'CloseAccount to a stranger',
      () => token.getCloseAccountInstruction({ account: own, destination: stranger, owner: me() }),
      'CLOSE_DESTINATION_NOT_ALLOWED',
    ],
    [
      'AuthorizeNonce',
      () =>
        system.getAuthorizeNonceAccountInstruction({
          nonceAccount: nonce,
          nonceAuthority: me(),
          newNonceAuthority: stranger,
        }),
      AUTHORITY,
    ],
    [
      'WithdrawNonce',
      () =>
        system.getWithdrawNonceAccountInstruction({
          nonceAccount: nonce,
          recipientAccount: stranger,
          nonceAuthority: me(),
          withdrawAmount: 1n,
        }),
      'RECIPIENT_NOT_ALLOWED',
    ],
    [
      'InitializeNonce',
      () => system.getInitializeNonceAccountInstruction({ nonceAccount: nonce, nonceAuthority: stranger }),
      'OPERATION_NOT_ALLOWED',
    ],
    ['UpgradeNonce', () => system.getUpgradeNonceAccountInstruction({ nonceAccount: nonce }), 'OPERATION_NOT_ALLOWED'],
  ])('%s', async (_name, instruction, code) => {
    expect(await gateway.verdictOn([instruction()])).toContain(code);
    expect(await gateway.verdictOn([tiny(), instruction()])).toContain(code);
  });
});

describe('a durable nonce', () => {
  const advance = (extra: number[] = [], accounts = 3): Instruction => ({
    programAddress: address(SYSTEM),
    accounts: [
      { address: nonce, role: AccountRole.WRITABLE },
      { address: address(RECENT_BLOCKHASHES), role: AccountRole.READONLY },
      { address: wallet, role: AccountRole.READONLY_SIGNER },
      { address: stranger, role: AccountRole.READONLY },
    ].slice(0, accounts),
    data: Uint8Array.from([4, 0, 0, 0, ...extra]),
  });
  it.each<[string, () => Instruction]>([
    ['in its usual form', () => advance()],
    ['with a trailing byte', () => advance([0])],
    ['with forty trailing bytes', () => advance(new Array<number>(40).fill(7))],
    ['with an account too many', () => advance([], 4)],
    ['with accounts too few to be read', () => advance([], 1)],
  ])('is seen and denied %s', async (_name, instruction) => {
    const codes = await gateway.verdictOnBytes(wireTransaction(wallet, [instruction(), tiny()]), false);
    expect(codes).toContain('DURABLE_NONCE_NOT_ALLOWED');
  });

  it('is consumed only where that is named, also behind another instruction', async () => {
    expect(await gateway.verdictOn([tiny(), advance()])).toContain('OPERATION_NOT_ALLOWED');
  });

  it('cannot be given a fresh blockhash', async () => {
    await expect(gateway.verdictOn([advance(), tiny()])).rejects.toMatchObject({ reason: 'BLOCKHASH_NOT_REPLACEABLE' });
  });
});

function me() {
  return createNoopSigner(wallet);
}

function friend() {
  return gateway.scene.recipient;
}

function sol(destination: Address, amount: bigint) {
  return system.getTransferSolInstruction({ source: me(), destination, amount });
}

function tiny() {
  return sol(friend(), 1n);
}

function create(newAccount: ReturnType<typeof me>, lamports: bigint, program: string = stranger, space = 0n) {
  const programAddress = address(program);
  return system.getCreateAccountInstruction({ payer: me(), newAccount, lamports, space, programAddress });
}

function setAuthority(authorityType: token.AuthorityType, newAuthority: Address | null, owned = own) {
  return token.getSetAuthorityInstruction({ owned, owner: me(), authorityType, newAuthority });
}
