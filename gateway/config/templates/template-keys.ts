// Owns the keys that the entries of all wallet templates have.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { name } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';

export const templateKeys = {
  name: name.describe('What `countersign wallets create --template` calls it.'),
  relayer: name.describe('Relayer of its wallets.'),
  relayer_fallbacks: z
    .array(name)
    .max(7)
    .default([])
    .describe('Relayers that are asked in this order where the first is away.'),
  max_wallets: z.int().min(1).max(100_000).default(100).describe('Wallets that it may have at once.'),
  allow_export: z
    .boolean()
    .default(false)
    .describe('Let `controls.wallet_quorum` admins have the key of one of its wallets, encrypted to one recipient.'),
  allow_import: z
    .boolean()
    .default(false)
    .describe('Let `controls.wallet_quorum` admins bring the key of a new wallet.'),
};

/** Of a template, whatever makes its keys. */
export interface TemplateTerms {
  readonly name: string;
  readonly relayers: readonly string[];
  readonly maxWallets: number;
  readonly allowExport: boolean;
  readonly allowImport: boolean;
}

interface TemplateEntry {
  readonly name: string;
  readonly relayer: string;
  readonly relayer_fallbacks: readonly string[];
  readonly max_wallets: number;
  readonly allow_export: boolean;
  readonly allow_import: boolean;
}

export function templateTermsOf(entry: TemplateEntry): TemplateTerms {
  return {
    name: entry.name,
    relayers: [entry.relayer, ...entry.relayer_fallbacks],
    maxWallets: entry.max_wallets,
    allowExport: entry.allow_export,
    allowImport: entry.allow_import,
  };
}

/** For backends whose keys no gateway can have or bring. `instead`: what can. */
export function refuseKeysInOrOut(reader: SectionReader, at: KeyPath, terms: TemplateTerms, instead: string): void {
  if (terms.allowExport) {
    reader.refuse([...at, 'allow_export'], `must be false for this type: its keys are exported with ${instead}`);
  }
  if (terms.allowImport) {
    reader.refuse([...at, 'allow_import'], `must be false for this type: keys are imported with ${instead}`);
  }
}
