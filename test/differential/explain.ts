// Owns the comparison of effects with what really changed: every change of lamports, tokens and rights must be explained.
import { unwrapOption } from '@solana/kit';
import { getMintDecoder, getTokenDecoder, type Mint, type Token } from '@solana-program/token';
import { type Address, NATIVE_SOL } from '../../gateway/core/address.ts';
import type { AccountState } from '../../gateway/core/effects/chain-facts.ts';
import {
  ASSOCIATED_TOKEN_PROGRAM,
  NATIVE_MINT,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import type { Accounts, Execution } from './execution.ts';

/** What the effects leave unexplained, in words; empty where they explain everything. Only for executions that succeeded. */
export function unexplained(execution: Execution, wallet: Address): readonly string[] {
  return [
    ...missing(execution),
    ...lamportChanges(execution),
    ...tokenChanges(execution),
    ...rightChanges(execution),
    ...systemChanges(execution),
    ...walletLosses(execution, wallet),
    ...recipients(execution),
  ];
}

/** All facts were there; only what may change before the transaction lands stays open, on purpose: who closes, and all of a balance. */
function missing({ effects }: Execution): readonly string[] {
  return effects.missing
    .filter(({ fact, detail }) => fact !== 'amount' && !detail.includes('can be closed by'))
    .map(({ fact, detail }) => `missing ${fact}: ${detail}`);
}

/** To the lamport, for every account. */
function lamportChanges({ decoded, effects, before, after }: Execution): readonly string[] {
  const expected = new Map<Address, bigint>();
  const move = (from: Address, to: Address, amount: bigint): void => {
    expected.set(from, (expected.get(from) ?? 0n) - amount);
    expected.set(to, (expected.get(to) ?? 0n) + amount);
  };
  decoded.instructions.forEach(({ program }, index) => {
    for (const { instruction, asset, amount, source, destination } of effects.transfers) {
      if (instruction === index && (asset === NATIVE_SOL || asset === NATIVE_MINT)) move(source, destination, amount);
    }
    for (const { instruction, account, payer, rentLamports } of effects.creations) {
      if (instruction !== index) continue;
      const held = (before.get(account)?.lamports ?? 0n) + (expected.get(account) ?? 0n);
      // An associated account that has lamports already costs only what it lacks.
      const lacks = held < rentLamports ? rentLamports - held : 0n;
      move(payer, account, program === ASSOCIATED_TOKEN_PROGRAM ? lacks : rentLamports);
    }
  });
  const { payer, totalLamports } = effects.fee;
  expected.set(payer, (expected.get(payer) ?? 0n) - totalLamports);
  return changes(before, after, (state) => state?.lamports ?? 0n, expected, 'lamports');
}

/** Tokens other than wrapped SOL, whose amount follows lamports only when synced. */
function tokenChanges({ effects, before, after }: Execution): readonly string[] {
  const expected = new Map<Address, bigint>();
  const add = (account: Address, amount: bigint): void => {
    expected.set(account, (expected.get(account) ?? 0n) + amount);
  };
  for (const { asset, amount, source, destination } of effects.transfers) {
    if (asset === NATIVE_SOL || asset === NATIVE_MINT) continue;
    add(source, -amount);
    add(destination, amount);
  }
  for (const { kind, account, amount } of effects.supplyChanges) add(account, kind === 'mint' ? amount : -amount);
  const amountOf = (state: AccountState | null): bigint => {
    const token = readToken(state);
    return token === null || token.mint === NATIVE_MINT ? 0n : token.amount;
  };
  return changes(before, after, amountOf, expected, 'tokens');
}

function changes(
  before: Accounts,
  after: Accounts,
  amountOf: (state: AccountState | null) => bigint,
  expected: ReadonlyMap<Address, bigint>,
  what: string,
): readonly string[] {
  return [...before].flatMap(([address, state]) => {
    const change = amountOf(after.get(address) ?? null) - amountOf(state);
    const said = expected.get(address) ?? 0n;
    return change === said ? [] : [`${address}: ${what} changed by ${change}, effects say ${said}`];
  });
}

function rightChanges({ effects, before, after }: Execution): readonly string[] {
  const problems: string[] = [];
  const changed = (kind: string, account: Address): boolean =>
    effects.authorityChanges.some((change) => change.kind === kind && change.account === account);
  const need = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  for (const [address, state] of before) {
    const old = readToken(state);
    const now = readToken(after.get(address) ?? null);
    const closed = effects.closes.some(({ account }) => account === address);
    if (old !== null && now === null) need(closed, `${address} was closed`);
    if (old !== null && now !== null && !closed) {
      const owner = changed('token_account_owner', address);
      need(old.owner === now.owner || owner, `${address} has a new owner`);
      const delegate = unwrapOption(now.delegate);
      const approved = effects.approvals.some((a) => a.account === address && a.delegate === delegate);
      const grew = delegate !== unwrapOption(old.delegate) || now.delegatedAmount > old.delegatedAmount;
      need(delegate === null || !grew || approved, `${address} has a new delegate`);
      const sameCloser = unwrapOption(old.closeAuthority) === unwrapOption(now.closeAuthority);
      need(sameCloser || owner || changed('close_account', address), `${address} has a new close authority`);
      const toggled = changed('token_account_freeze', address) || changed('token_account_thaw', address);
      need(old.state === now.state || toggled, `${address} was frozen or thawed`);
    }
    problems.push(...mintRights(address, readMint(state), readMint(after.get(address) ?? null), changed));
  }
  return problems;
}

function mintRights(
  address: Address,
  old: Mint | null,
  now: Mint | null,
  changed: (kind: string, account: Address) => boolean,
): readonly string[] {
  if (old === null || now === null) return [];
  const minter = unwrapOption(old.mintAuthority) === unwrapOption(now.mintAuthority);
  const freezer = unwrapOption(old.freezeAuthority) === unwrapOption(now.freezeAuthority);
  return [
    ...(minter || changed('mint_tokens', address) ? [] : [`${address} has a new mint authority`]),
    ...(freezer || changed('freeze_account', address) ? [] : [`${address} has a new freeze authority`]),
  ];
}

/** System accounts: their owner program, their size, and the state of nonces. */
function systemChanges({ effects, before, after }: Execution): readonly string[] {
  return [...before].flatMap(([address, state]) => {
    const now = after.get(address) ?? null;
    if (state === null || now === null || state.owner !== SYSTEM_PROGRAM) return [];
    const handedOver = effects.authorityChanges.some(
      ({ kind, account }) => account === address && kind.startsWith('system_'),
    );
    const created = effects.creations.some(({ account }) => account === address);
    const nonce = effects.operations.some(({ account }) => account === address);
    const sameData = Buffer.compare(Buffer.from(state.data), Buffer.from(now.data)) === 0;
    return [
      ...(state.owner === now.owner || handedOver || created ? [] : [`${address} was assigned`]),
      ...(sameData || handedOver || created || nonce ? [] : [`${address} has other data`]),
    ];
  });
}

/** What the wallet and its token accounts lost is at most what the sums say. */
function walletLosses({ effects, before, after }: Execution, wallet: Address): readonly string[] {
  const own = [...before].filter(([address, state]) => {
    const now = readToken(after.get(address) ?? null);
    return address === wallet || readToken(state)?.owner === wallet || now?.owner === wallet;
  });
  const sum = (asset: string): bigint => effects.outflows.find((total) => total.asset === asset)?.amount ?? 0n;
  let lamports = 0n;
  const tokens = new Map<Address, bigint>();
  for (const [address, state] of own) {
    lamports += (state?.lamports ?? 0n) - (after.get(address)?.lamports ?? 0n);
    const old = readToken(state);
    const now = readToken(after.get(address) ?? null);
    const mint = old?.mint ?? now?.mint;
    if (mint === undefined || mint === NATIVE_MINT) continue;
    tokens.set(mint, (tokens.get(mint) ?? 0n) + (old?.amount ?? 0n) - (now?.amount ?? 0n));
  }
  const fee = effects.fee.payer === wallet ? effects.fee.totalLamports : 0n;
  const allowed = sum(NATIVE_SOL) + sum(NATIVE_MINT) + effects.rentLamports + fee;
  const problems = lamports <= allowed ? [] : [`the wallet lost ${lamports} lamports, effects allow ${allowed}`];
  for (const [mint, lost] of tokens) {
    if (lost > sum(mint)) problems.push(`the wallet lost ${lost} of ${mint}, effects say ${sum(mint)}`);
  }
  return problems;
}

/** Where the owner of a credited token account did not change in between, it is the recipient. */
function recipients({ effects, before, after }: Execution): readonly string[] {
  const moved = new Set(effects.authorityChanges.map(({ account }) => account));
  const closed = new Set(effects.closes.map(({ account }) => account));
  return effects.transfers.flatMap(({ asset, destination, recipient }) => {
    if (asset === NATIVE_SOL || recipient === null || moved.has(destination) || closed.has(destination)) return [];
    const holder = readToken(after.get(destination) ?? null) ?? readToken(before.get(destination) ?? null);
    // Unwrapped SOL goes to accounts of any kind.
    const owner = holder === null ? destination : holder.owner;
    // What the wallet moves to an account of its own that somebody may hold the key of is said to go to that account.
    return owner === recipient || recipient === destination
      ? []
      : [`${destination} belongs to ${owner}, effects say ${recipient}`];
  });
}

function readToken(state: AccountState | null): Token | null {
  if (state === null || state.owner !== TOKEN_PROGRAM || state.data.length !== 165) return null;
  const token = getTokenDecoder().decode(state.data);
  return token.state === 0 ? null : token;
}

function readMint(state: AccountState | null): Mint | null {
  if (state === null || state.owner !== TOKEN_PROGRAM || state.data.length !== 82) return null;
  return getMintDecoder().decode(state.data);
}
