// Owns whether signers could sign now: each is checked at the start and from then on, and the gateway is ready or not by what that shows.
import type { SignerCheck } from '../../signers/signer.ts';
import type { WalletConfig } from '../config/config.ts';
import { type BackendCheck, type BackendCheckDeps, checkSigners } from '../pipeline/administration/backend-checks.ts';
import type { ReadyPart } from '../telemetry/http.ts';
import type { Log } from '../telemetry/log.ts';
import { firstRound } from './first-round.ts';

export interface SignerWatch {
  /** One part a signer. */
  readonly parts: () => readonly ReadyPart[];
  readonly seen: () => readonly SeenSigner[];
  /** What a check of somebody else found counts at once. */
  readonly heard: (checks: readonly SignerFinding[]) => void;
  /** Returns when each was checked once, or after two seconds. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

type SignerFinding = Pick<BackendCheck, 'name' | 'result'>;

export interface SeenSigner {
  readonly name: string;
  readonly backend: string;
  /** `null`: it was not checked yet. */
  readonly last: { readonly check: SignerCheck /** Unix milliseconds. */; readonly at: number } | null;
  /** Unix milliseconds of the first check in a row that failed; `null`: the last one did not. */
  readonly failingSince: number | null;
  /** It was ready once since the start: what it needs of the configuration was right then. */
  readonly wasReady: boolean;
}

export interface SignerWatchOptions {
  /** Its signers stay as they are: those of wallets that are made through the gateway, which come and go, are not among them. */
  readonly checked: BackendCheckDeps;
  readonly wallets: readonly Pick<WalletConfig, 'signers'>[];
  /** Whether wallets are served whose signers are not watched. */
  readonly servesOthers: () => boolean;
  readonly log: Log;
  readonly now: () => number;
}

export const CHECK_FAILED_EVERY_MS = 30_000;
export const CHECK_READY_EVERY_MS = 60_000;

export function createSignerWatch({ checked, wallets, servesOthers, log, now }: SignerWatchOptions): SignerWatch {
  const seen = new Map<string, SeenSigner>(
    [...checked.signers.values()].map(({ name, backend }) => [
      name,
      { name, backend, last: null, failingSince: null, wasReady: false },
    ]),
  );
  const timers = new Map<string, NodeJS.Timeout>();
  let isStopped = false;
  const note = ({ name, result: check }: SignerFinding): void => {
    const before = seen.get(name);
    if (before === undefined || isStopped) return;
    tellChange(log, before, check);
    const at = now();
    const isReady = check.kind === 'ready';
    const failingSince = isReady ? null : (before.failingSince ?? at);
    seen.set(name, { ...before, last: { check, at }, failingSince, wasReady: before.wasReady || isReady });
  };
  const look = async (name: string): Promise<void> => {
    const [found] = (await checkSigners(checked, { kind: 'named', name })).checks;
    if (found === undefined || isStopped) return;
    note(found);
    const everyMs = found.result.kind === 'ready' ? CHECK_READY_EVERY_MS : CHECK_FAILED_EVERY_MS;
    timers.set(name, setTimeout(() => void look(name), everyMs).unref());
  };
  return {
    parts: () => partsOf([...seen.values()], wallets, servesOthers()),
    seen: () => [...seen.values()],
    heard: (checks) => {
      for (const check of checks) note(check);
    },
    start: async () => {
      await firstRound(Promise.all([...seen.keys()].map(look)));
    },
    stop: async () => {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

/**
 * What the configuration has wrong from the start is for somebody to mend before this gateway gets calls. A backend that is away is not, while
 * some wallet can sign: others work, and taking this gateway out would take them out too.
 */
export function partsOf(
  seen: readonly SeenSigner[],
  wallets: readonly Pick<WalletConfig, 'signers'>[],
  servesOthers: boolean,
): readonly ReadyPart[] {
  const ready = new Set(seen.filter(({ last }) => last?.check.kind === 'ready').map(({ name }) => name));
  const someWalletSigns = servesOthers || wallets.some(({ signers }) => signers.some((name) => ready.has(name)));
  return seen.map(({ name, last, wasReady }) => {
    const part = `signer ${name}`;
    if (last === null) return { part, ready: false, detail: 'its first check is under way' };
    const { check } = last;
    if (check.kind === 'ready') return { part, ready: true };
    const isOfConfiguration = check.field !== null && !wasReady;
    return { part, ready: someWalletSigns && !isOfConfiguration, detail: failureText(check) };
  });
}

function failureText({ field, reason }: Extract<SignerCheck, { readonly kind: 'failed' }>): string {
  return field === null ? reason : `${field}: ${reason}`;
}

function tellChange(log: Log, { name, backend, last }: SeenSigner, check: SignerCheck): void {
  const facts = { part: 'signer', signer: name, backend };
  if (check.kind === 'ready') {
    if (last?.check.kind === 'failed') log.info(facts, 'the signer is ready');
    return;
  }
  const isNews = last === null || last.check.kind === 'ready' || failureText(last.check) !== failureText(check);
  if (isNews) log.warn({ ...facts, field: check.field, reason: check.reason }, 'the signer is not ready');
}
