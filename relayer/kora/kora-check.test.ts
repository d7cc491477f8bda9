import { afterEach, describe, expect, it } from 'vitest';
import { API_KEY, FEE_PAYER, HMAC_SECRET, WALLET } from '../../test/kora/scene.ts';
import type { RelayerCheck } from '../relayer.ts';
import { type OpenedKora, type OpenedKoraOptions, openKora } from './testing/opened-kora.ts';

let kora: OpenedKora | undefined;

async function check(
  options: OpenedKoraOptions,
  before?: (opened: OpenedKora) => Promise<void>,
): Promise<RelayerCheck> {
  kora = await openKora(options);
  await before?.(kora);
  return kora.relayer.check(AbortSignal.timeout(2_000));
}

afterEach(async () => {
  await kora?.close();
  kora = undefined;
});

describe('the check of a Kora', () => {
  it('says who pays, for what, and how fast it answered', async () => {
    const result = await check({});
    expect(result).toEqual({
      kind: 'ready',
      detail: expect.stringMatching(
        new RegExp(
          `^Kora 127.0.0.1:\\d+ pays as ${FEE_PAYER}, price free, at most 100000 lamports and 2 signatures a transaction, ` +
            `programs 11111111111111111111111111111111, Token.*, Memo\\w+ \\(answered within \\d+ ms\\)$`,
        ),
      ),
    });
  });

  it('signs nothing', async () => {
    await check({});
    expect(kora?.fakes[0].signatures()).toBe(0);
  });

  it('names the field of an API key that is not taken', async () => {
    const result = await check({
      relayer: { apiKey: async () => 'a-key-of-yesterday', hmacSecret: null },
      koras: [{ hmacSecret: null }],
    });
    expect(result).toMatchObject({ kind: 'failed', field: 'api_key_file', reason: expect.stringContaining('401') });
    expect(JSON.stringify(result)).not.toContain('a-key-of-yesterday');
  });

  it('names the field of credentials that are missing', async () => {
    const result = await check({ relayer: { apiKey: null, hmacSecret: null } });
    expect(result).toMatchObject({ field: 'api_key_file', reason: expect.stringContaining('it wants credentials') });
  });

  it('tells how far the clocks are apart where the HMAC is not taken', async () => {
    const result = await check({ relayer: { now: () => Date.now() - 400_000 } });
    expect(result).toMatchObject({
      kind: 'failed',
      field: 'hmac_secret_file',
      reason: expect.stringMatching(/its clock and ours are (399|400|401) s apart/),
    });
  });

  it('says why a secret cannot be read, and takes the new one without being opened again', async () => {
    let secret = () => Promise.reject<string>(new Error('/run/kora.key: it cannot be read'));
    const result = await check({ relayer: { apiKey: () => secret() } });
    expect(result).toMatchObject({
      field: 'api_key_file',
      reason: 'api_key_file: /run/kora.key: it cannot be read',
    });
    secret = () => Promise.resolve(API_KEY);
    expect(await kora?.relayer.check(AbortSignal.timeout(1_000))).toMatchObject({ kind: 'ready' });
  });

  it('refuses a secret that would not stand in a header', async () => {
    const result = await check({ relayer: { apiKey: async () => 'two\r\nlines' } });
    expect(result).toMatchObject({ field: 'api_key_file', reason: expect.stringContaining('visible ASCII') });
    expect(kora?.fakes[0].calls).toEqual([]);
  });

  it('names fee_payer where the Kora pays as another', async () => {
    expect(await check({ relayer: { feePayer: WALLET } })).toMatchObject({ kind: 'failed', field: 'fee_payer' });
  });

  it('is ready where one of several is, and names those that are not', async () => {
    const result = await check({ koras: [{}, {}] }, (opened) => opened.fakes[0].fall());
    expect(result).toMatchObject({
      kind: 'ready',
      detail: expect.stringMatching(/^NOT READY: .*ECONNREFUSED.*; Kora .* pays as/),
    });
  });

  it('names urls where none is there', async () => {
    const result = await check({ koras: [{}, {}], fallen: true });
    expect(result).toMatchObject({
      kind: 'failed',
      field: 'urls',
      reason: expect.stringMatching(/ECONNREFUSED.*; .*ECONNREFUSED/),
    });
  });

  it('holds no secret in anything it says', async () => {
    const results = [await check({}), await kora?.relayer.check(AbortSignal.abort())];
    expect(JSON.stringify(results)).not.toMatch(new RegExp(`${API_KEY}|${HMAC_SECRET}`));
  });
});
