import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address, Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { reasonLines } from '../../gateway/cli/render-approval.ts';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { explainPolicyInput } from '../../gateway/core/explanation/explain-policy-input.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
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
  ['no limit for anything', gap('no-limits', { spending_limit: { per_transaction: {} } }, sol, 'ASSET_NOT_ALLOWED')],
  [
    'a limit for SOL, and none for tokens',
    gap('sol-only', { spending_limit: { per_transaction: { SOL: 1_000n } } }, tokens, 'ASSET_NOT_ALLOWED'),
  ],
  ['no recipient', gap('nobody', { address_allowlist: { recipients: {} } }, sol, 'RECIPIENT_NOT_ALLOWED')],
  [
    'recipients in general, and none of the asset',
    gap(
      'no-sol',
      (scene) => ({
        address_allowlist: { recipients: { [scene.recipient]: 'Alice' }, recipients_by_asset: { SOL: {} } },
      }),
      sol,
      'RECIPIENT_NOT_ALLOWED',
    ),
  ],
  ['no program', gap('no-programs', { program_allowlist: { programs: {} } }, sol, 'PROGRAM_NOT_ALLOWED')],
  [
    'a program, and none of its instructions',
    gap(
      'no-names',
      { program_allowlist: { programs: { [SYSTEM]: { instructions: [] } } } },
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
    'an enabled rule without its settings',
    { agent: 'bare', rules: withoutFeeLimit, pays: sol, code: 'FEE_LIMIT_UNDECIDED' },
  ],
  [
    'all rules but one, which nobody waived',
    gap(
      'unguarded',
      { enabled: ['spending_limit', 'program_allowlist', 'address_allowlist', 'authority_guard'] },
      sol,
      'GUARD_NOT_ENABLED',
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
    expect(reasons[0]?.message).toContain(HOSTILE);
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

describe('[17 vacuous rules] [12 numbers] data in which', () => {
  const limit = (amount: string) => `"spending_limit":{"per_transaction":{"SOL":${amount}}}`;
  it.each([
    ['an amount is text', limit('"1000000"')],
    ['an amount is a float', limit('1000000.5')],
    ['an amount has an exponent', limit('1e6')],
    ['an amount is negative', limit('-1')],
    ['an asset is misspelt', '"spending_limit":{"per_transaction":{"Sol":1}}'],
    [
      'an asset with recipients of its own is misspelt',
      '"address_allowlist":{"recipients":{},"recipients_by_asset":{"Sol":{}}}',
    ],
    ['a recipient ends in a new line', `"address_allowlist":{"recipients":{"${SYSTEM}\\n":"x"}}`],
    ['a setting is misspelt', '"fee_limit":{"max_fee_lamport":1,"max_rent_lamports":1}'],
    [
      'nobody must approve',
      '"human_approval":{"always":true,"above":{},"programs":{},"quorum":0,"groups":[],"timeout_seconds":1}',
    ],
    ['no rule is enabled', '"enabled":[]'],
    ['a rule is enabled that is not there', '"enabled":["spending_limits"]'],
    ['a rule is waived that is not there', '"waived":["spending_limits"]'],
    [
      'a permission is misspelt',
      `"program_allowlist":{"programs":{"${SYSTEM}":{"instructions":[],"unknown_effects":"any"}}}`,
    ],
  ])('%s makes no bundle, so that nothing is signed with it', async (_what, settings) => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-data-'));
    await mkdir(join(directory, 'bundle'));
    const enabled = settings.startsWith('"enabled"') ? '' : '"enabled":["fee_limit"],';
    const text = `{"agents":{"trader":{"wallets":{"treasury":{${enabled}${settings}}}}}}`;
    await writeFile(join(directory, 'data.json'), text);
    const request = { dataFile: join(directory, 'data.json'), outDir: join(directory, 'bundle') };
    await expect(buildBundle(request)).rejects.toThrow(/does not fit|cannot be read|that are not there/);
    await rm(directory, { recursive: true });
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

function withoutFeeLimit(scene: Scene): Rules {
  return Object.fromEntries(Object.entries(ordinary(scene)).filter(([rule]) => rule !== 'fee_limit'));
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
