import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpListener, type ReadyPart, startHttpServer } from './http.ts';

let http: HttpListener;
let live: boolean;
let ready: () => Promise<readonly ReadyPart[]>;

beforeEach(async () => {
  live = true;
  ready = async () => [
    { part: 'store', ready: true },
    { part: 'chain', ready: true },
  ];
  const registry = new Registry();
  new Counter({ name: 'countersign_test_total', help: 'for this test', registers: [registry] }).inc();
  http = await startHttpServer({ address: '127.0.0.1:0', registry, live: () => live, ready: () => ready() });
});
afterEach(() => http.close());

async function get(path: string, method = 'GET') {
  const response = await fetch(`http://${http.address}${path}`, { method });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

describe('the HTTP side', () => {
  it('prints metrics in the format of Prometheus', async () => {
    const { status, type, text } = await get('/metrics?x=1');
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('countersign_test_total 1');
  });

  it('says whether it lives', async () => {
    expect(await get('/livez')).toMatchObject({ status: 200, text: '{"live":true}\n' });
    live = false;
    expect(await get('/livez')).toMatchObject({ status: 503, text: '{"live":false}\n' });
  });

  it('says whether it is ready, and names the parts that are not', async () => {
    expect(await get('/readyz')).toMatchObject({ status: 200 });
    ready = async () => [
      { part: 'store', ready: false, detail: 'no answer' },
      { part: 'chain', ready: true },
      { part: 'signer vault', ready: true, detail: 'it is sealed' },
    ];
    const { status, text } = await get('/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({
      ready: false,
      parts: ['store', 'chain', 'signer vault'],
      failing: [{ part: 'store', detail: 'no answer' }],
      degraded: [{ part: 'signer vault', detail: 'it is sealed' }],
    });
  });

  it('is not ready when the check itself fails, and does not show why', async () => {
    ready = () => Promise.reject(new Error('postgres://user:hunter2@db'));
    const { status, text } = await get('/readyz');
    expect(status).toBe(503);
    expect(text).not.toContain('hunter2');
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/metrics/../livez/x', 404],
    ['POST', '/metrics', 405],
    ['DELETE', '/livez', 405],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await get(path, method)).status).toBe(status);
  });

  it('says which address is taken', async () => {
    const options = { address: http.address, registry: new Registry(), live: () => true, ready };
    await expect(startHttpServer(options)).rejects.toThrow(`cannot use ${http.address}`);
  });
});
