// Owns a wallet template as compose hands it on: opened, or with what is wrong with it.
import { guardSignerIn } from '../../../signers/guard/guard-signer.ts';
import { createServiceRoom, type ServiceRoom } from '../../../signers/guard/service-room.ts';
import type { CreatedKey } from '../../../signers/key-creator.ts';
import { keystoreIn } from '../../../signers/local-keypair/local-key-creator.ts';
import type { Signer } from '../../../signers/signer.ts';
import type { TemplateTerms } from '../../config/templates/template-keys.ts';
import { createLazySigner } from '../lazy-signer.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

export interface ComposedTemplate {
  readonly terms: TemplateTerms;
  readonly opened: OpenedTemplate;
  /** Why it is not open; `null`: it is. */
  readonly fault: () => SignerFault | null;
  /** Where it is not open: tries that again, unless it was tried just now. */
  readonly tryAgain: () => Promise<void>;
  /** Of a key of the record, and of the backend that made it, as far as that is known. All share the room that the service has. Asks no service. */
  readonly signerOf: (key: CreatedKey, madeBy: string | null) => Signer;
  /** What makes keys, and what its signers share; each of those is closed for itself. */
  close(): Promise<void>;
}

export interface TemplateOptions extends Pick<ComposedTemplate, 'terms' | 'opened' | 'fault' | 'tryAgain'> {
  /** What bounds a call that has no bound of its own. */
  readonly signerTimeoutMs: number;
  readonly breakerMoved: (address: string, state: 'open' | 'closed') => void;
}

export function composeTemplate({ signerTimeoutMs, breakerMoved, ...template }: TemplateOptions): ComposedTemplate {
  const { terms, opened } = template;
  const { creator } = opened;
  let room: ServiceRoom | null = null;
  /** Where the template is of another type now, that is what is wrong, whatever its new backend makes of the record. */
  const openKey = (key: CreatedKey, madeBy: string | null): Promise<Signer> =>
    opened.openSigner(key).catch((error: unknown) => {
      if (madeBy === null || madeBy === creator.backend) throw error;
      const now = `the template ${terms.name} is of the type ${creator.backend} now`;
      throw new SignerFault(null, `its key was made by ${madeBy}, and ${now}: give each its own name`);
    });
  const openGuarded = async (key: CreatedKey, madeBy: string | null): Promise<Signer> => {
    const signer = await openKey(key, madeBy);
    // Known once it is open.
    const { guard } = opened;
    if (guard === null) return signer;
    room ??= createServiceRoom(guard);
    return guardSignerIn(room, signer, {
      timeoutMs: guard.timeoutMs ?? signerTimeoutMs,
      breakerMoved: (state) => breakerMoved(key.address, state),
    });
  };
  const signerOf = (key: CreatedKey, madeBy: string | null): Signer => {
    const { address } = key;
    const { backend } = creator;
    // By what the record has of the key, whatever the template is now: what a backend was asked before may have left a signature there.
    const custody = keystoreIn(key) === null ? 'remote' : 'process';
    return createLazySigner({ name: terms.name, backend, address, custody, open: () => openGuarded(key, madeBy) });
  };
  const close = (): Promise<void> => {
    // A service that rests would keep the process up.
    room?.rest.end();
    return creator.close();
  };
  return { ...template, signerOf, close };
}
