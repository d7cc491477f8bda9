import {
  AccountRole,
  type Address,
  createSolanaRpc,
  generateKeyPairSigner,
  getTransactionDecoder,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  partiallySignTransaction,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted, type Harm } from './attack.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway } from './attacked-gateway.ts';
import { tableAccount } from './kept-accounts.ts';
import { legacy, v0, type Written } from './versions.ts';
import { SOL, signer } from './victim.ts';

const PROXY = keyAddress(821);
const TABLE = keyAddress(822);
const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const NOT_A_SIGNER = '[WALLET_NOT_A_SIGNER]';
const INVALID = '[SIGNATURE_INVALID]';
const MISSING = '[SIGNATURES_MISSING]';
/** What the chain says. */
const UNVERIFIED = 'signature verification failure';
const PAYER_SLOT = 1;
const SECOND_SLOT = 65;
const SIGNATURE = 64;

let gateway: AttackedGateway;
let wallet: Address;
let friend: Address;
let stranger: KeyPairSigner;

beforeAll(async () => {
  const programs = new Map([[PROXY, cpiProxy()]]);
  gateway = await startAttackedGateway((scene) => carefulRules(scene, { [SYSTEM]: ['transfer'] }), programs);
  ({ wallet, recipient: friend } = gateway.scene);
  stranger = gateway.attacker;
  await gateway.put(TABLE, tableAccount(stranger.address, [wallet]));
});

afterAll(async () => {
  await gateway.stop();
});

describe('[6 signers] the wallet in a place that does not sign', () => {
  it.each<[string, () => Uint8Array]>([
    ['beside a payer who does', () => legacy(paidByStranger())],
    ['among the readonly', () => legacy(paidByStranger(AccountRole.READONLY))],
    ['from a lookup table', () => v0(paidByStranger(), { [TABLE]: [wallet] })],
  ])('gets no signature, which would bind it to nothing: %s', async (_name, wire) => {
    expect(await gateway.verdictOrFault(wire())).toEqual([NOT_A_SIGNER]);
    expect(await gateway.fork().land(wire())).toContain('MissingRequiredSignature');
  });

  it.each<[string, () => Instruction, readonly string[]]>([
    ['a transfer', () => sol(stranger.address, 2n * SOL), [LIMIT, RECIPIENT]],
    [
      'a call into a program',
      () => through(PROXY, sol(stranger.address, 2n * SOL)),
      ['PROGRAM_NOT_ALLOWED', 'FACT_MISSING', LIMIT, RECIPIENT],
    ],
  ])('signs all the same where it pays the fee: %s', async (_name, instruction, codes) => {
    await expectThwarted(gateway, [asBystander(instruction())], codes, gains(stranger.address, 2n * SOL));
  });

  it('twin: where it signs and another pays the fee, a transfer is allowed', async () => {
    await expectHonest(gateway, legacy({ feePayer: stranger.address, instructions: [sol(friend, 500_000n)] }));
  });
});

describe('[6 signers] a signature that does not hold', () => {
  it.each<[string, () => Promise<Uint8Array>]>([
    ['of random bytes', async () => filled(await cosigned(), SECOND_SLOT)],
    ['with one bit turned', async () => turned(await cosigned(), SECOND_SLOT + 40)],
    ['of another who signs for the stranger', async () => withSecond(await cosigned(), await signedBySomebody())],
    ['of the same key over another message', async () => withSecond(await cosigned(), await cosigned(1n))],
    ['of the same key over another blockhash', async () => turned(await cosigned(), 230)],
  ])('is refused, for a signature alone and to send: %s', async (_name, forge) => {
    const wire = await forge();
    const before = await lamports(friend);
    expect(await asked(wire)).toEqual([INVALID, INVALID]);
    expect(await lamports(friend)).toBe(before);
    // Signed nevertheless, it is worth nothing on the chain.
    expect(await gateway.submit(await gateway.signAnyway(wire))).toContain(UNVERIFIED);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['of random bytes', async () => filled(await cosigned(), PAYER_SLOT)],
    ['of the stranger', async () => inPlaceOfWallet(await cosigned())],
  ])('is refused in the place of the wallet: %s', async (_name, forge) => {
    expect(await asked(await forge())).toEqual([INVALID, INVALID]);
    expect(await gateway.submit(await forge())).toContain(UNVERIFIED);
  });

  it('is refused where a new blockhash would void it', async () => {
    expect(await gateway.verdictOrFault(await cosigned())).toEqual(['[BLOCKHASH_NOT_REPLACEABLE]']);
  });

  it('is refused to send where all its bytes are zero', async () => {
    const wire = withBlank(await cosigned());
    const before = await lamports(friend);
    expect(await send(wire)).toBe(MISSING);
    expect(await lamports(friend)).toBe(before);
    expect(await gateway.submit(await gateway.signAnyway(wire))).toContain(UNVERIFIED);
  });

  it('twin: a transaction to be signed by another later is allowed, and one that was is sent', async () => {
    const before = await lamports(friend);
    expect(await gateway.verdictOrFault(withBlank(await cosigned()), false)).toEqual(['allowed']);
    expect(await send(await cosigned())).toBe('submitted');
    expect((await lamports(friend)) - before).toBe(500_001n);
  });
});

