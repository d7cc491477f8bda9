import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRole, type Address, address, getAddressEncoder, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { explainPolicyInput } from '../../gateway/core/explanation/explain-policy-input.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { MEMO_PROGRAM_V2 } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import type { ChainSimulation, SimulatedCall } from '../../relayer/chain-reader.ts';
import { solTransfer, wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest } from './attack.ts';
import {
  type AttackedGateway,
  allProgramsListed,
  type Scene,
  SYSTEM,
  startAttackedGateway,
} from './attacked-gateway.ts';
import { signer } from './victim.ts';

const { signTransaction, signAndSendTransaction, evaluateTransaction } = SigningService.method;

const SIMULATED = keyAddress(310);
/** Does nothing, whatever it is told. */
const DESCRIBED = keyAddress(311);
const GATE = keyAddress(312);
const MEMO = address(MEMO_PROGRAM_V2);
const PROGRAMS = new Map([
  [SIMULATED, cpiProxy()],
  [DESCRIBED, cpiProxy({ gated: true })],
]);
const MALFORMED = 'MALFORMED_TRANSACTION';
const MANY = 100_000;

const defined = (name: string) => ({ defined: { name } });
const field = (type: unknown) => [{ name: 'value', type }];
/** Elements of no size; a tree; values that double thirty times. */
const IDL = {
  address: DESCRIBED,
  metadata: { name: 'bomb', version: '1.0.0', spec: '0.1.0' },
  instructions: [
    { name: 'units', discriminator: [1], accounts: [], args: field({ vec: defined('Unit') }) },
    { name: 'tree', discriminator: [2], accounts: [], args: field(defined('Tree')) },
    { name: 'doubling', discriminator: [3], accounts: [], args: field(defined('Double0')) },
    { name: 'words', discriminator: [4], accounts: [], args: field('string') },
  ],
  types: [
    { name: 'Unit', type: { kind: 'struct' } },
    { name: 'Tree', type: { kind: 'struct', fields: [{ name: 'children', type: { vec: defined('Tree') } }] } },
    ...Array.from({ length: 30 }, (_, n) => ({
      name: `Double${n}`,
      type: { kind: 'struct', fields: ['left', 'right'].map((name) => ({ name, type: defined(`Double${n + 1}`) })) },
    })),
    { name: 'Double30', type: { kind: 'struct' } },
  ],
};

let gateway: AttackedGateway;
let idls: string;
let wallet: Address;
let friend: Address;

beforeAll(async () => {
  idls = await mkdtemp(join(tmpdir(), 'countersign-idls-'));
  await writeFile(join(idls, `${DESCRIBED}.json`), JSON.stringify(IDL));
  gateway = await startAttackedGateway(rules, PROGRAMS, { idls });
  ({ wallet, recipient: friend } = gateway.scene);
});

afterEach(() => gateway.meddle(null));

afterAll(async () => {
  await gateway.stop();
  await rm(idls, { recursive: true });
});

