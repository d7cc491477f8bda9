import { expect, it } from 'vitest';
import type { Cosigning } from '../../relayer/fee-payer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import type { OpenedRelayer } from './relayers.ts';
import { TRY_EVERY_MS, unopenedPart } from './reopening.ts';
import { createUnopenedRelayer } from './unopened-relayer.ts';
import { SignerFault } from './unopened-signer.ts';

const LACK = new SignerFault('api_key_file', 'it cannot be read');
const bytes = Uint8Array.of(1);
const { signal } = new AbortController();
const context = { deadline: Number.MAX_SAFE_INTEGER, idempotencyKey: 'one', signal };

function relayer(name: string, sent: string[]): Relayer {
  return {
    name,
    backend: 'rpc',
    lack: () => null,
    submit: async () => {
      sent.push(name);
      return { kind: 'accepted' };
    },
    check: async () => ({ kind: 'ready', detail: name }),
    close: async () => void sent.push(`${name} closed`),
  };
}

/** Its secret comes when `isThere`. */
function lacking(kind: 'rpc' | 'kora') {
  const sent: string[] = [];
  const scene = { isThere: false, elapsedMs: 0, sent };
  const cosign = async (): Promise<Cosigning> => ({ kind: 'signed', signature: new Uint8Array(64) });
  const payer = { name: 'paid', backend: 'kora', address: 'payer', custody: 'remote', cosign } as const;
  const open = async (): Promise<OpenedRelayer> => {
    if (!scene.isThere) throw LACK;
    return { relayer: relayer('real', scene.sent), feePayer: kind === 'kora' ? payer : null, sponsorship: null };
  };
  const sender = kind === 'kora' ? relayer('sender', scene.sent) : null;
  const options = { name: 'paid', backend: kind, sender, fault: LACK, open, elapsedMs: () => scene.elapsedMs };
  const opened = createUnopenedRelayer(options);
  const come = () => {
    [scene.isThere, scene.elapsedMs] = [true, scene.elapsedMs + TRY_EVERY_MS];
  };
  return { scene, opened, come };
}

it('a Kora that lacks its credentials pays for nothing and has no address, and what it paid for before is sent', async () => {
  const { scene, opened } = lacking('kora');
  expect(opened.feePayer).toMatchObject({ address: null });
  expect(await opened.feePayer?.cosign(bytes, bytes, context)).toEqual({
    kind: 'unavailable',
    reason: 'the relayer paid is not open: api_key_file: it cannot be read',
  });
  expect(await opened.relayer.check(signal)).toEqual({ kind: 'failed', field: LACK.field, reason: LACK.message });
  expect(await opened.relayer.submit(bytes, signal)).toEqual({ kind: 'accepted' });
  expect(scene.sent).toEqual(['sender']);
});

it('lacks, to send, what the one lacks that sends for it', async () => {
  const { opened } = lacking('kora');
  expect(opened.relayer.lack()).toBeNull();
});

it('one that sends by itself says what it lacks, and looks for it whenever it is asked', async () => {
  const { opened, come } = lacking('rpc');
  expect(opened.relayer.lack()).toBe('it cannot be read');
  come();
  await expect.poll(() => opened.relayer.lack()).toBeNull();
});

it('one that sends by itself leaves open what became of it', async () => {
  const { opened } = lacking('rpc');
  expect(opened.feePayer).toBeNull();
  expect(await opened.relayer.submit(bytes, signal)).toEqual({
    kind: 'unknown',
    reason: 'the relayer paid is not open: api_key_file: it cannot be read',
  });
});

it('is itself from when its secret is there, which a look finds out', async () => {
  for (const kind of ['rpc', 'kora'] as const) {
    const { scene, opened, come } = lacking(kind);
    const look = () => (opened.reopening === undefined ? [] : unopenedPart('relayer paid', opened.reopening));
    const part = { part: 'relayer paid', ready: false, detail: 'api_key_file: it cannot be read' };
    expect(look()).toEqual([part]);
    come();
    look();
    await expect.poll(look).toEqual([]);
    expect(await opened.relayer.check(signal)).toEqual({ kind: 'ready', detail: 'real' });
    expect(opened.feePayer?.address ?? null).toBe(kind === 'kora' ? 'payer' : null);
    const cosigned = await opened.feePayer?.cosign(bytes, bytes, context);
    expect(cosigned?.kind).toBe(kind === 'kora' ? 'signed' : undefined);
    await opened.relayer.submit(bytes, signal);
    await opened.relayer.close();
    expect(scene.sent).toEqual([kind === 'kora' ? 'sender' : 'real', 'real closed']);
  }
});
