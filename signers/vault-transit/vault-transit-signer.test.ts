import { afterAll, beforeAll } from 'vitest';
import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { type OpenBaoServer, startOpenBao } from '../../test/fakes/openbao-server.ts';
import { openVaultScene } from './testing/vault-scene.ts';
import { createVaultTransitSigner } from './vault-transit-signer.ts';

let server: OpenBaoServer;
beforeAll(async () => {
  server = await startOpenBao();
});
afterAll(() => server.close());

async function open() {
  const { service, options, secrets } = await openVaultScene(server);
  return {
    signer: createVaultTransitSigner(options),
    service: { ...service, secrets },
    backend: 'vault-transit',
    address: options.address,
    retryAfterMs: 7_000,
    wantsTransactions: false,
    cannot: {},
  };
}

describeSignerConformance('vault-transit', open);
describeRemoteSigner('vault-transit', open);
