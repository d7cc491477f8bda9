// Owns the harmless round trip to Koras: that they live, take the credentials, hold the fee payer's key, and what they would pay for.
import { isRecord } from '../json-exact.ts';
import type { RelayerCheck } from '../relayer.ts';
import { askPayerSigner, feePayersOf } from './fee-payer-address.ts';
import type { KoraClient, KoraFailure } from './kora-client.ts';

/** `pinned`: the address of `fee_payer`; `null`: any. Ready where one of them is. */
export async function checkKoras(
  clients: readonly KoraClient[],
  pinned: string | null,
  signal: AbortSignal,
): Promise<RelayerCheck> {
  const looks = await Promise.all(clients.map((client) => look(client, pinned, signal)));
  const detail = looks.map((each) => (typeof each === 'string' ? each : `NOT READY: ${each.reason}`)).join('; ');
  const failures = looks.filter((each) => typeof each !== 'string');
  const [first] = failures;
  if (first === undefined || failures.length < looks.length) return { kind: 'ready', detail };
  return { kind: 'failed', field: first.field, reason: failures.map(({ reason }) => reason).join('; ') };
}

async function look(client: KoraClient, pinned: string | null, signal: AbortSignal): Promise<string | KoraFailure> {
  const started = performance.now();
  const alive = await client.call('liveness', null, signal);
  // It can be switched off; the next call tells as much.
  if (alive.kind === 'failed' && alive.again !== 'never') return alive;
  const told = await askPayerSigner(client, signal);
  if (typeof told !== 'string') return told;
  const milliseconds = Math.round(performance.now() - started);
  const config = await client.call('getConfig', null, signal);
  const known = config.kind === 'result' && isRecord(config.result) ? config.result : {};
  if (pinned !== null && ![told, ...feePayersOf(config)].includes(pinned)) {
    const reason = `Kora ${client.host}: it pays as ${told}, not as fee_payer says`;
    return { kind: 'failed', field: 'fee_payer', again: 'never', reason };
  }
  const terms = isRecord(known.validation_config)
    ? termsOf(known.validation_config)
    : 'does not show its configuration';
  return `Kora ${client.host} pays as ${pinned ?? told}, ${terms} (answered within ${milliseconds} ms)`;
}

/** What it says of itself, as far as it is what a Kora says. */
function termsOf(validation: Readonly<Record<string, unknown>>): string {
  const { price, max_allowed_lamports: lamports, max_signatures: signatures, allowed_programs: programs } = validation;
  const named = Array.isArray(programs) ? programs.filter((each) => typeof each === 'string' && isAddress(each)) : [];
  return [
    `price ${priceOf(price)}`,
    `at most ${count(lamports)} lamports and ${count(signatures)} signatures a transaction`,
    `programs ${named.length === 0 ? 'none' : named.slice(0, 20).join(', ')}${named.length > 20 ? ', …' : ''}`,
  ].join(', ');
}

function priceOf(price: unknown): string {
  if (!isRecord(price)) return 'not shown';
  switch (price.type) {
    case 'free':
      return 'free';
    case 'margin':
      return `margin ${count(price.margin)}`;
    case 'fixed':
      return `fixed, ${count(price.amount)} of ${isAddress(price.token) ? price.token : 'a token'}`;
    default:
      return 'not shown';
  }
}

function count(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : 'an unknown number of';
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(value);
}
