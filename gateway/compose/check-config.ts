// Owns what a start would refuse, or never be ready with, as far as it can be known without calling a service.

import { readSecureContext, TlsFileError } from '../../signers/remote/tls-files.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Problem } from '../config/problem.ts';
import { tlsCredentials } from '../rpc/server-tls.ts';
import { createLog } from '../telemetry/log.ts';
import { keyProblems } from './key-problems.ts';
import { openSigners } from './open-signers.ts';
import { tlsOf } from './service-tls.ts';
import { openTemplates } from './templates/open-templates.ts';
import { faultOf } from './unopened-signer.ts';

type Loaded = Extract<LoadedConfig, { readonly kind: 'loaded' }>;

/** The genesis hash of no cluster: a check does not ask one. */
const NO_CLUSTER = '';

/** By line. */
export async function startProblems(loaded: Loaded): Promise<readonly Problem[]> {
  const problems = [
    ...loaded.missing,
    ...listenerProblems(loaded),
    ...(await signerProblems(loaded)),
    ...(await templateProblems(loaded)),
    ...(await remoteTlsProblems(loaded)),
    ...relayerProblems(loaded),
  ];
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function listenerProblems({ config, problemAt }: Loaded): readonly Problem[] {
  const listeners = { data_plane: config.dataPlane, control_plane: config.controlPlane };
  return Object.entries(listeners).flatMap(([section, { tls }]) => {
    try {
      if (tls !== null) tlsCredentials(tls);
      return [];
    } catch (error) {
      return [problemAt([section, 'tls'], error instanceof Error ? error.message : 'cannot be used')];
    }
  });
}

async function signerProblems({ config, problemIn }: Loaded): Promise<readonly Problem[]> {
  const closing: (() => Promise<void>)[] = [];
  const signers = await openSigners(config, NO_CLUSTER, createLog('fatal'), (close) => closing.push(close));
  await Promise.all(closing.map((close) => close()));
  // What is lacking is among the problems of the configuration itself.
  const faults = config.signers.flatMap(({ name }) => {
    const fault = signers.get(name)?.fault() ?? null;
    return fault === null ? [] : [problemIn('signers', name, fault.field, fault.message)];
  });
  const shared = keyProblems(config, signers);
  return [...faults, ...shared.map(({ section, entry, field, message }) => problemIn(section, entry, field, message))];
}

async function templateProblems({ config, problemIn }: Loaded): Promise<readonly Problem[]> {
  const closing: (() => Promise<void>)[] = [];
  const { walletTemplates, limits } = config;
  const options = { genesisHash: NO_CLUSTER, signerTimeoutMs: limits.signerTimeoutMs, log: createLog('fatal') };
  // What is lacking is among the problems of the configuration itself.
  const templates = walletTemplates.filter(({ kind }) => kind !== 'lacking');
  const opened = openTemplates({ ...options, templates }, (close) => closing.push(close));
  await Promise.all(closing.map((close) => close()));
  return [...opened].flatMap(([name, template]) => {
    const fault = template.fault();
    return fault === null ? [] : [problemIn('wallet_templates', name, fault.field, fault.message)];
  });
}

/** These signers read their files at each connection, and not when they are opened. */
async function remoteTlsProblems({ config, problemIn }: Loaded): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const signer of config.signers) {
    if (signer.kind !== 'remote' || signer.tls === null) continue;
    try {
      await readSecureContext(signer.tls);
    } catch (error) {
      const field = error instanceof TlsFileError ? error.field : null;
      problems.push(problemIn('signers', signer.name, field, faultOf(error).message));
    }
  }
  return problems;
}

function relayerProblems({ config, problemIn }: Loaded): readonly Problem[] {
  return config.relayers.flatMap((relayer) => {
    if (relayer.kind !== 'kora') return [];
    try {
      tlsOf(relayer.tls);
      return [];
    } catch (error) {
      const { field, message } = faultOf(error);
      return [problemIn('relayers', relayer.name, field, message)];
    }
  });
}