function sol(destination: Address, amount: bigint) {
  return getTransferSolInstruction({ source: signer(wallet), destination, amount });
}

/** Takes from the wallet, which does not sign. */
function paidByStranger(role: AccountRole = AccountRole.WRITABLE): Written {
  const taking = sol(stranger.address, SOL);
  const accounts = [
    { address: wallet, role },
    { address: stranger.address, role: AccountRole.WRITABLE_SIGNER },
  ];
  return { feePayer: stranger.address, instructions: [{ ...taking, accounts }] };
}

/** The instruction says that the wallet neither signs nor changes; the message has one role for each key. */
function asBystander(instruction: Instruction): Instruction {
  const accounts = (instruction.accounts ?? []).map(({ address, role }) =>
    address === wallet ? { address, role: AccountRole.READONLY } : { address, role },
  );
  return { ...instruction, accounts };
}

/** An honest payment that the stranger takes part in, signed by the stranger. */
async function cosigned(amount = 500_000n): Promise<Uint8Array> {
  return signedBy(stranger, await payment(stranger, amount));
}

async function payment(cosigner: KeyPairSigner, amount: bigint): Promise<Uint8Array> {
  const { value } = await createSolanaRpc(gateway.environment.localnet.rpcUrl).getLatestBlockhash().send();
  const adding = getTransferSolInstruction({ source: cosigner, destination: friend, amount: 1n });
  return legacy({ feePayer: wallet, instructions: [sol(friend, amount), adding], lifetime: value.blockhash });
}

async function signedBySomebody(): Promise<Uint8Array> {
  const somebody = await generateKeyPairSigner();
  return signedBy(somebody, await payment(somebody, 500_000n));
}

async function signedBy({ keyPair }: KeyPairSigner, wire: Uint8Array): Promise<Uint8Array> {
  const signed = await partiallySignTransaction([keyPair], getTransactionDecoder().decode(wire));
  return new Uint8Array(getTransactionEncoder().encode(signed));
}

function withSecond(wire: Uint8Array, other: Uint8Array): Uint8Array {
  return replaced(wire, SECOND_SLOT, other.slice(SECOND_SLOT, SECOND_SLOT + SIGNATURE));
}

function withBlank(wire: Uint8Array): Uint8Array {
  return replaced(wire, SECOND_SLOT, new Uint8Array(SIGNATURE));
}

function filled(wire: Uint8Array, slot: number): Uint8Array {
  return replaced(wire, slot, new Uint8Array(SIGNATURE).fill(7));
}

function inPlaceOfWallet(wire: Uint8Array): Uint8Array {
  return replaced(wire, PAYER_SLOT, wire.slice(SECOND_SLOT, SECOND_SLOT + SIGNATURE));
}

function turned(wire: Uint8Array, offset: number): Uint8Array {
  return wire.with(offset, (wire[offset] ?? 0) ^ 1);
}

function replaced(wire: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const copy = wire.slice();
  copy.set(bytes, offset);
  return copy;
}

/** The answers to who asks for a signature, and to who asks to send. */
async function asked(wire: Uint8Array): Promise<readonly unknown[]> {
  return [...(await gateway.verdictOrFault(wire, false)), await send(wire)];
}

async function send(transaction: Uint8Array): Promise<unknown> {
  const ask = { wallet: 'treasury', transaction, waitFor: WaitFor.CONFIRMED };
  try {
    return (await gateway.agent.unary(SigningService.method.signAndSendTransaction, ask)).outcome.case;
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error;
    return `[${error.reason}]`;
  }
}

async function lamports(address: Address): Promise<bigint> {
  return (await gateway.account(address))?.lamports ?? 0n;
}

function gains(address: Address, amount: bigint): Harm {
  return async (fork) => {
    expect((await fork.lamports(address)) - (await lamports(address))).toBe(amount);
  };
}
