import { expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions, type HttpRequest } from './http-client.ts';

async function called(request: Partial<HttpRequest>, tls?: HttpClientOptions['tls']) {
  const bounds = { timeoutMs: 1_000, maxResponseBytes: 100, repeatStale: true };
  const client = createHttpClient({ ...bounds, ...(tls === undefined ? {} : { tls }) });
  const whole = { method: 'GET', url: new URL('https://127.0.0.1:9/'), headers: {}, body: null, ...request } as const;
  try {
    return await client.call(whole, new AbortController().signal);
  } finally {
    client.close();
  }
}

it.each<[string, string, Partial<HttpRequest>, HttpClientOptions['tls']]>([
  ['a secret of two lines', 'ERR_INVALID_CHAR', { headers: { authorization: 'Bearer hush\nhush' } }, undefined],
  ['a certificate that is none', 'ERR_OSSL_PEM_NO_START_LINE', {}, { cert: 'hush', key: 'hush' }],
])('a request that cannot be made of %s is lost, and certainly arrived nowhere', async (_, code, request, tls) => {
  const answer = await called(request, tls);
  expect(answer).toMatchObject({ kind: 'lost', reason: `the request cannot be made (${code})`, mayHaveArrived: false });
  expect(JSON.stringify(answer)).not.toContain('hush');
});
