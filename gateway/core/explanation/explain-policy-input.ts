// Owns the one text in which a judged transaction or message is shown to people: on the command line, to approvers, from the audit chain.
import { parseJson } from '../decision/json-value.ts';
import { effectLines } from './explain-effects.ts';
import { instructionLines, instructionTitle } from './explain-instructions.ts';
import { messageLines } from './explain-message.ts';
import { type Facts, integerAt, isFacts, listAt, objectAt, shownAt, textAt, textsAt } from './facts.ts';

/** `policyInput`: canonical JSON in UTF-8, of any version. What it lacks is shown as not known; nothing in it is believed to be safe to print. */
export function explainPolicyInput(policyInput: Uint8Array): readonly string[] {
  const document = readDocument(policyInput);
  if (document === null) return ['What would be signed: NOT KNOWN (what was recorded of it is no policy input)'];
  if (isFacts(document.message)) return messageLines(document.message);
  const transaction = objectAt(document, 'transaction');
  const simulation = objectAt(document, 'simulation');
  const inner = listAt(simulation, 'instructions');
  return [
    `Transaction version ${shownAt(transaction, 'version')}, ${shownAt(transaction, 'size')} bytes`,
    ...indent(headerLines(transaction)),
    'Instructions',
    ...indent(listAt(transaction, 'instructions').flatMap((instruction) => instructionLines(instruction, inner))),
    'What it does',
    ...indent([...effectLines(objectAt(document, 'effects')), ...chainLines(document)]),
    ...simulationSection(simulation),
  ];
}

/** The same in short: which instructions there are, and what they do. A message stands there in full. */
export function summarizePolicyInput(policyInput: Uint8Array): readonly string[] {
  const document = readDocument(policyInput);
  if (document === null) return ['NOT KNOWN'];
  if (isFacts(document.message)) return messageLines(document.message);
  const transaction = objectAt(document, 'transaction');
  return [
    `version ${shownAt(transaction, 'version')}`,
    ...listAt(transaction, 'instructions').map(instructionTitle),
    ...effectLines(objectAt(document, 'effects')),
  ];
}

function headerLines(transaction: Facts): readonly string[] {
  const signers = listAt(transaction, 'signers');
  return [
    `fee payer        ${shownAt(transaction, 'fee_payer')}`,
    ...signers.map(
      (signer) =>
        `signer           ${shownAt(signer, 'address')}, ${signer.signed === true ? 'has signed' : 'must still sign'}`,
    ),
    lifetimeLine(objectAt(transaction, 'lifetime')),
  ];
}

function lifetimeLine(lifetime: Facts): string {
  switch (textAt(lifetime, 'kind')) {
    case 'blockhash':
      return `lives by         blockhash ${shownAt(lifetime, 'blockhash')}`;
    case 'durable_nonce':
      return `DOES NOT EXPIRE  durable nonce account ${shownAt(lifetime, 'nonce_account')}, authority ${shownAt(lifetime, 'nonce_authority')}`;
    default:
      return 'lives by         NOT KNOWN';
  }
}

/** Nothing where nothing had to be asked. */
function chainLines(document: Facts): readonly string[] {
  const chain = objectAt(document, 'chain');
  const nodes = integerAt(chain, 'endpoints') ?? 0n;
  const slot = integerAt(chain, 'slot');
  return [
    ...(slot === null
      ? []
      : [`chain            as of slot ${slot}, by ${nodes === 1n ? 'one node' : `${nodes} nodes`}`]),
    ...listAt(chain, 'cached').map(
      (fact) => `  not read again ${shownAt(fact, 'address')}, of slot ${shownAt(fact, 'slot')}`,
    ),
  ];
}

function simulationSection(simulation: Facts): readonly string[] {
  switch (textAt(simulation, 'status')) {
    case 'not_run':
      return [];
    case 'succeeded':
      return ['In a simulation, which shows one future and proves none', ...indent(simulatedLines(simulation))];
    case 'failed':
      return [`A simulation FAILED: ${shownAt(simulation, 'error')}`];
    case 'unavailable':
      return [`A simulation was NOT TO BE HAD: ${shownAt(simulation, 'reason')}`];
    default:
      return ['Whether it was simulated: NOT KNOWN'];
  }
}

function simulatedLines(simulation: Facts): readonly string[] {
  return [
    `at slot ${shownAt(simulation, 'slot')}, ${shownAt(simulation, 'units_consumed')} compute units`,
    ...textsAt(simulation, 'missing').map((what) => `NOT TOLD         ${what}`),
    ...listAt(simulation, 'divergences').map(
      (found) =>
        `DIVERGES         ${shownAt(found, 'change')} of ${shownAt(found, 'account')}: ${shownAt(found, 'detail')}`,
    ),
    ...effectLines(objectAt(simulation, 'effects')),
  ];
}

function readDocument(policyInput: Uint8Array): Facts | null {
  try {
    const document = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(policyInput));
    return isFacts(document) && integerAt(document, 'v') !== null ? document : null;
  } catch {
    return null;
  }
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
