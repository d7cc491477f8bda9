// Owns a wallet template as compose hands it on: opened, or with what is wrong with it.
import { guardSignerIn } from '../../../signers/guard/guard-signer.ts';
import { createServiceRoom } from '../../../signers/guard/service-room.ts';
import type { CreatedKey } from '../../../signers/key-creator.ts';
import { keystoreIn } from '../../../signers/local-keypair/local-key-creator.ts';
import type { Signer } from '../../../signers/signer.ts';
import type { TemplateTerms } from '../../config/templates/template-keys.ts';
import { createLazySigner } from '../lazy-signer.ts';
import type { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

export interface ComposedTemplate {
  readonly terms: TemplateTerms;
  readonly opened: OpenedTemplate;
  /** Why it is not open; `null`: it is. */
  readonly fault: SignerFault | null;
  /** Of a key of the record. All that are made here share the room that the service has. Asks no service. */
  readonly signerOf: (key: CreatedKey) => Signer;
  /** What makes keys, and what its signers share; each of those is closed for itself. */
  close(): Promise<void>;
}

export interface TemplateOptions {
  readonly terms: TemplateTerms;
  readonly opened: OpenedTemplate;
  readonly fault: SignerFault | null;
  /** What bounds a call that has no bound of its own. */
  readonly signerTimeoutMs: number;
  readonly breakerMoved: (address: string, state: 'open' | 'closed') => void;
}

export function composeTemplate({
  terms,
  opened,
  fault,
  signerTimeoutMs,
  breakerMoved,
}: TemplateOptions): ComposedTemplate {
  const { guard, creator, openSigner } = opened;
  const room = guard === null ? null : createServiceRoom(guard);
  const signerOf = (key: CreatedKey): Signer => {
    const { address } = key;
    const { backend } = creator;
    // By what the record has of the key, whatever the template is now: what a backend was asked before may have left a signature there.
    const custody = keystoreIn(key) === null ? 'remote' : 'process';
    const signer = createLazySigner({ name: terms.name, backend, address, custody, open: () => openSigner(key) });
    if (room === null) return signer;
    return guardSignerIn(room, signer, {
      timeoutMs: guard?.timeoutMs ?? signerTimeoutMs,
      breakerMoved: (state) => breakerMoved(address, state),
    });
  };
  const close = (): Promise<void> => {
    // A service that rests would keep the process up.
    room?.rest.end();
    return creator.close();
  };
  return { terms, opened, fault, signerOf, close };
}
