// Owns the listener that agents call.
import { SessionKeyService } from '../../proto/gen/countersign/v1/session_key_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import type { SessionKeys } from '../pipeline/administration/session-keys.ts';
import type { SigningPipeline } from '../pipeline/pipeline-contract.ts';
import { type Authenticate, agentsOnly } from './authenticate.ts';
import { type ListenerOptions, type RpcListener, startListener } from './listener.ts';
import { addService } from './service.ts';
import { ownSessionKeyMethods } from './services/session-key-service.ts';
import { signingMethods } from './services/signing-service.ts';

export interface DataPlaneOptions extends ListenerOptions {
  readonly authenticate: Authenticate;
  readonly pipeline: SigningPipeline;
  readonly sessionKeys: SessionKeys;
}

/** Throws when it cannot listen; see {@link startListener}. */
export function startDataPlane(options: DataPlaneOptions): Promise<RpcListener> {
  const admit = agentsOnly(options.authenticate);
  return startListener('data plane', options, [
    {
      service: SigningService,
      addTo: (server, edge) => addService(server, edge, SigningService, admit, signingMethods(options.pipeline)),
    },
    {
      service: SessionKeyService,
      addTo: (server, edge) =>
        addService(server, edge, SessionKeyService, admit, ownSessionKeyMethods(options.sessionKeys)),
    },
  ]);
}
