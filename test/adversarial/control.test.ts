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
import * as token2022 from '@solana-program/token-2022';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extendedAccount, extendedMint, transferHook } from '../../gateway/core/effects/testing/token-2022-state.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { tokenAccount } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, SYSTEM, startAttackedGateway } from './attacked-gateway.ts';
import { type Deed, LOADER_DEEDS, STAKE_DEEDS, SYSTEM_DEEDS, TABLE_DEEDS, TOKEN_DEEDS, UPGRADE } from './deeds.ts';
import { prefund } from './prefund.ts';
import { OWN_PROGRAM, openVictim, VICTIMS_NONCE, type Victim } from './victim.ts';

const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';
const HOOKED = { __kind: 'TransferHookAccount', transferring: false } as const;

let gateway: AttackedGateway;
let victim: Victim;
let wallet: Address;
let stranger: Address;
let own: Address;
let mint: Address;
let nonce: Address;
let derived: Address;

beforeAll(async () => {
  const programs = new Map([[OWN_PROGRAM, cpiProxy()]]);
  gateway = await startAttackedGateway(
    (scene) =>
      allProgramsListed(
        scene,
        {},
        {
          delegates: { [scene.recipient]: { [scene.mint]: 100n } },
          operations: { [VICTIMS_NONCE]: ['nonce_advance'] },
        },
      ),
    programs,
  );
  victim = await openVictim(gateway);
  ({ wallet, mint } = gateway.scene);
  stranger = gateway.attacker.address;
  own = await tokenAccount(wallet, mint);
  nonce = (await generateKeyPairSigner()).address;
  derived = await createAddressWithSeed({ baseAddress: wallet, seed: 'x', programAddress: address(SYSTEM) });
});

afterAll(async () => {
  await gateway.stop();
});

describe('[4 control] a deed that moves no balance', () => {
  const expectDenied = async (deed: Deed) => {
    const instruction = deed.instruction(victim);
    await expectThwarted(gateway, [instruction], deed.codes, (fork) => deed.harm(fork, victim));
    const behind = await gateway.verdictOn([tiny(), instruction]);
    expect(behind.toSorted()).toEqual(deed.codes.toSorted());
  };
  const named = (deeds: readonly Deed[]) => deeds.map((deed) => [deed.does, deed] as const);

  it.each(named(TOKEN_DEEDS))('of a token account or a mint is denied: %s', (_does, deed) => expectDenied(deed));
  it.each(named(SYSTEM_DEEDS))('of the wallet or a nonce is denied: %s', (_does, deed) => expectDenied(deed));
  it.each(named(STAKE_DEEDS))('of a stake is denied: %s', (_does, deed) => expectDenied(deed));
  it.each(named([...LOADER_DEEDS, UPGRADE]))('of a program is denied: %s', (_does, deed) => expectDenied(deed));
  it.each(named(TABLE_DEEDS))('of a lookup table is denied: %s', (_does, deed) => expectDenied(deed));

  it('is denied: a hook that every transfer then calls', async () => {
    const [hooked, theirs, others] = [keyAddress(230), keyAddress(231), keyAddress(232)];
    const settings = [transferHook(SYSTEM_PROGRAM, wallet)];
    await gateway.put(hooked, extendedMint({ extensions: settings }));
    await gateway.put(theirs, extendedAccount({ mint: hooked, owner: stranger, extensions: [HOOKED] }));
    await gateway.put(others, extendedAccount({ mint: hooked, owner: victim.friend, extensions: [HOOKED] }));
    const update = token2022.getUpdateTransferHookInstruction({ mint: hooked, authority: wallet, programId: stranger });
    const signed = {
      ...update,
      accounts: [update.accounts[0], { address: wallet, role: AccountRole.READONLY_SIGNER }],
    };
    const send = token2022.getTransferCheckedInstruction({
      source: theirs,
      mint: hooked,
      destination: others,
      authority: createNoopSigner(stranger),
      amount: 1n,
      decimals: 6,
    });
    await expectThwarted(gateway, [signed], [AUTHORITY, 'OPERATION_NOT_ALLOWED'], async (fork) => {
      // No token of the mint can move any more but with the program of the stranger.
      await expect(fork.act(stranger, [send])).rejects.toThrow();
    });
  });

  it('twin: a delegate is allowed up to what the policy names, and so is an operation', async () => {
    const { friend } = victim;
    const approval = { source: own, mint, delegate: friend, owner: me(), amount: 100n, decimals: 6 };
    await expectHonest(gateway, [token.getApproveCheckedInstruction(approval)]);
    await expectHonest(gateway, [token.getRevokeInstruction({ source: own, owner: me() })]);
    const advance = system.getAdvanceNonceAccountInstruction({ nonceAccount: victim.nonce, nonceAuthority: me() });
    await expectHonest(gateway, [tiny(), advance]);
  });
});

describe('what moves no balance and loses control is denied, though every instruction is on the list', () => {
  const seeded = () => ({ base: wallet, baseAccount: me(), account: derived, seed: 'x', programAddress: stranger });
  it.each<[string, () => Instruction, string]>([
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
    ['SetAuthority freeze, for good', () => setAuthority(token.AuthorityType.FreezeAccount, null, mint), AUTHORITY],
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
