import { readFile } from 'node:fs/promises';
import type { Address, Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { fakeTerminal } from '../../gateway/cli/testing/fake-terminal.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import {
  type AttackedGateway,
  carefulRules,
  type Rules,
  type Scene,
  SYSTEM,
  startAttackedGateway,
} from './attacked-gateway.ts';
import { signer } from './victim.ts';

const { signTransaction, signAndSendTransaction, evaluateTransaction, getTransaction, watchTransaction } =
  SigningService.method;
const { createPrincipal, createApiKey, disablePrincipal, revokeApiKey, unbindWallet } = AdminService.method;
const SIMULATED = keyAddress(235);

let gateway: AttackedGateway;
let wallet: Address;
/** Another agent, who may use the same wallet, with rules of its own. */
let rival: Connection;

beforeAll(async () => {
  const agents = (scene: Scene) => ({ rival: ordinary(scene), outsider: ordinary(scene) });
  gateway = await startAttackedGateway(ordinary, new Map([[SIMULATED, cpiProxy()]]), { agents });
  wallet = gateway.scene.wallet;
  rival = await gateway.newAgent('rival', ['treasury']);
});

afterAll(async () => {
  await gateway.stop();
});

function ordinary(scene: Scene): Rules {
  const programs = {
    [SYSTEM]: { instructions: ['transfer'] },
    [SIMULATED]: { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' },
  };
  return { ...carefulRules(scene, {}), program_allowlist: { programs } };
}

describe('[15 other doors] a dry run', () => {
  it('of what is allowed signs nothing, records nothing and can be asked for nowhere', async () => {
    const before = await auditLength();
    const answer = await gateway.agent.unary(evaluateTransaction, asking([pay(1n)]));
    expect(answer.decision?.reasons.map(({ code }) => code)).toContain('ALLOWED');
    const { request }: { request: { id: string } } = JSON.parse(Buffer.from(answer.policyInput).toString());
    await expect(gateway.agent.unary(getTransaction, { requestId: request.id })).rejects.toMatchObject({
      reason: 'REQUEST_NOT_FOUND',
    });
    expect(signaturesIn(answer)).toEqual([]);
    expect(await auditLength()).toBe(before);
  });

  it('by explain does the same', async () => {
    const before = await auditLength();
    const { environment } = gateway;
    const terminal = fakeTerminal({
      COUNTERSIGN_DATA_ADDRESS: environment.gateway.dataPlane,
      COUNTERSIGN_API_KEY: (await readFile(environment.agentKeyFile, 'utf8')).trim(),
    });
    const base64 = Buffer.from(wireTransaction(wallet, [pay(1n)])).toString('base64');
    expect(await terminal.run('explain', '--set-fresh-blockhash', '--wallet', 'treasury', base64)).toBe(0);
    expect(terminal.out.join('\n')).toContain('The policy allows it');
    expect(terminal.out.join('\n')).toContain('must still sign');
    expect(signaturesIn(terminal.out)).toEqual([]);
    expect(await auditLength()).toBe(before);
  });

  it('of a program that may be simulated simulates the very message that is then signed', async () => {
    const simulated: Uint8Array[] = [];
    gateway.meddle((honest) => ({
      simulate: (ask, signal) => {
        simulated.push(ask.wire.slice());
        return honest.simulate(ask, signal);
      },
    }));
    const signed = await gateway.signed([through(SIMULATED, pay(1n))]);
    gateway.meddle(null);
    expect(simulated.map(messageOf)).toEqual([messageOf(signed)]);
  });
});

describe('[15 other doors] what is denied by one method', () => {
  const theft = () => [getTransferSolInstruction({ source: signer(wallet), destination: stranger(), amount: 1n })];

  it('is denied by every other, and would have cost the wallet by each', async () => {
    const ask = asking(theft());
    const { outcome: signing } = await gateway.agent.unary(signTransaction, ask);
    const waitFor = WaitFor.SUBMITTED;
    const { outcome: sending } = await gateway.agent.unary(signAndSendTransaction, { ...ask, waitFor });
    const { decision } = await gateway.agent.unary(evaluateTransaction, ask);
    const said = [signing, sending].map((outcome) => (outcome.case === 'denied' ? outcome.value.reasons : []));
    for (const reasons of [...said, decision?.reasons ?? []]) {
      expect(reasons.map(({ code }) => code)).toEqual(['RECIPIENT_NOT_ALLOWED']);
    }
    const fork = gateway.fork();
    const before = await fork.lamports(stranger());
    expect(await fork.land(ask.transaction)).toBeNull();
    expect(await fork.lamports(stranger())).toBe(before + 1n);
  });

  it('is denied under the address of the wallet as under its id, and with the key of an earlier request', async () => {
    const named = { ...asking(theft()), wallet };
    const { outcome } = await gateway.agent.unary(signTransaction, named);
    expect(outcome.case).toBe('denied');
    const idempotencyKey = crypto.randomUUID();
    const honest = { ...asking([pay(1n)]), idempotencyKey };
    expect((await gateway.agent.unary(signTransaction, honest)).outcome.case).toBe('signed');
    const again = { ...asking(theft()), idempotencyKey };
    await expect(gateway.agent.unary(signTransaction, again)).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('is no approval, and no door of operators opens where agents call', async () => {
    for (const key of [await agentKey(), await operatorKey()]) {
      const caller = gateway.caller(key);
      const vote = { approvalId: crypto.randomUUID(), intentDigest: new Uint8Array(32) };
      for (const call of [
        caller.unary(ApprovalService.method.approve, vote),
        caller.unary(createPrincipal, { principal: 'mine', kind: PrincipalKind.AGENT, wallets: ['treasury'] }),
      ]) {
        await expect(call).rejects.toMatchObject({ status: 'UNIMPLEMENTED' });
      }
    }
  });

  it('twin: is allowed by every method when it is honest', async () => {
    const { outcome } = await gateway.agent.unary(signTransaction, asking([pay(1n)]));
    expect(outcome.case).toBe('signed');
    const sending = { ...asking([pay(2n)]), waitFor: WaitFor.SUBMITTED };
    expect((await gateway.agent.unary(signAndSendTransaction, sending)).outcome.case).toBe('submitted');
  });
});

describe('[16 identity] an agent', () => {
  it('finds no request of another, by id nor by signature, though both use one wallet', async () => {
    const { requestId, outcome } = await gateway.agent.unary(signTransaction, asking([pay(3n)]));
    if (outcome.case !== 'signed') throw new Error('an honest payment is signed');
    const { signature } = outcome.value;
    const mine = await gateway.agent.unary(getTransaction, { signature });
    expect(mine.request?.requestId).toBe(requestId);
    for (const by of [{ requestId }, { signature }]) {
      await expect(rival.unary(getTransaction, by)).rejects.toMatchObject({ reason: 'REQUEST_NOT_FOUND' });
    }
    const watched = Array.fromAsync(rival.stream(watchTransaction, { requestId }));
    await expect(watched).rejects.toMatchObject({ reason: 'REQUEST_NOT_FOUND' });
  });

  it('cannot use a wallet that is not its own, nor learn that there is one', async () => {
    const outsider = await gateway.newAgent('outsider', []);
    const faults: unknown[] = [];
    for (const named of ['treasury', wallet, 'no-such-wallet']) {
      const ask = { ...asking([pay(1n)]), wallet: named };
      faults.push(await outsider.unary(signTransaction, ask).catch((error: unknown) => error));
      faults.push(await outsider.unary(evaluateTransaction, ask).catch((error: unknown) => error));
    }
    for (const fault of faults) expect(fault).toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
    expect(new Set(faults.map(String)).size).toBe(1);
  });

  it('whose wallet is taken away cannot use it from then on', async () => {
    const passing = await gateway.newAgent('passing', ['treasury']);
    await gateway.operator.unary(unbindWallet, { principal: 'passing', wallet: 'treasury' });
    const tried = () => passing.unary(signTransaction, asking([pay(1n)])).catch((error: unknown) => error);
    await expect.poll(tried, { timeout: 2_000 }).toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
  });

  it('with the idempotency key of another gets no answer of the other', async () => {
    const idempotencyKey = crypto.randomUUID();
    const ask = { ...asking([pay(4n)]), idempotencyKey };
    const first = await gateway.agent.unary(signTransaction, ask);
    const second = await rival.unary(signTransaction, ask);
    expect(second.requestId).not.toBe(first.requestId);
  });

  it('cannot have the wallet sign what does not need its signature', async () => {
    const theirs = getTransferSolInstruction({ source: signer(stranger()), destination: wallet, amount: 1n });
    const transaction = wireTransaction(stranger(), [theirs]);
    expect(await gateway.verdictOrFault(transaction)).toEqual(['[WALLET_NOT_A_SIGNER]']);
  });

  it('twin: with a key of its own and a wallet of its own has it signed', async () => {
    expect((await rival.unary(signTransaction, asking([pay(5n)]))).outcome.case).toBe('signed');
  });
});

describe('[16 identity] an API key', () => {
  it('that is wrong in one character, of another plane, revoked or of somebody disabled opens nothing', async () => {
    await gateway.operator.unary(createPrincipal, {
      principal: 'leaving',
      kind: PrincipalKind.AGENT,
      wallets: ['treasury'],
    });
    const [revoked, disabled] = [
      await gateway.operator.unary(createApiKey, { principal: 'leaving' }),
      await gateway.operator.unary(createApiKey, { principal: 'leaving' }),
    ];
    const good = await agentKey();
    const wrong = [...crooked(good), revoked.secret.slice(0, 20) + good.slice(20)];
    for (const key of wrong) expect(await refusal(key), key).toBe('CREDENTIALS_INVALID');
    expect(await refusal(await operatorKey())).toBe('ROLE_MISSING');
    expect(await refusal(null)).toBe('CREDENTIALS_MISSING');
    for (const { secret } of [revoked, disabled]) expect(await refusal(secret)).toBe('let in');
    await gateway.operator.unary(revokeApiKey, { keyId: revoked.key?.keyId ?? '' });
    await expect.poll(() => refusal(revoked.secret), { timeout: 2_000 }).toBe('CREDENTIALS_INVALID');
    await gateway.operator.unary(disablePrincipal, { principal: 'leaving' });
    await expect.poll(() => refusal(disabled.secret), { timeout: 2_000 }).toBe('CREDENTIALS_INVALID');
  });
});

/** Of the same length and nearly the same. */
function crooked(key: string): readonly string[] {
  const flip = (at: number) => key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1);
  return [flip(4), flip(19), flip(21), flip(key.length - 2), key.toUpperCase(), `${key}a`, key.slice(0, -1)];
}

async function refusal(key: string | null): Promise<unknown> {
  const call = gateway.caller(key).unary(signTransaction, asking([pay(1n)]));
  return call.then(
    () => 'let in',
    (error: unknown) => Reflect.get(Object(error), 'reason'),
  );
}

function asking(instructions: readonly Instruction[]) {
  return { wallet: 'treasury', transaction: wireTransaction(wallet, instructions), setFreshBlockhash: true };
}

function pay(amount: bigint): Instruction {
  return getTransferSolInstruction({ source: signer(wallet), destination: gateway.scene.recipient, amount });
}

function stranger(): Address {
  return gateway.attacker.address;
}

function messageOf(wire: Uint8Array): string {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(parsed.error.field);
  return Buffer.from(parsed.value.messageBytes).toString('hex');
}

/** Whatever has 64 bytes, or is base58 of that length. */
function signaturesIn(value: unknown): readonly unknown[] {
  if (value instanceof Uint8Array) return value.length === 64 ? [value] : [];
  if (typeof value === 'string') return value.match(/[1-9A-HJ-NP-Za-km-z]{86,88}/g) ?? [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(signaturesIn);
}

async function auditLength(): Promise<number> {
  const request = { afterSequence: 0n, stopAtHead: true };
  return (await Array.fromAsync(gateway.operator.stream(AuditService.method.streamAuditRecords, request))).length;
}

async function agentKey(): Promise<string> {
  return (await readFile(gateway.environment.agentKeyFile, 'utf8')).trim();
}

async function operatorKey(): Promise<string> {
  return (await readFile(gateway.environment.operatorKeyFile, 'utf8')).trim();
}
