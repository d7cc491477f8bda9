// Owns which key of the configuration is named where a signer of a wallet template fails: one under `signer` of its entry.
import type { Signer } from '../../../signers/signer.ts';
import { faultOf, SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';

/** What an entry of `signers` has besides: of these wallets it stands in the record, where nobody can put it right. */
const OF_THE_KEY: ReadonlySet<string> = new Set([
  'address',
  'key',
  'key_arn',
  'key_version',
  'sign_with',
  'vault_account_id',
  'wallet_id',
]);

export function withSignerFields(opened: OpenedTemplate): OpenedTemplate {
  return {
    ...opened,
    openSigner: async (key): Promise<Signer> => {
      const signer = await opened.openSigner(key).catch((error: unknown) => {
        throw faultUnderSigner(faultOf(error));
      });
      return {
        ...signer,
        check: async (signal) => {
          const check = await signer.check(signal);
          return check.kind === 'failed' ? { ...check, field: fieldUnderSigner(check.field) } : check;
        },
      };
    },
  };
}

export function faultUnderSigner({ field, message }: SignerFault): SignerFault {
  return new SignerFault(fieldUnderSigner(field), message);
}

function fieldUnderSigner(field: string | null): string | null {
  return field === null || OF_THE_KEY.has(field) ? null : `signer.${field}`;
}
