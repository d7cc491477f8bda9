// Owns the way from the values of the file to a Config. A section that breaks the schema is left out, so that what is wrong in the
// others is said in the same run.
import type * as z from 'zod';
import type { Config } from './config.ts';
import { fileSchema } from './file-schema.ts';
import {
  resolveChain,
  resolveDatabase,
  resolveRelayers,
  resolveSigners,
  resolveTemplates,
  resolveWallets,
} from './resolve-backends.ts';
import { refuseSharedAddresses, resolveHttp, resolveListener } from './resolve-listeners.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { resolveRateLimits, resolveRedis } from './resolve-replicas.ts';
import type { SectionReader } from './section-reader.ts';

const { shape } = fileSchema;

const NO_SIGNERS = { signers: undefined, lackingSigners: undefined };

/** `undefined` where the section breaks the schema. */
function read<S extends z.ZodType>(schema: S, section: unknown): z.output<S> | undefined {
  return schema.safeParse(section).data;
}

/** `undefined` for what is left out, whether or not it has to be there. */
async function resolved<T, R>(section: T | undefined, resolve: (section: T) => R): Promise<Awaited<R> | undefined> {
  return section === undefined ? undefined : await resolve(section);
}

type Sections = Readonly<Record<string, unknown>>;

async function resolveListeners(reader: SectionReader, root: Sections) {
  const dataPlane = await resolved(read(shape.data_plane, root.data_plane), (section) =>
    resolveListener(reader, 'data_plane', section),
  );
  const controlPlane = await resolved(read(shape.control_plane, root.control_plane), (section) =>
    resolveListener(reader, 'control_plane', section),
  );
  const http = await resolved(read(shape.http, root.http), (section) => resolveHttp(reader, section));
  refuseSharedAddresses(reader, { data_plane: dataPlane, control_plane: controlPlane, http });
  return { dataPlane, controlPlane, http };
}

async function resolveBackends(reader: SectionReader, root: Sections) {
  const database = await resolved(read(shape.database, root.database), (it) => resolveDatabase(reader, it));
  const redis = await resolveRedis(reader, read(shape.redis, root.redis));
  const chain = await resolved(read(shape.chain, root.chain), (it) => resolveChain(reader, it));
  const policy = await resolved(read(shape.policy, root.policy), (it) => resolvePolicy(reader, it));
  const signerSection = read(shape.signers, root.signers);
  const relayerSection = read(shape.relayers, root.relayers);
  const signers = (await resolved(signerSection, (it) => resolveSigners(reader, it))) ?? NO_SIGNERS;
  const relayers = await resolved(relayerSection, (it) => resolveRelayers(reader, it));
  const wallets = await resolved(read(shape.wallets, root.wallets), (it) =>
    resolveWallets(reader, it, signerSection, relayerSection),
  );
  const templateSection = read(shape.wallet_templates, root.wallet_templates);
  const walletTemplates = await resolved(templateSection, (it) => resolveTemplates(reader, it, relayerSection));
  if (wallets?.length === 0 && templateSection?.length === 0) {
    reader.refuse(['wallets'], 'needs at least one wallet, or a template in wallet_templates to make wallets from');
  }
  return { database, redis, chain, policy, ...signers, relayers, wallets, walletTemplates };
}

function resolveSettings(reader: SectionReader, root: Sections) {
  const limits = read(shape.limits, root.limits);
  const simulation = read(shape.simulation, root.simulation);
  const bootstrap = read(shape.bootstrap, root.bootstrap);
  const approvals = read(shape.approvals, root.approvals);
  const retention = read(shape.retention, root.retention);
  const controls = read(shape.controls, root.controls);
  const watch = read(shape.wallet_watch, root.wallet_watch);
  const computeBudget = read(shape.compute_budget, root.compute_budget);
  const sessionKeys = read(shape.session_keys, root.session_keys);
  const keyPath = ['bootstrap', 'api_key_file'];
  if (bootstrap?.operator === 'gateway') {
    const why = 'must be another id: by this one the audit chain names what the gateway does by itself';
    reader.refuse(['bootstrap', 'operator'], why);
  }
  return {
    limits: limits && {
      maxRequestBytes: limits.max_request_bytes,
      requestTimeoutMs: limits.request_timeout_ms,
      signerTimeoutMs: limits.signer_timeout_ms,
      maxInFlight: limits.max_in_flight,
    },
    rateLimits: resolveRateLimits(reader, read(shape.rate_limits, root.rate_limits)),
    simulation: simulation && { mode: simulation.mode, timeoutMs: simulation.timeout_ms },
    retention: retention && {
      requestsDays: retention.requests_days ?? null,
      sessionKeysDays: retention.session_keys_days,
    },
    approvals: approvals && { requireSignedVotes: approvals.require_signed_votes },
    bootstrap: bootstrap
      ? { operator: bootstrap.operator, apiKeyFile: reader.absolute(keyPath, bootstrap.api_key_file) }
      : null,
    readOnly: read(shape.read_only, root.read_only),
    controls: controls && {
      unfreezeQuorum: controls.unfreeze_quorum,
      walletQuorum: controls.wallet_quorum,
      newAdminWaitMs: controls.new_admin_wait_hours * 3_600_000,
      forbid: controls.forbid,
    },
    walletWatch: watch && { intervalMs: watch.interval_seconds === 0 ? null : watch.interval_seconds * 1000 },
    computeBudget: computeBudget && {
      maxPriceMicroLamports: computeBudget.max_price_micro_lamports,
      unitMarginPercent: computeBudget.unit_margin_percent,
    },
    sessionKeys: sessionKeys && { maxLifetimeMs: sessionKeys.max_lifetime_seconds * 1000 },
    log: read(shape.log, root.log),
    shutdownGraceMs: read(shape.shutdown_grace_ms, root.shutdown_grace_ms),
  };
}

type Incomplete<T> = { readonly [K in keyof T]: T[K] | undefined };

function isComplete(config: Incomplete<Config>): config is Config {
  return Object.values(config).every((value) => value !== undefined);
}

/** `undefined` where something is missing; then the reader, or the schema, has the problem that says why. */
export async function resolveConfig(reader: SectionReader, file: string, root: Sections): Promise<Config | undefined> {
  const config: Incomplete<Config> = {
    file,
    ...(await resolveListeners(reader, root)),
    ...(await resolveBackends(reader, root)),
    ...resolveSettings(reader, root),
  };
  return isComplete(config) ? config : undefined;
}
