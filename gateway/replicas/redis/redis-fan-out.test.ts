import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startValkey, type ValkeyServer } from '../../../test/fakes/valkey-server.ts';
import type { Hint } from '../fan-out.ts';
import { opened } from './testing/open-scene.ts';

let valkey: ValkeyServer;
beforeAll(async () => {
  valkey = await startValkey();
});
afterAll(() => valkey.close());

it('leaves hints alone that are none, and those of nobody', async () => {
  const keyPrefix = `test-${randomUUID()}:`;
  const { fanOut } = await opened(valkey.url, { keyPrefix });
  const heard: Hint[] = [];
  fanOut.onHint((hint) => heard.push(hint));
  const tell = (text: string | Buffer) => valkey.client.publish(`${keyPrefix}hints`, text);
  for (const text of ['', 'FLUSHALL', '{"topics":["audit"]}', '1 x audit r']) await tell(text);
  await tell(Buffer.from([0xff, 0xfe, 0x00]));
  await tell(`1 0123456789abcdef audit ${'r'.repeat(5_000_000)}`);
  await tell('1 0123456789abcdef audit r-1');
  await vi.waitFor(() => expect(heard).not.toEqual([]));
  expect(heard).toEqual([{ topics: ['audit'], requests: ['r-1'] }]);
});

it('keeps so many hints at most until they can be sent, and loses the others', async () => {
  const keyPrefix = `test-${randomUUID()}:`;
  const [one, other] = [await opened(valkey.url, { keyPrefix }), await opened(valkey.url, { keyPrefix })];
  const heard = new Set<string>();
  other.fanOut.onHint(({ requests }) => {
    for (const id of requests) heard.add(id);
  });
  for (let n = 0; n < 10_000; n++) one.fanOut.publish({ topics: [], requests: [`r-${n}`] });
  await vi.waitFor(() => expect(heard.size).toBe(4_096));
  one.fanOut.publish({ topics: [], requests: ['last'] });
  await vi.waitFor(() => expect(heard).toContain('last'));
  expect(heard.size).toBe(4_097);
});
