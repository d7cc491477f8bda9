// Owns a gateway under attack: the test gateway, policy data that permits far more than usual, an attacker with keys and money of
// their own on the local chain, and the questions that attacks ask.
import { join } from 'node:path';
import {
  type Address,
  createSolanaRpc,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
  type Signature,
} from '@solana/kit';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import type { Gateway } from '../../gateway/compose/gateway.ts';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import type { AccountState } from '../../gateway/core/effects/chain-facts.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  LOADER_V4_PROGRAM,
  STAKE_PROGRAM,
  TOKEN_2022_PROGRAM,
  VOTE_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { withSignature } from '../../gateway/core/transaction/wire.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { openGeneration } from '../../gateway/policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../../gateway/policy/policy-engine.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { airdrop, sendConfirmed } from '../../relayer/localnet/confirmed-sends.ts';
import { rawCall, sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from '../integration/gateway-fixture.ts';
import { type Fork, forking, type Programs } from './fork.ts';

export const SYSTEM = '11111111111111111111111111111111';
export const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const ASSOCIATED_TOKEN = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';
export const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';
export const WRAPPED_SOL = 'So11111111111111111111111111111111111111112';

/** By rule name, the data of that rule; with `enabled`, the names of the rules that count. */
export type Rules = { readonly [rule: string]: CanonicalValue };

export interface Scene {
  readonly wallet: Address;
  readonly recipient: Address;
  readonly mint: Address;
}

export interface AttackedGateway extends TestGateway {
  readonly scene: Scene;
  /** Holds 100 SOL. */
  readonly attacker: KeyPairSigner;
  /** Asks for a signature; `allowed`, `pending`, or the codes of the denial. */
  verdictOn(instructions: readonly Instruction[]): Promise<readonly string[]>;
  /** The same for bytes as they are, with a fresh blockhash. */
  verdictOnBytes(transaction: Uint8Array, setFreshBlockhash?: boolean): Promise<readonly string[]>;
  /** The same where a request that is no transaction, or cannot be judged, is refused: the reason, in brackets. */
  verdictOrFault(transaction: Uint8Array, setFreshBlockhash?: boolean): Promise<readonly string[]>;
  /** The signed bytes; throws when they are not given. */
  signed(instructions: readonly Instruction[]): Promise<Uint8Array>;
  /** Past the gateway, on the chain, paid by the attacker. */
  land(instructions: readonly Instruction[]): Promise<Signature>;
  /** What a wallet without a gateway would do: the bytes with its signature. */
  signAnyway(transaction: Uint8Array): Promise<Uint8Array>;
  /** Sends signed bytes to the chain; the error, or `null`: it landed. */
  submit(transaction: Uint8Array): Promise<string | null>;
  /** What would happen: a copy of the chain, and everybody signs. Ends the fork before. */
  fork(): Fork;
  /** An account that stands on the chain from now on. */
  put(address: Address, state: AccountState): Promise<void>;
  /** Time passes at once. */
  advance(slots: number): Promise<void>;
  /** From now on the gateway asks a chain that answers like this. `null`: the honest one. */
  meddle(how: Meddling | null): void;
  account(
    address: Address,
  ): Promise<{ readonly owner: Address; readonly lamports: bigint; readonly data: Buffer } | null>;
}

/** What a node of the attacker answers instead of an honest one. */
export type Meddling = (honest: ChainReader) => Partial<Pick<ChainReader, 'getAccounts' | 'simulate'>>;

export interface PolicyBesides {
  /** Rules of further agents, by their id; who is to ask by it must be enrolled. */
  readonly agents?: (scene: Scene) => { readonly [agent: string]: Rules };
  /** A directory of IDLs. */
  readonly idls?: string;
}

/** `programs`: stand on the chain, and on each fork. */
export async function startAttackedGateway(
  rules: (scene: Scene) => Rules,
  programs: Programs = new Map(),
  besides: PolicyBesides = {},
): Promise<AttackedGateway> {
  let generation: PolicyGeneration | null = null;
  let meddling: Meddling | null = null;
  const gateway = await startTestGateway({
    intercept: (backends) => ({
      ...backends,
      chain: {
        ...backends.chain,
        getAccounts: (...asked) => ({ ...backends.chain, ...meddling?.(backends.chain) }).getAccounts(...asked),
        simulate: (...asked) => ({ ...backends.chain, ...meddling?.(backends.chain) }).simulate(...asked),
      },
      policy: { current: () => generation ?? backends.policy.current() },
    }),
  });
  const { environment, agent } = gateway;
  const { rpcUrl } = environment.localnet;
  const scene = {
    wallet: environment.wallet.address,
    recipient: environment.recipient,
    mint: environment.token.address,
  };
  const bundleDirectory = join(environment.directory, 'attacked-bundle');
  const ruled = Object.entries({ trader: rules(scene), ...besides.agents?.(scene) });
  const agents = Object.fromEntries(ruled.map(([id, treasury]) => [id, { wallets: { treasury } }]));
  const idls = besides.idls === undefined ? {} : { idls: besides.idls };
  await buildBundle({ data: { agents }, outDir: bundleDirectory, ...idls });
  generation = await openGeneration({ bundleDirectory });
  const attacker = await generateKeyPairSigner();
  await airdrop(rpcUrl, attacker.address, 100_000_000_000n);
  const control = async (method: string, ...params: readonly unknown[]): Promise<void> => {
    const { result, error } = await rawCall(rpcUrl, method, params);
    if (result !== true) throw new Error(`${method}: ${JSON.stringify(error)}`);
  };
  for (const [program, elf] of programs) {
    await control('localnet_addProgram', program, Buffer.from(elf).toString('base64'));
  }
  const ask = (transaction: Uint8Array, setFreshBlockhash = true) =>
    agent.unary(SigningService.method.signTransaction, { wallet: 'treasury', transaction, setFreshBlockhash });
  const verdictOnBytes = async (transaction: Uint8Array, setFreshBlockhash = true): Promise<readonly string[]> => {
    const { outcome } = await ask(transaction, setFreshBlockhash);
    if (outcome.case === 'denied') return [...new Set(outcome.value.reasons.map(({ code }) => code))];
    return [outcome.case === 'signed' ? 'allowed' : outcome.case === 'pendingApproval' ? 'pending' : 'none'];
  };
  const verdictOrFault = async (transaction: Uint8Array, setFreshBlockhash = true): Promise<readonly string[]> => {
    try {
      return await verdictOnBytes(transaction, setFreshBlockhash);
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error;
      return [`[${error.reason}]`];
    }
  };
  return {
    ...gateway,
    scene,
    attacker,
    verdictOnBytes,
    verdictOrFault,
    signAnyway: (transaction) => signAnyway(environment.gateway, transaction),
    submit: async (transaction) => {
      const { error } = await sendRaw(rpcUrl, transaction);
      return error === undefined ? null : JSON.stringify(error);
    },
    fork: forking(rpcUrl, programs),
    put: (address, { owner, lamports, data }) =>
      control('localnet_setAccount', address, { owner, lamports, data: Buffer.from(data).toString('base64') }),
    advance: async (slots) => {
      await rawCall(rpcUrl, 'localnet_advanceSlots', [slots]);
    },
    meddle: (how) => {
      meddling = how;
    },
    verdictOn: (instructions) => verdictOnBytes(wireTransaction(scene.wallet, instructions)),
    signed: async (instructions) => {
      const { outcome } = await ask(wireTransaction(scene.wallet, instructions));
      if (outcome.case === 'signed') return outcome.value.transaction;
      const why = outcome.case === 'denied' ? outcome.value.reasons.map(({ message }) => message).join('\n') : '';
      throw new Error(`${outcome.case} ${why}`);
    },
    land: (instructions) => sendConfirmed(rpcUrl, attacker, instructions),
    account: async (address) => {
      const rpc = createSolanaRpc(rpcUrl);
      const { value } = await rpc.getAccountInfo(address, { commitment: 'confirmed', encoding: 'base64' }).send();
      if (value === null) return null;
      return { owner: value.owner, lamports: value.lamports, data: Buffer.from(value.data[0], 'base64') };
    },
  };
}

async function signAnyway({ backends }: Gateway, transaction: Uint8Array): Promise<Uint8Array> {
  const signer = backends.routes.get('treasury')?.signer;
  const parsed = parseTransaction(transaction);
  if (signer === undefined || parsed.kind === 'malformed') throw new Error('it cannot be signed');
  const { messageBytes, staticAccounts } = parsed.value;
  const own: readonly string[] = staticAccounts;
  const place = own.indexOf(signer.address);
  const result = await signer.sign(messageBytes, {
    kind: 'transaction',
    wireTransaction: transaction,
    deadline: Date.now() + 5_000,
    idempotencyKey: 'x',
    signal: AbortSignal.timeout(5_000),
  });
  if (result.kind !== 'signed') throw new Error(result.reason);
  return withSignature(parsed.value, place, result.signature);
}

/** The rules that a careful author would start from: small amounts, one recipient, the programs and instructions as given. */
export function carefulRules(
  { recipient, mint }: Scene,
  instructions: { readonly [program: string]: readonly string[] },
  guard: Rules = {},
): Rules {
  const programs = Object.fromEntries(Object.entries(instructions).map(([id, names]) => [id, { instructions: names }]));
  return {
    enabled: ['spending_limit', 'program_allowlist', 'address_allowlist', 'authority_guard', 'fee_limit'],
    spending_limit: { per_transaction: { SOL: 1_000_000n, [mint]: 1_000n, [WRAPPED_SOL]: 1_000_000n } },
    program_allowlist: { programs },
    address_allowlist: { recipients: { [recipient]: 'Alice' } },
    authority_guard: { account_owner_programs: { [TOKEN]: 'SPL Token' }, ...guard },
    fee_limit: { max_fee_lamports: 100_000n, max_rent_lamports: 5_000_000n },
  };
}

/** Careful in all but the list of programs: it has every program that keeps something for the wallet, with all instructions. */
export function allProgramsListed(scene: Scene, more: Rules = {}, guard: Rules = {}): Rules {
  const all = [
    SYSTEM,
    TOKEN,
    TOKEN_2022_PROGRAM,
    ASSOCIATED_TOKEN,
    COMPUTE_BUDGET,
    STAKE_PROGRAM,
    VOTE_PROGRAM,
    LOADER_V3_PROGRAM,
    LOADER_V4_PROGRAM,
    ADDRESS_LOOKUP_TABLE_PROGRAM,
  ];
  const programs = Object.fromEntries(all.map((program) => [program, { instructions: ['*'] }]));
  return { ...carefulRules(scene, {}, guard), program_allowlist: { programs: { ...programs, ...more } } };
}
