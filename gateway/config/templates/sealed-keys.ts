// Owns what a wallet template may not allow where keys are made in a cloud's KMS and never leave it.
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import type { TemplateTerms } from './template-keys.ts';

/** `service`: as people know it. */
export function refuseSealedKeys(reader: SectionReader, at: KeyPath, terms: TemplateTerms, service: string): void {
  if (terms.allowExport) {
    reader.refuse([...at, 'allow_export'], `must be false for this type: no key leaves ${service}`);
  }
  if (terms.allowImport) {
    const instead = `import it with the tools of ${service}, and name it under signers`;
    reader.refuse([...at, 'allow_import'], `must be false for this type: the gateway brings no key; ${instead}`);
  }
}
