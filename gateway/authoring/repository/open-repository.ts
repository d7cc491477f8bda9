// Owns a policy repository that was built and opened: its bundle, and the gateway's own WebAssembly engine with it.

import { buildRepository } from '../../policy/build/build-repository.ts';
import type { BundleFiles, PolicyBundle } from '../../policy/bundle/bundle.ts';
import { readBundle } from '../../policy/bundle/read-bundle.ts';
import { compilePolicy, type PolicyInstance } from '../../policy/evaluation/opa-module.ts';

export interface OpenRepository {
  readonly files: BundleFiles;
  readonly bundle: PolicyBundle;
  /** Anew for each call: one that has thrown is of no more use. */
  instance(): PolicyInstance;
}

/** Throws an Error that says what is wrong with the repository. */
export async function openRepository(directory: string, opa: string): Promise<OpenRepository> {
  const { files } = await buildRepository({ directory, opa });
  return openFiles(files, directory);
}

export async function openFiles(files: BundleFiles, label: string): Promise<OpenRepository> {
  const bundle = readBundle(files, label);
  const { instantiate } = await compilePolicy(bundle);
  return { files, bundle, instance: instantiate };
}
