import { afterAll, beforeAll } from 'vitest';
import { openVaultCreatorScene } from '../../../signers/vault-transit/testing/vault-creator-scene.ts';
import type { RemoteCreatorUnderTest } from '../../../test/conformance/key-creator.ts';
import { describeKeyCreator } from '../../../test/conformance/key-creator-conformance.ts';
import { describeRemoteKeyCreator } from '../../../test/conformance/remote-key-creator-conformance.ts';
import { type OpenBaoServer, startOpenBao } from '../../../test/fakes/openbao-server.ts';
import { openVaultTransitTemplate } from './vault-transit.ts';

let server: OpenBaoServer;
beforeAll(async () => {
  server = await startOpenBao();
});
afterAll(() => server.close());

async function open(): Promise<RemoteCreatorUnderTest> {
  const { service, template } = await openVaultCreatorScene(server);
  return {
    template: openVaultTransitTemplate(template, 5_000),
    service,
    backend: 'vault-transit',
    wantsTransactions: false,
    keepsKeys: true,
    can: ['destroy', 'export', 'import'],
    cannot: {},
  };
}

describeKeyCreator('vault-transit', open);
describeRemoteKeyCreator('vault-transit', open);
