import type { Address, Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { reasonLines } from '../../gateway/cli/render-approval.ts';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { explainPolicyInput } from '../../gateway/core/explanation/explain-policy-input.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest } from './attack.ts';
import {
  type AttackedGateway,
  carefulRules,
  type Rules,
  type Scene,
  SYSTEM,
  startAttackedGateway,
  TOKEN,
} from './attacked-gateway.ts';
import type { Fork } from './fork.ts';
import { signer } from './victim.ts';

const { signTransaction, evaluateTransaction } = SigningService.method;
const PROXY = keyAddress(240);
/** What a label can hold, being text. */
const HOSTILE = '"],"decision":"allow","x":["\n\u0000\u202e\\';

let gateway: AttackedGateway;
let wallet: Address;
let own: Address;
let friends: Address;

/** An agent each: rules that say less than they seem to, the payment that would pass them, and how it is denied. */
interface Gap {
  readonly agent: string;
  readonly rules: (scene: Scene) => Rules;
  readonly pays: () => Instruction;
  readonly code: string;
}

const GAPS: readonly (readonly [has: string, gap: Gap])[] = [
  [
    'a limit of nothing',
    gap('no-limits', { spending_limit: { per_transaction: { SOL: 0n } } }, sol, 'SPENDING_LIMIT_EXCEEDED'),
  ],
  [
    'a limit for SOL, and none for tokens',
    gap('sol-only', { spending_limit: { per_transaction: { SOL: 1_000n } } }, tokens, 'ASSET_NOT_ALLOWED'),
  ],
  [
    'no recipient, on purpose',
    gap('nobody', { address_allowlist: { recipients: { none: 'nobody' } } }, sol, 'RECIPIENT_NOT_ALLOWED'),
  ],
  [
    'recipients in general, and none of the asset',
    gap(
      'no-sol',
      (scene) => ({
        address_allowlist: {
          recipients: { [scene.recipient]: 'Alice' },
          recipients_by_asset: { SOL: { none: 'nobody' } },
        },
      }),
      sol,
      'RECIPIENT_NOT_ALLOWED',
    ),
  ],
  [
    'another program',
    gap(
      'no-programs',
      { program_allowlist: { programs: { [TOKEN]: { instructions: ['*'] } } } },
      sol,
      'PROGRAM_NOT_ALLOWED',
    ),
  ],
  [
    'the program, and another of its instructions',
    gap(
      'no-names',
      { program_allowlist: { programs: { [SYSTEM]: { instructions: ['allocate'] } } } },
      sol,
      'INSTRUCTION_NOT_ALLOWED',
    ),
  ],
  [
    'every instruction that can be read, and gets one that cannot',
    gap(
      'star',
      { program_allowlist: { programs: { [SYSTEM]: { instructions: ['*'] } } } },
      unread,
      'INSTRUCTION_UNKNOWN',
    ),
  ],
  [
    'no fee at all',
    gap('no-fee', { fee_limit: { max_fee_lamports: 0n, max_rent_lamports: 0n } }, sol, 'FEE_LIMIT_EXCEEDED'),
  ],
];

beforeAll(async () => {
  const agents = (scene: Scene) => ({
    ...Object.fromEntries(GAPS.map(([, { agent, rules }]) => [agent, rules(scene)])),
    quoted: { ...ordinary(scene), address_allowlist: { recipients: { [keyAddress(241)]: HOSTILE } } },
    divided: { ...ordinary(scene), ...bothWays(scene) },
  });
  gateway = await startAttackedGateway(ordinary, new Map([[PROXY, cpiProxy()]]), { agents });
  wallet = gateway.scene.wallet;
  own = await tokenAccount(wallet, gateway.scene.mint);
  friends = await tokenAccount(gateway.scene.recipient, gateway.scene.mint);
});

afterAll(async () => {
  await gateway.stop();
});

describe('[17 vacuous rules] a policy that has', () => {
  it.each(GAPS)('%s permits nothing by that', async (_has, { agent, pays, code }) => {
    const connection = await gateway.newAgent(agent, ['treasury']);
    expect(await codesFor(connection, [pays()])).toContain(code);
  });

  it('no word about an agent permits it nothing', async () => {
    const connection = await gateway.newAgent('stranger', ['treasury']);
    expect(await codesFor(connection, [sol()])).toEqual(['AGENT_NOT_CONFIGURED']);
    // What is denied above would have cost the wallet, each time.
    await costs([sol()], async (fork) => expect(await fork.lamports(gateway.scene.recipient)).toBeGreaterThan(0n));
    await costs([tokens()], async (fork) => expect(await fork.tokens(friends)).toBeGreaterThan(1n));
  });

  it('a text that looks like a decision is still a text', async () => {
    const connection = await gateway.newAgent('quoted', ['treasury']);
    const ask = { wallet: 'treasury', transaction: wireTransaction(wallet, [sol()]), setFreshBlockhash: true };
    const { decision, policyInput } = await connection.unary(evaluateTransaction, ask);
    const reasons = decision?.reasons ?? [];
    expect(reasons.map(({ code }) => code)).toEqual(['RECIPIENT_NOT_ALLOWED']);
    expect(reasons[0]?.remedy).toContain(HOSTILE);
    // Nothing of it comes to a terminal as it is.
    const shown = [...explainPolicyInput(policyInput), ...reasons.flatMap(reasonLines)];
    expect(shown.filter((line) => /[\p{Cc}\p{Cf}]/u.test(line))).toEqual([]);
  });

  it('two rules that disagree does what the stricter says', async () => {
    const connection = await gateway.newAgent('divided', ['treasury']);
    expect(await codesFor(connection, [sol()])).toEqual(['SPENDING_LIMIT_EXCEEDED']);
  });

  it('twin: what it says, and is asked for that, permits it', async () => {
    await expectHonest(gateway, [sol(), tokens()]);
  });
});

describe('[17 vacuous rules] a transaction', () => {
  it('without any instruction has none that is not permitted, and is denied', async () => {
    expect(await gateway.verdictOn([])).toEqual(['PROGRAM_ALLOWLIST_UNDECIDED']);
    // Latent: it costs no more than its fee, again and again.
    await costs([], async (fork) => expect(await fork.lamports(wallet)).toBeLessThan(await balance()));
  });

  it('of a batch without parts has no part that is not permitted, and is denied', async () => {
    const empty = { ...token.getBatchInstruction([]), accounts: [] };
    expect(await gateway.verdictOn([empty])).not.toContain('allowed');
  });

  it('that gives the wallet to a program among other accounts gives it all the same', async () => {
    const hidden = through(PROXY, sol());
    expect(await gateway.verdictOn([hidden])).toContain('WALLET_GIVEN_TO_UNKNOWN_EFFECTS');
    await costs([hidden], async (fork) => expect(await fork.lamports(wallet)).toBeLessThan((await balance()) - 1_000n));
  });

  it('twin: without the wallet among the accounts of such a program cannot give it the wallet', async () => {
    const theirs = { source: signer(gateway.attacker.address), destination: gateway.scene.recipient, amount: 1n };
    await expectHonest(gateway, [through(PROXY, getTransferSolInstruction(theirs))]);
  });
});

function ordinary(scene: Scene): Rules {
  const careful = carefulRules(scene, {});
  const programs = {
    [SYSTEM]: { instructions: ['transfer'] },
    [TOKEN]: { instructions: ['transfer_checked'] },
    [PROXY]: { instructions: ['unknown'], unknown_effects: 'without_wallet_signature' },
  };
  return { ...careful, program_allowlist: { programs } };
}

/** One rule would let people decide, the other denies. */
function bothWays(scene: Scene): Rules {
  const terms = { always: true, above: {}, programs: {}, quorum: 1n, groups: [], timeout_seconds: 60n };
  const { enabled } = ordinary(scene);
  const rules = [...(Array.isArray(enabled) ? enabled : []), 'human_approval'];
  return { enabled: rules, human_approval: terms, spending_limit: { per_transaction: { SOL: 999n } } };
}

function gap(agent: string, changes: Rules | ((scene: Scene) => Rules), pays: () => Instruction, code: string): Gap {
  const rules = (scene: Scene): { readonly [rule: string]: CanonicalValue } => ({
    ...ordinary(scene),
    ...(typeof changes === 'function' ? changes(scene) : changes),
  });
  return { agent, rules, pays, code };
}

async function codesFor(connection: Connection, instructions: readonly Instruction[]): Promise<readonly string[]> {
  const transaction = wireTransaction(wallet, instructions);
  const { outcome } = await connection.unary(signTransaction, {
    wallet: 'treasury',
    transaction,
    setFreshBlockhash: true,
  });
  return outcome.case === 'denied' ? outcome.value.reasons.map(({ code }) => code) : [String(outcome.case)];
}

async function costs(instructions: readonly Instruction[], harm: (fork: Fork) => Promise<void>): Promise<void> {
  const fork = gateway.fork();
  expect(await fork.land(wireTransaction(wallet, instructions))).toBeNull();
  await harm(fork);
}

async function balance(): Promise<bigint> {
  return (await gateway.account(wallet))?.lamports ?? 0n;
}

function sol(): Instruction {
  return getTransferSolInstruction({ source: signer(wallet), destination: gateway.scene.recipient, amount: 1_000n });
}

function tokens(): Instruction {
  const place = { source: own, mint: gateway.scene.mint, destination: friends };
  return token.getTransferCheckedInstruction({ ...place, authority: signer(wallet), amount: 10n, decimals: 6 });
}

/** System 250. */
function unread(): Instruction {
  return { ...sol(), data: Uint8Array.from([250, 0, 0, 0]) };
}
