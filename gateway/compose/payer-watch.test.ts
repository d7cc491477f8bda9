import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RelayerCheck } from '../../relayer/relayer.ts';
import { createLog } from '../telemetry/log.ts';
import { CHECK_EVERY_MS, createPayerWatch, type PayerWatch } from './payer-watch.ts';

const READY: RelayerCheck = { kind: 'ready', detail: 'pays' };
const DENIED: RelayerCheck = { kind: 'failed', field: 'api_key_file', reason: 'HTTP status 401' };
const AWAY: RelayerCheck = { kind: 'failed', field: 'urls', reason: 'connection refused' };

let said: Map<string, RelayerCheck>;
let asked: string[];
let watch: PayerWatch;

beforeEach(() => {
  vi.useFakeTimers();
  [said, asked] = [new Map(), []];
  const relayer = (name: string, backend: string) => ({
    name,
    backend,
    check: async () => {
      asked.push(name);
      return said.get(name) ?? READY;
    },
  });
  const relayers = [relayer('paid', 'kora'), relayer('node', 'rpc'), relayer('other', 'kora')];
  watch = createPayerWatch({
    checked: {
      signers: new Map(),
      relayers: new Map(relayers.map((one) => [one.name, one])),
      walletsOf: () => [],
    },
    log: createLog('fatal', { write: () => undefined }),
  });
});

afterEach(async () => {
  await watch.stop();
  vi.useRealTimers();
});

it('says which key of which relayer was never right, until it is, and looks no more at one that was', async () => {
  said.set('paid', DENIED);
  await watch.start();
  expect(watch.parts()).toEqual([{ part: 'relayer paid', ready: false, detail: 'api_key_file: HTTP status 401' }]);
  said.set('paid', READY).set('other', DENIED);
  await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS);
  expect(watch.parts()).toEqual([]);
  await vi.advanceTimersByTimeAsync(3 * CHECK_EVERY_MS);
  expect(asked).toEqual(['paid', 'other', 'paid']);
});

it('leaves the gateway ready where a service is away', async () => {
  said.set('paid', AWAY).set('other', { ...AWAY, field: null });
  await watch.start();
  expect(watch.parts()).toEqual([]);
});

it('looks at nothing any more once it is stopped', async () => {
  said.set('paid', DENIED);
  await watch.start();
  await watch.stop();
  await vi.advanceTimersByTimeAsync(3 * CHECK_EVERY_MS);
  expect(asked).toEqual(['paid', 'other']);
});
