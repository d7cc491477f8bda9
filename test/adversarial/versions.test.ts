import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createNoopSigner,
  createSolanaRpc,
  createTransactionMessage,
  getAddressEncoder,
  getProgramDerivedAddress,
  getTransactionEncoder,
  getU64Encoder,
  type Instruction,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AttackedGateway,
  COMPUTE_BUDGET,
  carefulRules,
  SYSTEM,
  startAttackedGateway,
} from './attacked-gateway.ts';

const TABLES = address('AddressLookupTab1e1111111111111111111111111');
const LIFETIME = { blockhash: blockhash('11111111111111111111111111111111'), lastValidBlockHeight: 0n };

let gateway: AttackedGateway;
let wallet: Address;
let stranger: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) =>
    carefulRules(scene, { [SYSTEM]: ['transfer'], [COMPUTE_BUDGET]: ['*'] }),
  );
  wallet = gateway.scene.wallet;
  stranger = gateway.attacker.address;
});

afterAll(async () => {
  await gateway.stop();
});

describe('the same transfer, as legacy, v0, v0 with a lookup table and v1', () => {
  it.each<[string, () => Address, bigint, string]>([
    ['is allowed within the limit', () => gateway.scene.recipient, 1_000_000n, 'allowed'],
    ['is denied over the limit', () => gateway.scene.recipient, 1_000_001n, 'SPENDING_LIMIT_EXCEEDED'],
    ['is denied to a stranger', () => stranger, 1n, 'RECIPIENT_NOT_ALLOWED'],
  ])('%s', async (_name, to, amount, verdict) => {
    const instructions = [sol(to(), amount)];
    const table = await newTable([stranger, gateway.scene.recipient]);
    const verdicts = [
      await gateway.verdictOnBytes(legacy(instructions)),
      await gateway.verdictOnBytes(v0(instructions)),
      await gateway.verdictOnBytes(v0(instructions, { [table]: [stranger, gateway.scene.recipient] })),
      await gateway.verdictOnBytes(v1(instructions)),
    ];
    expect(verdicts).toEqual([[verdict], [verdict], [verdict], [verdict]]);
  });
});

describe('a lookup table', () => {
  it('that says one thing to the agent and another on chain is believed as it stands on chain', async () => {
    const { recipient } = gateway.scene;
    const table = await newTable([stranger]);
    const wire = v0([sol(recipient, 1n)], { [table]: [recipient] });
    expect(await gateway.verdictOnBytes(wire)).toEqual(['RECIPIENT_NOT_ALLOWED']);
  });

  it('that is missing, too short, no table at all or names an account twice is refused', async () => {
    const { recipient } = gateway.scene;
    const table = await newTable([stranger]);
    const hidden = [sol(recipient, 1n)];
    const unresolved = { reason: 'LOOKUP_TABLE_UNRESOLVED' };
    await expect(gateway.verdictOnBytes(v0(hidden, { [gateway.scene.mint]: [recipient] }))).rejects.toMatchObject(
      unresolved,
    );
    await expect(
      gateway.verdictOnBytes(v0(hidden, { [address('Vote111111111111111111111111111111111111111')]: [recipient] })),
    ).rejects.toMatchObject(unresolved);
    await expect(gateway.verdictOnBytes(v0(hidden, { [table]: [stranger, recipient] }))).rejects.toMatchObject(
      unresolved,
    );
    const twice = [sol(recipient, 1n), sol(stranger, 1n)];
    await expect(gateway.verdictOnBytes(v0(twice, { [table]: [recipient] }))).rejects.toMatchObject(unresolved);
  });
});

