// Owns the configuration as the gateway uses it: checked, with absolute paths, and with the secrets at hand.
import type { OptionalForbidden } from '../core/controls/forbidden.ts';
import type { BundleKey } from '../policy/bundle/bundle-key.ts';
import type { PolicySourceConfig } from '../policy/sources/source-config.ts';
import type { CallRates } from '../rpc/call-limits.ts';
import type { TlsFiles } from '../rpc/server-tls.ts';
import type { LackingRelayer } from './relayers/lacking-relayer.ts';
import type { RelayerConfig } from './relayers/relayers.ts';
import type { RpcEndpointConfig } from './rpc-endpoints.ts';
import type { Secret } from './secret.ts';
import type { LackingSigner } from './signers/lacking-signer.ts';
import type { SignerConfig } from './signers/signers.ts';
import type { LackingTemplate, TemplateConfig } from './templates/templates.ts';

export interface ListenerConfig {
  /** `host:port`, checked. */
  readonly address: string;
  /** `null`: plaintext, and the address is on loopback. */
  readonly tls: TlsFiles | null;
}

export interface DatabaseLimitsConfig {
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

export type DatabaseConfig = { readonly limits: DatabaseLimitsConfig } & (
  | { readonly kind: 'url'; readonly url: Secret }
  /** A Postgres that the gateway starts. The folder need not be there yet. */
  | { readonly kind: 'embedded'; readonly dataDirectory: string }
);

export interface RedisConfig {
  readonly url: Secret;
  /** PEM text; `null`: the authorities of the system. */
  readonly ca: string | null;
  readonly keyPrefix: string;
}

export interface WalletConfig {
  readonly id: string;
  /** Names of signers that hold its key, in the order in which they are asked; never empty. */
  readonly signers: readonly string[];
  /** Names of relayers, in the order in which they are asked; never empty. */
  readonly relayers: readonly string[];
}

export interface ChainConfig {
  /** Never empty. */
  readonly endpoints: readonly RpcEndpointConfig[];
  /** So many of them must each prove that a transaction can never land. */
  readonly witnesses: number;
  /** Whether a WebSocket to one of them tells when a transaction is confirmed. */
  readonly subscribe: boolean;
  /** `null`: what the endpoints tell of accounts is believed. */
  readonly verifyRpcUrl: Secret | null;
  readonly timeoutMs: number;
}

export const SIMULATION_MODES = ['when_needed', 'always', 'off'] as const;

export interface SimulationConfig {
  readonly mode: (typeof SIMULATION_MODES)[number];
  readonly timeoutMs: number;
}

export interface PolicyConfig {
  readonly source: PolicySourceConfig;
  readonly signatures: {
    readonly keys: readonly BundleKey[];
    /** Never together with keys. */
    readonly allowUnsigned: boolean;
  };
}

export interface Config {
  /** The file it was read from. */
  readonly file: string;
  readonly dataPlane: ListenerConfig;
  readonly controlPlane: ListenerConfig;
  readonly http: { readonly address: string };
  readonly database: DatabaseConfig;
  /** `null`: each gateway counts for itself, and sees by polling what others do. */
  readonly redis: RedisConfig | null;
  readonly chain: ChainConfig;
  readonly simulation: SimulationConfig;
  readonly policy: PolicyConfig;
  readonly signers: readonly SignerConfig[];
  /** Those whose secrets or keys are not there: the gateway starts, and is not ready. */
  readonly lackingSigners: readonly LackingSigner[];
  readonly relayers: readonly (RelayerConfig | LackingRelayer)[];
  readonly wallets: readonly WalletConfig[];
  readonly walletTemplates: readonly (TemplateConfig | LackingTemplate)[];
  readonly limits: {
    readonly maxRequestBytes: number;
    readonly requestTimeoutMs: number;
    readonly signerTimeoutMs: number;
    /** Calls under way at once, on each listener. */
    readonly maxInFlight: number;
  };
  readonly retention: {
    /** `null`: requests are kept for ever. */
    readonly requestsDays: number | null;
    /** After their end. */
    readonly sessionKeysDays: number;
  };
  readonly approvals: {
    /** Votes that are not signed do not count. */
    readonly requireSignedVotes: boolean;
  };
  /** How many calls one caller may make. */
  readonly rateLimits: CallRates;
  /** `null`: no operator is created by the gateway itself. */
  readonly bootstrap: { readonly operator: string; readonly apiKeyFile: string } | null;
  readonly readOnly: boolean;
  readonly controls: {
    /** Different admins whose votes lift a freeze. */
    readonly unfreezeQuorum: number;
    /** Different admins whose votes destroy a managed wallet, or let its key out or in. */
    readonly walletQuorum: number;
    /** How old an admin, and the key that it votes with, must be where it takes more than one. */
    readonly newAdminWaitMs: number;
    /** What no policy can allow here, beside what it can allow nowhere. */
    readonly forbid: readonly OptionalForbidden[];
  };
  /** `intervalMs`: `null` compares no wallet with the chain. */
  readonly walletWatch: { readonly intervalMs: number | null };
  /** Bounds of what agents may let the gateway set. */
  readonly computeBudget: { readonly maxPriceMicroLamports: number; readonly unitMarginPercent: number };
  readonly sessionKeys: { readonly maxLifetimeMs: number };
  readonly log: { readonly level: LogLevel };
  readonly shutdownGraceMs: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
