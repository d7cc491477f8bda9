// What is frozen, or what nothing can allow, in every disguise that the policy lets through.
import { AccountRole, type Address, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_2022_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { AdminService, FreezeScope } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest } from './attack.ts';
import { type AttackedGateway, allProgramsListed, SYSTEM, startAttackedGateway, TOKEN } from './attacked-gateway.ts';
import { type Issue, issuing, mintsToCome, send as sendIssued } from './issue.ts';
import { tableAccount } from './kept-accounts.ts';
import { v0 } from './versions.ts';
import { OWN_PROGRAM, openVictim, signer, type Victim } from './victim.ts';

/** May run with the wallet, as its simulation shows. */
const SIMULATED = keyAddress(203);
const TRIED = { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' };
const TABLE = keyAddress(810);
const BYSTANDER = keyAddress(811);

let gateway: AttackedGateway;
let victim: Victim;
let issued: Issue;

beforeAll(async () => {
  gateway = await startAttackedGateway(
    (scene) => {
      const guard = {
        delegates: { [scene.recipient]: { [scene.mint]: 2n ** 64n - 1n } },
        authority_changes: { token_account_owner: { [scene.recipient]: 'a friend' } },
      };
      const rules = allProgramsListed(scene, { [SIMULATED]: TRIED }, guard);
      const limits = Object.fromEntries([scene.mint, ...mintsToCome(1)].map((mint) => [mint, 1_000n]));
      return { ...rules, spending_limit: { per_transaction: { SOL: 1_000_000n, ...limits } } };
    },
    new Map([SIMULATED, OWN_PROGRAM].map((program) => [program, cpiProxy()] as const)),
  );
  victim = await openVictim(gateway);
  issued = await issuing(gateway)();
  await gateway.put(TABLE, tableAccount(victim.stranger, [victim.friend, BYSTANDER]));
});

afterAll(() => gateway.stop());

/** Denied while it is frozen, and allowed before and after. */
async function expectFrozen(scope: FreezeScope, target: Address | string, attempt: Attempt): Promise<void> {
  await expectHonest(gateway, attempt());
  const { freeze, unfreeze } = AdminService.method;
  const { freeze: made } = await gateway.operator.unary(freeze, { scope, target, reason: 'a theft' });
  expect(await verdictOn(attempt())).toEqual(['FROZEN']);
  await gateway.operator.unary(unfreeze, { freezeId: made?.freezeId ?? '', reason: 'over' });
  expect(await verdictOn(attempt())).toEqual(['allowed']);
}

type Attempt = () => Uint8Array | readonly Instruction[];

function verdictOn(attempt: ReturnType<Attempt>): Promise<readonly string[]> {
  return attempt instanceof Uint8Array ? gateway.verdictOnBytes(attempt) : gateway.verdictOn(attempt);
}

describe('a frozen recipient', () => {
  const frozen = (attempt: Attempt) => expectFrozen(FreezeScope.RECIPIENT, victim.friend, attempt);

  it('is denied as the owner of a token account, who is not named', () => frozen(() => [send()]));

  it('is denied in a part of a batch', () => frozen(() => [token.getBatchInstruction([send(), send()])]));

  it('is denied where only the simulation shows who gets it', () => frozen(() => [through(SIMULATED, send())]));

  it('is denied where only a lookup table names it', () =>
    frozen(() => v0({ feePayer: victim.wallet, instructions: [sol()] }, { [TABLE]: [victim.friend, BYSTANDER] })));

  it('is denied as a delegate, who gets nothing yet', () =>
    frozen(() => [
      token.getApproveInstruction({ source: victim.own, delegate: victim.friend, owner: me(), amount: 5n }),
    ]));

  it('is denied as the owner of a token account of Token-2022', () => frozen(() => [sendIssued(issued)]));

  it('is denied in the middle of many', () => frozen(() => [sol(1n, victim.wallet), send(), sol(1n, victim.wallet)]));
});

describe('a frozen program', () => {
  it('is denied where it is only called by another, as the simulation shows', () =>
    expectFrozen(FreezeScope.PROGRAM, TOKEN, () => [through(SIMULATED, send())]));

  it('is denied where it is merely named, from a lookup table', () =>
    expectFrozen(FreezeScope.PROGRAM, BYSTANDER, () => {
      const named = {
        ...sol(),
        accounts: [...(sol().accounts ?? []), { address: BYSTANDER, role: AccountRole.READONLY }],
      };
      return v0({ feePayer: victim.wallet, instructions: [named] }, { [TABLE]: [victim.friend, BYSTANDER] });
    }));

  it('is denied as a native one', () => expectFrozen(FreezeScope.PROGRAM, SYSTEM, () => [sol()]));

  it('is denied as that of tokens of Token-2022', () =>
    expectFrozen(FreezeScope.PROGRAM, TOKEN_2022_PROGRAM, () => [sendIssued(issued)]));
});

describe('a frozen mint', () => {
  it('is denied where the transfer names no mint', () =>
    expectFrozen(FreezeScope.MINT, victim.mint, () => [unchecked()]));

  it('is denied where a transfer of Token-2022 names no mint', () =>
    expectFrozen(FreezeScope.MINT, issued.mint, () => [
      token2022.getTransferInstruction({
        source: issued.own,
        destination: issued.friends,
        authority: me(),
        amount: 1n,
      }),
    ]));

  it('is denied where another program moves it', () =>
    expectFrozen(FreezeScope.MINT, victim.mint, () => [through(SIMULATED, send())]));
});

it('everything, an agent or a wallet that is frozen is denied', async () => {
  await expectFrozen(FreezeScope.ALL, '', () => [sol()]);
  await expectFrozen(FreezeScope.AGENT, 'trader', () => [sol()]);
  await expectFrozen(FreezeScope.WALLET, victim.wallet, () => [sol()]);
});

describe('what the policy allows and nothing can', () => {
  const forbidden = ['FORBIDDEN_ACTION'];
  const give = (to: Address) =>
    token.getSetAuthorityInstruction({
      owned: victim.own,
      owner: me(),
      authorityType: token.AuthorityType.AccountOwner,
      newAuthority: to,
    });
  const entrust = (amount: bigint) =>
    token.getApproveInstruction({ source: victim.own, delegate: victim.friend, owner: me(), amount });

  it('a token account that goes to a friend, plain and by another program', async () => {
    expect(await gateway.verdictOn([give(victim.friend)])).toEqual(forbidden);
    expect(await gateway.verdictOn([sol(), give(victim.friend)])).toEqual(forbidden);
    expect(await gateway.verdictOn([through(SIMULATED, give(victim.friend))])).toEqual(forbidden);
    expect(await gateway.verdictOn([token.getBatchInstruction([send(), give(victim.friend)])])).toEqual(forbidden);
  });

  it('an approval of everything, to a delegate who may have an amount', async () => {
    await expectHonest(gateway, [entrust(1_000_000n)]);
    expect(await gateway.verdictOn([entrust(2n ** 64n - 1n)])).toEqual(forbidden);
    expect(await gateway.verdictOn([through(SIMULATED, entrust(2n ** 63n))])).toEqual(forbidden);
  });
});

function me() {
  return signer(victim.wallet);
}

function sol(amount = 1n, destination = victim.friend): Instruction {
  return system.getTransferSolInstruction({ source: me(), destination, amount });
}

function send() {
  const { own, mint, friends } = victim;
  const transfer = { source: own, mint, destination: friends, authority: me(), amount: 1n, decimals: 6 };
  return token.getTransferCheckedInstruction(transfer);
}

function unchecked(): Instruction {
  const { own, friends } = victim;
  return token.getTransferInstruction({ source: own, destination: friends, authority: me(), amount: 1n });
}
