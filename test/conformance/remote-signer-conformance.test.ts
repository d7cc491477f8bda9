import { RETRY_AFTER_SECONDS } from '../fakes/plain-signing-service/misbehaved-answer.ts';
import { startPlainSigningService } from '../fakes/plain-signing-service/service.ts';
import { createPlainSigner } from '../fakes/plain-signing-service/signer.ts';
import type { RemoteSignerUnderTest } from './remote-signer.ts';
import { describeRemoteSigner } from './remote-signer-conformance.ts';
import { describeSignerConformance } from './signer-conformance.ts';

async function open(repeatable: boolean, wantsTransactions: boolean): Promise<RemoteSignerUnderTest> {
  const service = await startPlainSigningService();
  return {
    signer: createPlainSigner(service, repeatable),
    service,
    backend: 'plain',
    address: service.address,
    retryAfterMs: RETRY_AFTER_SECONDS * 1_000,
    wantsTransactions,
    cannot: {},
  };
}

describeSignerConformance('a plain service', () => open(true, true));
describeRemoteSigner('a plain service', () => open(true, true));
describeRemoteSigner('a plain service that is not asked twice', () => open(false, false));
