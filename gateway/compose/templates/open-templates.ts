// Owns the opening of all wallet templates: the only place that names their backends. None stops the others where it cannot be opened.
import type { LackingTemplate, TemplateConfig } from '../../config/templates/templates.ts';
import type { Log } from '../../telemetry/log.ts';
import { faultOf, readAgain, SignerFault } from '../unopened-signer.ts';
import { openAwsKmsTemplate } from './aws-kms.ts';
import { type ComposedTemplate, composeTemplate } from './composed-template.ts';
import { openFireblocksTemplate } from './fireblocks.ts';
import { openGcpKmsTemplate } from './gcp-kms.ts';
import { openLocalKeypairTemplate } from './local-keypair.ts';
import type { OpenedTemplate } from './opened-template.ts';
import { openPrivyTemplate } from './privy.ts';
import { type ReopeningTemplate, reopeningTemplate } from './reopening-template.ts';
import { faultUnderSigner, withSignerFields } from './signer-fields.ts';
import { openTurnkeyTemplate } from './turnkey.ts';
import { openVaultTransitTemplate } from './vault-transit.ts';

export interface TemplatesOptions {
  readonly templates: readonly (TemplateConfig | LackingTemplate)[];
  readonly genesisHash: string;
  /** What bounds a call that has no bound of its own. */
  readonly signerTimeoutMs: number;
  readonly log: Log;
}

/** By name. Calls no service yet. */
export function openTemplates(
  { templates, genesisHash, signerTimeoutMs, log }: TemplatesOptions,
  onClose: (close: () => Promise<void>) => void,
): ReadonlyMap<string, ComposedTemplate> {
  const composed = templates.map((config) => {
    const { terms } = config;
    const opening = openedOrNot(config, genesisHash, signerTimeoutMs);
    const breakerMoved = (address: string, state: 'open' | 'closed'): void => {
      const facts = { part: 'signer', signer: terms.name, address };
      if (state === 'open') log.warn(facts, 'the key kept failing: it is left alone for 30 s, then one call tries it');
      else log.info(facts, 'the key works again');
    };
    const template = composeTemplate({ terms, ...opening, signerTimeoutMs, breakerMoved });
    onClose(template.close);
    return template;
  });
  return new Map(composed.map((template) => [template.terms.name, template]));
}

function openedOrNot(
  config: TemplateConfig | LackingTemplate,
  genesisHash: string,
  signerTimeoutMs: number,
): ReopeningTemplate {
  const elapsedMs = () => performance.now();
  const open = (complete: TemplateConfig): OpenedTemplate => {
    try {
      return withSignerFields(openTemplate(complete, genesisHash, signerTimeoutMs));
    } catch (error) {
      // What is opened at once is what creator and signers share, and that stands under `signer`.
      throw faultUnderSigner(faultOf(error));
    }
  };
  if (config.kind === 'lacking') {
    const { backend, field, reason } = config;
    const fault = new SignerFault(field, reason);
    return reopeningTemplate({ backend, fault, elapsedMs, open: async () => open(await readAgain(config)) });
  }
  try {
    return { opened: open(config), fault: () => null, tryAgain: async () => undefined };
  } catch (error) {
    return reopeningTemplate({
      backend: config.kind,
      fault: faultOf(error),
      elapsedMs,
      open: async () => open(config),
    });
  }
}

function openTemplate(config: TemplateConfig, genesisHash: string, signerTimeoutMs: number): OpenedTemplate {
  switch (config.kind) {
    case 'aws-kms':
      return openAwsKmsTemplate(config, signerTimeoutMs);
    case 'fireblocks':
      return openFireblocksTemplate(config, signerTimeoutMs);
    case 'gcp-kms':
      return openGcpKmsTemplate(config, signerTimeoutMs);
    case 'local-keypair':
      return openLocalKeypairTemplate(config, genesisHash);
    case 'privy':
      return openPrivyTemplate(config, signerTimeoutMs);
    case 'turnkey':
      return openTurnkeyTemplate(config, signerTimeoutMs);
    case 'vault-transit':
      return openVaultTransitTemplate(config, signerTimeoutMs);
  }
}
