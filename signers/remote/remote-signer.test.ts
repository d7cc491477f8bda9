import { afterAll } from 'vitest';
import type { RemoteSignerUnderTest } from '../../test/conformance/remote-signer.ts';
import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { RETRY_AFTER_MS } from '../../test/fakes/remote-signer-service/misbehaved-answer.ts';
import {
  KEY,
  type RemoteSignerService,
  startRemoteSignerService,
} from '../../test/fakes/remote-signer-service/service.ts';
import { openRemoteSigner, type RemoteSignerOptions } from './remote-signer.ts';

function optionsFor(service: RemoteSignerService): RemoteSignerOptions {
  const { target, address, authority, client } = service;
  const files = { caFile: authority.certFile, certFile: client.certFile, keyFile: client.keyFile };
  return { name: 'hsm', address, target, key: KEY, tls: { ...files, serverName: null } };
}

async function open(): Promise<RemoteSignerUnderTest> {
  const service = await startRemoteSignerService();
  return {
    signer: openRemoteSigner(optionsFor(service)),
    service,
    backend: 'remote',
    address: service.address,
    retryAfterMs: RETRY_AFTER_MS,
    wantsTransactions: false,
    cannot: {},
  };
}

const opened: RemoteSignerUnderTest[] = [];
afterAll(() => Promise.all(opened.map(({ service }) => service.close())));

describeSignerConformance('remote', async () => {
  const subject = await open();
  opened.push(subject);
  return subject;
});

describeRemoteSigner('remote', open);
