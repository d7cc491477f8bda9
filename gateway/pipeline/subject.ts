// Owns what a judged request touches and uses, for what the gateway itself enforces: forbidden actions, freezes
// and limits.
import type { Use } from '../core/budget/charge.ts';
import type { Acts } from '../core/controls/forbidden.ts';
import type { FreezeSubject } from '../core/controls/freeze.ts';
import type { Effects } from '../core/effects/effects.ts';
import type { DecodedInstruction } from '../core/transaction/decoded-transaction.ts';
import type { EstablishedTransaction } from './decode.ts';

/** `null`: a message, which calls and moves nothing. */
export type Established = Pick<EstablishedTransaction, 'decoded' | 'effects' | 'simulation'> | null;

export function useOf(established: Established, wallet: string): Use {
  return { effects: effectsOf(established), wallet, programs: programsOf(established) };
}

/** `null`: a message, which does nothing. */
export function actsOf(established: Established, wallet: string): Acts | null {
  if (established === null) return null;
  const { decoded, simulation } = established;
  const divergences = simulation.status === 'succeeded' ? simulation.divergences : [];
  return { wallet, lifetime: decoded.lifetime, effects: effectsOf(established), divergences };
}

export function freezeSubject(established: Established, agentId: string, walletId: string): FreezeSubject {
  const effects = effectsOf(established);
  const named = addressesIn(established);
  return {
    agentId,
    walletId,
    programs: new Set([...programsOf(established), ...named]),
    mints: new Set([...effects.flatMap(mintsOf), ...named]),
    recipients: new Set([...effects.flatMap(recipientsOf), ...named]),
  };
}

/** Of the message, then of its simulation where that succeeded. */
export function effectsOf(established: Established): readonly Effects[] {
  if (established === null) return [];
  const { effects, simulation } = established;
  return simulation.status === 'succeeded' ? [effects, simulation.effects] : [effects];
}

function programsOf(established: Established): ReadonlySet<string> {
  if (established === null) return new Set();
  const { decoded, simulation } = established;
  const inner = simulation.status === 'succeeded' ? simulation.instructions.map(({ instruction }) => instruction) : [];
  return new Set([...decoded.instructions, ...inner].flatMap(programsWithin));
}

function programsWithin(instruction: DecodedInstruction): readonly string[] {
  const parts = instruction.kind === 'known' ? instruction.parts : [];
  return [instruction.program, ...parts.flatMap(programsWithin)];
}

function mintsOf({ transfers, mints, approvals, supplyChanges, protectedBalances }: Effects): readonly string[] {
  return [
    ...transfers.map(({ asset }) => asset),
    ...mints.map(({ mint }) => mint),
    ...approvals.flatMap(({ asset }) => asset ?? []),
    ...supplyChanges.flatMap(({ asset }) => asset ?? []),
    ...protectedBalances.map(({ asset }) => asset),
  ];
}

function recipientsOf({ transfers, approvals, authorityChanges, closes, dataAddresses }: Effects): readonly string[] {
  return [
    ...transfers.flatMap(({ destination, recipient }) => [destination, ...(recipient === null ? [] : [recipient])]),
    ...approvals.map(({ delegate }) => delegate),
    ...authorityChanges.flatMap(({ to }) => to ?? []),
    ...closes.map(({ destination }) => destination),
    ...dataAddresses.map(({ address }) => address),
  ];
}

/** What is frozen and merely named stops the transaction too: what a program does with it is its own affair. */
function addressesIn(established: Established): readonly string[] {
  return established === null ? [] : established.decoded.accounts.map(({ address }) => address);
}
