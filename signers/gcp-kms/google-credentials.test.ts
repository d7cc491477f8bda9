// Proves that a file of credentials that is none is not quoted.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGoogleCredentials } from './google-credentials.ts';

const KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

describe('the credentials that Google’s library finds by itself', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'google-credentials-'));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(directory, 'adc.json'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  it.each([
    ['begins with them', KEY],
    ['has them where no quotes are', `{"type":"service_account","private_key":${KEY}}`],
    ['breaks off in them', `{"type":"service_account","private_key":"${KEY}`],
  ])('are not repeated where their file is not JSON and %s', async (_how, text) => {
    await writeFile(join(directory, 'adc.json'), text);
    expect(await createGoogleCredentials(null).headers(AbortSignal.timeout(5_000))).toEqual({
      kind: 'none',
      reason: 'what should hold them is not JSON',
    });
  });

  it('are told to be missing in the library’s words', async () => {
    const found = await createGoogleCredentials(null).headers(AbortSignal.timeout(5_000));
    expect(found).toMatchObject({ kind: 'none', reason: expect.stringContaining('does not exist') });
  });
});
