// Owns whether the login of a key creator is good and may do what it is for, as far as that shows without making a key.
import type { SignerCheck } from '../signer.ts';
import { shownRight } from './creator-failure.ts';
import { lackingRights, type Right } from './rights.ts';
import type { VaultConnection } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';
import type { SessionAnswer } from './vault-session.ts';

/** No label is like it: they end in 8 digits. */
const NOBODYS_KEY = 'countersign-check';

export interface CreatorRights {
  readonly mount: string;
  readonly destroys: boolean;
  readonly exports: boolean;
  readonly imports: boolean;
}

export async function checkVaultCreator(
  vault: VaultConnection,
  rights: CreatorRights,
  signal: AbortSignal,
): Promise<SignerCheck> {
  const path = vaultPath(rights.mount, 'keys', NOBODYS_KEY);
  const failure = failureToLook(await vault.call({ method: 'GET', path }, signal));
  if (failure !== null) return failure;
  const lacking = await lackingRights(vault, rightsFor(rights), signal);
  if (lacking.length === 0)
    return { kind: 'ready', detail: `Vault ${vault.host}: it may make keys in ${rights.mount}` };
  const named = lacking.map(shownRight).join(', ').replaceAll(NOBODYS_KEY, '+');
  return failed('creator.auth', `Vault ${vault.host}: the policy of the creator's token must allow ${named}`);
}

function rightsFor({ mount, destroys, exports, imports }: CreatorRights): readonly Right[] {
  const path = vaultPath(mount, 'keys', NOBODYS_KEY);
  return [
    { capability: 'read', path },
    { capability: 'update', path },
    ...(destroys
      ? ([
          { capability: 'update', path: `${path}/config` },
          { capability: 'delete', path },
        ] as const)
      : []),
    ...(exports
      ? ([{ capability: 'read', path: vaultPath(mount, 'export/signing-key', NOBODYS_KEY, '1') }] as const)
      : []),
    ...(imports
      ? ([
          { capability: 'read', path: vaultPath(mount, 'wrapping_key') },
          { capability: 'update', path: `${path}/import` },
        ] as const)
      : []),
  ];
}

/** `null`: there is an engine where one should be. What forbids the look is said with the other rights. */
function failureToLook(answer: SessionAnswer): SignerCheck | null {
  switch (answer.kind) {
    case 'answered':
    case 'forbidden':
      return null;
    case 'no token':
      return failed(answer.field === null ? null : placeOf(answer.field), answer.reason);
    case 'lost':
      return failed('signer.url', answer.reason);
    case 'error': {
      const { status, errors, reason } = answer;
      if (status !== 404 || errors === null) return failed(status >= 429 ? null : 'signer.url', reason);
      return errors.length === 0 ? null : failed('signer.mount', reason);
    }
  }
}

/** The server is the same as the signers'; the login is the creator's own. */
function placeOf(field: string): string {
  return field === 'url' ? `signer.${field}` : `creator.${field}`;
}

function failed(field: string | null, reason: string): SignerCheck {
  return { kind: 'failed', field, reason };
}
