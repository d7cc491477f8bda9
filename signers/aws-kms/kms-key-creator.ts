// Owns the creator of keys in AWS KMS. A key is found again by its alias; KMS itself makes another one whenever it is asked.
import {
  AlreadyExistsException,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  GetPublicKeyCommand,
  NotFoundException,
} from '@aws-sdk/client-kms';
import { closableCreator } from '../closable-creator.ts';
import { creatorCheck } from '../creator-field.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import { pause } from '../pause.ts';
import type { SignerCheck } from '../signer.ts';
import { regionOf } from './aws-kms-signer.ts';
import { createKmsCaller, type KmsAsked, type KmsCaller, type KmsCallerOptions } from './kms-caller.ts';
import { checkOf, type KmsFailure } from './kms-failure.ts';
import { deleteKey, discardKey } from './kms-key-deletion.ts';
import { aliasOf, keyFor, LABEL_TAG, type NewKeyTerms, newKey } from './kms-new-key.ts';
import { addressIn } from './kms-public-key.ts';

export interface KmsKeyCreatorOptions extends KmsCallerOptions, NewKeyTerms {
  /** 7 to 30. */
  readonly pendingWindowDays: number;
}

type Failed = Exclude<CreateResult, { readonly kind: 'created' }>;
type Found = { readonly kind: 'key'; readonly keyArn: string } | Failed;

/** No label is so long. */
const NO_LABEL = 'x'.repeat(100);
/** KMS shows what it made within a few seconds, not at once to every call. */
const SHOWS_AFTER_MS = [100, 400, 1_600];

/** Calls nothing yet. */
export function createKmsKeyCreator(options: KmsKeyCreatorOptions): KeyCreator {
  const kms = createKmsCaller(options);
  return closableCreator({
    backend: 'aws-kms',
    create: async (label, signal) => {
      const found = (await keyUnder(kms, label, signal)) ?? (await make(kms, label, options, signal));
      return found.kind === 'key' ? keyAt(kms, found.keyArn, signal) : found;
    },
    findBy: (label) =>
      `the alias ${aliasOf(label)}, and for keys with the tag ${LABEL_TAG} ${label}, in ${options.region}`,
    destroy: (key, signal) => deleteKey(kms, key.reference, options, signal),
    export: null,
    import: null,
    check: async (signal) => creatorCheck(await checkCredentials(kms, signal)),
    close: kms.close,
  });
}

/** `null`: there is none. */
async function keyUnder(kms: KmsCaller, label: string, signal: AbortSignal): Promise<Found | null> {
  const alias = aliasOf(label);
  const asked = await kms.ask((client, abort) => client.send(new DescribeKeyCommand({ KeyId: alias }), abort), signal);
  if ('failure' in asked) return asked.error instanceof NotFoundException ? null : failedBy(asked.failure);
  const found = keyFor(label, asked.output.KeyMetadata);
  switch (found.kind) {
    case 'usable':
      return { kind: 'key', keyArn: found.keyArn };
    case 'not_yet':
      return { kind: 'unavailable', reason: `${kms.about}: the key is still being made; ask again` };
    case 'other':
      return {
        kind: 'refused',
        reason: `${kms.about}: the alias ${alias} leads to a key that is ${found.what}; delete the alias, or set it right`,
      };
  }
}

async function make(kms: KmsCaller, label: string, terms: NewKeyTerms, signal: AbortSignal): Promise<Found> {
  const command = new CreateKeyCommand(newKey(label, terms));
  const made = await kms.ask((client, abort) => client.send(command, abort), signal);
  if ('failure' in made) {
    const { ambiguous } = made.failure;
    const orphan = `if it made a key all the same, that has no alias: it has the tag ${LABEL_TAG} ${label}`;
    return failedBy(made.failure, ambiguous ? orphan : '');
  }
  const keyArn = made.output.KeyMetadata?.Arn ?? '';
  if (regionOf(keyArn) === '') return { kind: 'unavailable', reason: `${kms.about}: it made a key without an ARN` };
  const named = await whenShown((abort) => nameKey(kms, aliasOf(label), keyArn, abort), signal);
  if (!('failure' in named)) return { kind: 'key', keyArn };
  return unnamed(kms, { label, keyArn, failure: named.failure, error: named.error }, signal);
}

function nameKey(kms: KmsCaller, alias: string, keyArn: string, signal: AbortSignal): Promise<KmsAsked<unknown>> {
  const command = new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyArn });
  return kms.ask((client, abort) => client.send(command, abort), signal);
}

interface Unnamed {
  readonly label: string;
  readonly keyArn: string;
  readonly failure: KmsFailure;
  readonly error: unknown;
}

/** A key was made and has no alias: another one has it, or KMS did not give it. It goes, unless it may have the alias after all. */
async function unnamed(
  kms: KmsCaller,
  { label, keyArn, failure, error }: Unnamed,
  signal: AbortSignal,
): Promise<Found> {
  if (error instanceof AlreadyExistsException) {
    const other = await keyUnder(kms, label, signal);
    if (other?.kind === 'key' && other.keyArn !== keyArn) await discardKey(kms, keyArn, signal);
    const reason = `${kms.about}: another call made the key of this label just now; ask again`;
    return other ?? { kind: 'unavailable', reason };
  }
  if (failure.ambiguous) return failedBy(failure, `the key ${keyArn} was made, and may have its alias`);
  const isGone = await discardKey(kms, keyArn, signal);
  return failedBy(
    failure,
    `the key ${keyArn} was made before that and ${isGone ? 'is to be deleted' : 'is of no use'}`,
  );
}

async function keyAt(kms: KmsCaller, keyArn: string, signal: AbortSignal): Promise<CreateResult> {
  const command = new GetPublicKeyCommand({ KeyId: keyArn });
  const asked = await whenShown((abort) => kms.ask((client, each) => client.send(command, each), abort), signal);
  if ('failure' in asked) {
    const { failure, error } = asked;
    return failedBy(error instanceof NotFoundException ? { ...failure, kind: 'unavailable' } : failure);
  }
  const found = addressIn(asked.output, kms.about);
  if (found.kind === 'failed') return { kind: 'unavailable', reason: found.reason };
  return { kind: 'created', key: { address: found.address, reference: { key_arn: keyArn } } };
}

/** Again while KMS does not know of what it has just made. */
async function whenShown<T>(
  ask: (signal: AbortSignal) => Promise<KmsAsked<T>>,
  signal: AbortSignal,
): Promise<KmsAsked<T>> {
  let asked = await ask(signal);
  for (const waitMs of SHOWS_AFTER_MS) {
    if (!('failure' in asked && asked.error instanceof NotFoundException)) return asked;
    if (!(await pause(waitMs, signal))) return asked;
    asked = await ask(signal);
  }
  return asked;
}

function failedBy({ kind, reason }: Pick<KmsFailure, 'kind' | 'reason'>, more = ''): Failed {
  return { kind, reason: more === '' ? reason : `${reason}; ${more}` };
}

/** Whether KMS takes them; what they may do shows only when it is done. */
async function checkCredentials(kms: KmsCaller, signal: AbortSignal): Promise<SignerCheck> {
  const command = new DescribeKeyCommand({ KeyId: aliasOf(NO_LABEL) });
  const asked = await kms.ask((client, abort) => client.send(command, abort), signal);
  if (!('failure' in asked) || asked.error instanceof NotFoundException) {
    return { kind: 'ready', detail: `${kms.about} takes the credentials; what they may do shows with the first key` };
  }
  const { field, ...failure } = asked.failure;
  return checkOf({ ...failure, field: field === 'key_arn' ? 'region' : field });
}
