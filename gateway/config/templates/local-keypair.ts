// Owns the `local-keypair` entry of the wallet templates.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type LocalAccountConfig, localAccountKeys, resolveLocalAccount } from '../signers/local-keypair.ts';
import { type TemplateTerms, templateKeys, templateTermsOf } from './template-keys.ts';

export const localKeypairTemplateSchema = z.strictObject({
  ...templateKeys,
  type: z
    .literal('local-keypair')
    .describe('Each wallet is a key that the gateway makes and the database keeps, encrypted; for development.'),
  signer: z
    .strictObject(localAccountKeys)
    .describe('What the keys are encrypted with: who has it and the database holds all of them.'),
  creator: z.strictObject({}).optional().describe('Nothing: the gateway makes the keys itself.'),
});

export interface LocalKeypairTemplate {
  readonly kind: 'local-keypair';
  readonly terms: TemplateTerms;
  readonly signer: LocalAccountConfig;
}

export async function resolveLocalKeypairTemplate(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof localKeypairTemplateSchema>,
): Promise<LocalKeypairTemplate | undefined> {
  const signer = await resolveLocalAccount(reader, [...at, 'signer'], entry.signer);
  return signer && { kind: 'local-keypair', terms: templateTermsOf(entry), signer };
}