describe('fees', () => {
  it.each<[string, () => Uint8Array]>([
    [
      'a v1 priority fee without any Compute Budget instruction',
      () => v1([tiny()], { priorityFeeLamports: 20_000_000_000n }),
    ],
    ['a v1 priority fee at the top of a u64', () => v1([tiny()], { priorityFeeLamports: 2n ** 64n - 1n })],
    ['a price with the limit left out', () => legacy([price(100_000_000n), tiny()])],
    ['a price at the top of a u64', () => legacy([limit(1_400_000), price(2n ** 64n - 1n), tiny()])],
    ['a price behind the other instructions', () => legacy([tiny(), limit(1_400_000), price(100_000n)])],
    [
      'a price with trailing data',
      () =>
        legacy([
          limit(1_400_000),
          { ...price(100_000n), data: Uint8Array.from([...price(100_000n).data, 1, 2]) },
          tiny(),
        ]),
    ],
    ['the higher of two prices, last', () => legacy([price(0n), limit(1_400_000), price(100_000n), tiny()])],
  ])('over the limit are denied: %s', async (_name, wire) => {
    expect(await gateway.verdictOnBytes(wire())).toEqual(['FEE_LIMIT_EXCEEDED']);
  });

  it('within the limit are allowed', async () => {
    expect(await gateway.verdictOnBytes(legacy([limit(1_000), price(1_000n), tiny()]))).toEqual(['allowed']);
    expect(await gateway.verdictOnBytes(v1([tiny()], { priorityFeeLamports: 95_000n }))).toEqual(['allowed']);
    expect(await gateway.verdictOnBytes(v1([tiny()], { priorityFeeLamports: 95_001n }))).toEqual([
      'FEE_LIMIT_EXCEEDED',
    ]);
  });
});

function sol(destination: Address, amount: bigint) {
  return getTransferSolInstruction({ source: createNoopSigner(wallet), destination, amount });
}

function tiny() {
  return sol(gateway.scene.recipient, 1n);
}

function price(microLamports: bigint) {
  return computeBudget([3, ...getU64Encoder().encode(microLamports)]);
}

function limit(units: number) {
  return computeBudget([2, units & 0xff, (units >> 8) & 0xff, (units >> 16) & 0xff, 0]);
}

function computeBudget(data: readonly number[]) {
  return { programAddress: address(COMPUTE_BUDGET), data: Uint8Array.from(data) };
}

function legacy(instructions: readonly Instruction[]): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 'legacy' }),
    (m) => setTransactionMessageFeePayer(wallet, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

function v0(instructions: readonly Instruction[], tables: { readonly [table: string]: Address[] } = {}): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(wallet, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    (m) => compressTransactionMessageUsingAddressLookupTables(m, tables),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

function v1(instructions: readonly Instruction[], config = {}): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 1 }),
    (m) => setTransactionMessageConfig({ computeUnitLimit: 10_000, ...config }, m),
    (m) => setTransactionMessageFeePayer(wallet, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

let newestTable = 0n;

/** Made by the attacker, who keeps the authority over it. */
async function newTable(addresses: readonly Address[]): Promise<Address> {
  const { attacker } = gateway;
  const rpc = createSolanaRpc(gateway.environment.localnet.rpcUrl);
  // A table of the same slot would be the same table.
  const recent = async () => (await rpc.getSlot({ commitment: 'confirmed' }).send()) - 1n;
  await expect.poll(recent).toBeGreaterThan(newestTable);
  const slot = await recent();
  newestTable = slot;
  const seeds = [getAddressEncoder().encode(attacker.address), getU64Encoder().encode(slot)];
  const [table, bump] = await getProgramDerivedAddress({ programAddress: TABLES, seeds });
  const accounts = [
    { address: table, role: AccountRole.WRITABLE },
    { address: attacker.address, role: AccountRole.WRITABLE_SIGNER, signer: attacker },
    { address: attacker.address, role: AccountRole.WRITABLE_SIGNER, signer: attacker },
    { address: address(SYSTEM), role: AccountRole.READONLY },
  ];
  const create = Uint8Array.from([0, 0, 0, 0, ...getU64Encoder().encode(slot), bump]);
  const entries = addresses.flatMap((entry) => [...getAddressEncoder().encode(entry)]);
  const extend = Uint8Array.from([2, 0, 0, 0, ...getU64Encoder().encode(addresses.length), ...entries]);
  await gateway.land([
    { programAddress: TABLES, accounts, data: create },
    { programAddress: TABLES, accounts, data: extend },
  ]);
  return table;
}
