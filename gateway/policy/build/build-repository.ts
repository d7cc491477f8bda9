// Owns how a checkout of a policy repository is built: its layout is read strictly, so that nothing in it is silently left out.
import { resolve } from 'node:path';
import { type Built, buildFrom } from './build-bundle.ts';
import { gitOrigin } from './git-origin.ts';
import type { Origin } from './manifest.ts';
import { findOpa } from './opa.ts';
import { readRepository } from './read-repository.ts';

export interface RepositoryRequest extends Origin {
  readonly directory: string;
  readonly opa?: string;
  /** By default a hash of all that is in the bundle. */
  readonly revision?: string;
}

/**
 * Throws an Error that names the file where something is wrong. Where neither commit nor time is given, both are those of the Git
 * checkout, if all that is built is committed there.
 */
export async function buildRepository({ directory, ...request }: RepositoryRequest): Promise<Built> {
  const root = resolve(directory);
  const { data, dataFiles, rules, schemas, carried } = await readRepository(root, request.opa ?? findOpa());
  const told = request.gitCommit !== undefined || request.builtAt !== undefined;
  const origin = told ? {} : await gitOrigin(root);
  return buildFrom({ ...origin, ...request, data, dataFiles, rules, schemas, carried });
}