function rules(scene: Scene) {
  return allProgramsListed(scene, {
    [SIMULATED]: { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' },
    [DESCRIBED]: { instructions: ['units', 'tree', 'doubling', 'words'], unknown_effects: 'without_wallet_signature' },
    [MEMO]: { instructions: ['add_memo'] },
  });
}

describe('[18 bytes] a transaction of', () => {
  it.each<[string, () => Uint8Array, string]>([
    ['no bytes', () => new Uint8Array(), 'INVALID_FIELD'],
    ['one byte', () => new Uint8Array([1]), MALFORMED],
    ['one byte that begins a v1 message', () => new Uint8Array([0x81]), MALFORMED],
    ['one unending length', () => new Uint8Array(16).fill(0xff), MALFORMED],
    ['4096 zeros', () => new Uint8Array(4096), MALFORMED],
    ['4096 bytes of the highest value', () => new Uint8Array(4096).fill(0xff), MALFORMED],
    ['4096 bytes that begin well', () => padded(solTransfer(wallet, friend, 1n), 4096), MALFORMED],
    ['4097 bytes', () => padded(solTransfer(wallet, friend, 1n), 4097), 'INVALID_FIELD'],
  ])('%s is refused by every method', async (_size, bytes, reason) => {
    const ask = { wallet: 'treasury', transaction: bytes(), setFreshBlockhash: true };
    const refused = { reason, status: 'INVALID_ARGUMENT' };
    await expect(gateway.agent.unary(signTransaction, ask)).rejects.toMatchObject(refused);
    await expect(gateway.agent.unary(evaluateTransaction, ask)).rejects.toMatchObject(refused);
    const sending = { ...ask, waitFor: WaitFor.SUBMITTED };
    await expect(gateway.agent.unary(signAndSendTransaction, sending)).rejects.toMatchObject(refused);
  });

  it('five million bytes is refused before anybody reads it', async () => {
    const ask = { wallet: 'treasury', transaction: new Uint8Array(5_000_000), setFreshBlockhash: true };
    await expect(gateway.agent.unary(signTransaction, ask)).rejects.toMatchObject({ status: 'RESOURCE_EXHAUSTED' });
    expect(await gateway.verdictOnBytes(solTransfer(wallet, friend, 1n))).toEqual(['allowed']);
  });

  it('any part of an honest one is refused', async () => {
    const whole = solTransfer(wallet, friend, 1n);
    const parts = Array.from({ length: whole.length - 1 }, (_, n) => whole.subarray(0, n + 1));
    const verdicts = await Promise.all(parts.map((part) => gateway.verdictOrFault(part)));
    expect(new Set(verdicts.flat())).toEqual(new Set([`[${MALFORMED}]`]));
  });

  it('twin: almost as many bytes as fit is allowed where they are honest', async () => {
    await expectHonest(gateway, [sol(), memo(Buffer.alloc(800, 'ä'))]);
  });
});

describe('[18 bytes] bytes that are no transaction and would be one once signed', () => {
  it('a bare message is not signed', async () => {
    const bare = messageOf(solTransfer(wallet, gateway.attacker.address, 1n));
    expect(await gateway.verdictOrFault(bare)).toEqual([`[${MALFORMED}]`]);
    expect(await gateway.verdictOrFault(bare, false)).toEqual([`[${MALFORMED}]`]);
  });

  it('an off-chain message is not signed, whether its text is a text or a transaction', async () => {
    const domain = Buffer.from('\xffsolana offchain', 'latin1');
    const header = [...domain, 0, ...new Uint8Array(32), 0, 1, ...getAddressEncoder().encode(wallet)];
    for (const text of [Buffer.from('log in'), messageOf(solTransfer(wallet, gateway.attacker.address, 1n))]) {
      const offchain = Uint8Array.from([...header, text.length & 0xff, text.length >> 8, ...text]);
      expect(await gateway.verdictOrFault(offchain, false)).toEqual([`[${MALFORMED}]`]);
      const inSlot = Uint8Array.from([1, ...new Uint8Array(64), ...offchain]);
      expect(await gateway.verdictOrFault(inSlot, false)).toEqual([`[${MALFORMED}]`]);
    }
  });

  it('a second transaction behind an honest one is not signed with it', async () => {
    const [honest, theft] = [friend, gateway.attacker.address].map((to) => solTransfer(wallet, to, 1n));
    const both = new Uint8Array([...(honest ?? []), ...(theft ?? [])]);
    expect(await gateway.verdictOrFault(both)).toEqual([`[${MALFORMED}]`]);
  });
});

describe('[18 bytes] the text of a memo', () => {
  it.each([
    ['that is no UTF-8', [0xc3, 0x28]],
    ['with half a surrogate pair', [0x61, 0xed, 0xa0, 0x80]],
    ['with a letter in more bytes than it needs', [0xc0, 0xaf]],
    ['that ends within a letter', [0x61, 0xe2, 0x82]],
  ])('%s is not read as a text', async (_what, bytes) => {
    const attempt = [sol(), memo(Uint8Array.from(bytes))];
    // The Memo program takes none of them either.
    expect(await gateway.verdictOn(attempt)).toEqual(['INSTRUCTION_UNKNOWN', 'FACT_MISSING', 'SIMULATION_FAILED']);
    expectShowable(await explained(attempt));
  });

  it.each([
    ['turns the direction of what follows', '\u202epaid to nobody\u2066'],
    ['moves the cursor and rings', '\u001b[2J\u001b[H\u0007\r\b'],
    ['ends the line and says more in its own name', 'x\nDecision\n  ALLOWED\u2028\u0085'],
    ['is not visible', '\u200b\u200d\ufeff\u{e0041}\u0000'],
  ])('that %s is shown and changes nothing on the screen', async (_what, text) => {
    const attempt = [sol(), memo(Buffer.from(text))];
    const lines = await explained(attempt);
    expectShowable(lines);
    const first = text.replace(/^x/, '').codePointAt(0)?.toString(16);
    expect(lines.join('\n')).toContain(`\\u{${first}}`);
    expect(lines).not.toContain('Decision');
  });

  it('twin: in any language is allowed, and shown as it is', async () => {
    const attempt = [sol(), memo(Buffer.from('für die Miete 家賃 🏠'))];
    await expectHonest(gateway, attempt);
    expect((await explained(attempt)).join('\n')).toContain('für die Miete 家賃 🏠');
  });
});

describe('[18 bytes] arguments by an IDL', () => {
  it.each([
    ['four billion elements of no size', [1, 255, 255, 255, 255]],
    ['a list in a list in a list', [2, ...Array.from({ length: 800 }, (_, n) => (n % 4 === 0 ? 1 : 0))]],
    ['values that double thirty times', [3]],
    ['a text longer than the transaction', [4, 255, 255, 255, 127]],
    ['a text that is no UTF-8', [4, 2, 0, 0, 0, 0xc3, 0x28]],
  ])('of %s are not read, and soon', async (_what, data) => {
    const started = performance.now();
    expect(await gateway.verdictOn([sol(), call(data)])).toEqual(['INSTRUCTION_UNKNOWN', 'FACT_MISSING']);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('twin: of three elements, a small tree and a text are', async () => {
    const calls = [
      [1, 3, 0, 0, 0],
      [2, 1, 0, 0, 0, 0, 0, 0, 0],
      [4, 1, 0, 0, 0, 0x61],
    ].map(call);
    await expectHonest(gateway, [sol(), ...calls]);
  });
});

describe('[18 bytes] a node that tells of calls', () => {
  type Succeeded = Extract<ChainSimulation, { readonly status: 'succeeded' }>;
  const tell = (calls: (truth: Succeeded) => readonly SimulatedCall[]) =>
    gateway.meddle((honest) => ({
      simulate: async (...asked) => {
        const truth = await honest.simulate(...asked);
        if (truth.status !== 'succeeded') return truth;
        return { ...truth, innerCalls: [{ index: 0, calls: calls(truth) }] };
      },
    }));
  const nested = (depth: number) => {
    let value: unknown = 'x';
    for (let n = 0; n < depth; n++) value = { info: value, type: 'transfer' };
    return value;
  };
  const payment = () => [through(SIMULATED, sol())];
  const unknownCall = (stackHeight: number): SimulatedCall => ({
    ...{ form: 'resolved', stackHeight, program: SIMULATED, accounts: [], data: new Uint8Array([1]) },
  });

  it('a hundred thousand deep tells more than a policy reads', async () => {
    tell(() => Array.from({ length: MANY }, (_, n) => unknownCall(n + 2)));
    expect(await gateway.verdictOn(payment())).toEqual(['POLICY_INPUT_TOO_LARGE']);
  });

  it('at a depth that nothing leads to is told nothing', async () => {
    for (const height of [0, 1, -1, 2.5, Number.MAX_SAFE_INTEGER, Number.NaN]) {
      tell(() => [unknownCall(height)]);
      expect(await gateway.verdictOn(payment()), `${height}`).toEqual(['SIMULATION_UNAVAILABLE', 'FACT_MISSING']);
    }
  });

  it('in words nested a hundred thousand deep is not believed', async () => {
    tell(() => [{ form: 'parsed', stackHeight: 2, program: address(SYSTEM), parsed: nested(MANY) }]);
    expect(await gateway.verdictOn(payment())).toEqual(['SIMULATION_DIVERGES', 'FACT_MISSING']);
  });

  it('in a text with half a letter is read as the text that it can be', async () => {
    const said = { info: 'half \ud800 a letter', type: '\udfff' };
    tell(() => [{ form: 'parsed', stackHeight: 2, program: address(MEMO), parsed: said.info }]);
    expectShowable(await explained(payment()));
    expect(await gateway.verdictOn(payment())).not.toContain('allowed');
    tell(() => [{ form: 'parsed', stackHeight: 2, program: address(SYSTEM), parsed: said }]);
    expect(await gateway.verdictOn(payment())).not.toContain('allowed');
  });

  it('twin: as they ran is believed', async () => {
    await expectHonest(gateway, payment());
  });
});

function sol(): Instruction {
  return getTransferSolInstruction({ source: signer(wallet), destination: friend, amount: 1n });
}

/** The gate stays shut. */
function call(data: readonly number[]): Instruction {
  const accounts = [address(SYSTEM), GATE].map((key) => ({ address: key, role: AccountRole.READONLY }));
  return { programAddress: DESCRIBED, accounts, data: Uint8Array.from(data) };
}

function memo(text: Uint8Array): Instruction {
  return { programAddress: MEMO, accounts: [], data: text };
}

function messageOf(transaction: Uint8Array): Uint8Array {
  const parsed = parseTransaction(transaction);
  if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
  return parsed.value.messageBytes;
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}

async function explained(instructions: readonly Instruction[]): Promise<readonly string[]> {
  const ask = { wallet: 'treasury', transaction: wireTransaction(wallet, instructions), setFreshBlockhash: true };
  return explainPolicyInput((await gateway.agent.unary(evaluateTransaction, ask)).policyInput);
}

/** Nothing in it that moves a cursor, hides text or turns its direction, and no half of a letter. */
function expectShowable(lines: readonly string[]): void {
  expect(lines.filter((line) => /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(line))).toEqual([]);
}
