// Owns the import rules of the project: who may import what. What no rule names is refused.
import type { Import, ModuleFacts } from './module-facts.ts';

/** Where a file stands decides what it may import; the first zone that fits is its zone. */
interface Zone {
  readonly name: string;
  readonly files: RegExp;
  /** Project files it may import. */
  readonly mayImport: readonly RegExp[];
  /** Project files of which it may import types, and nothing that exists at run time. */
  readonly mayImportTypes?: readonly RegExp[];
  readonly mayUsePackage: (found: Import) => boolean;
}

const CORE = /^gateway\/core\//;
const GENERATED = /^proto\/gen\//;
const STATE_CONTRACT = /^gateway\/state\/contract\//;
const DATABASE_URL = /^gateway\/state\/sql\/database-url\.ts$/;
const POLICY_CONTRACT = /^gateway\/policy\/policy-engine\.ts$/;
const POLICY_CONTROL = /^gateway\/policy\/policy-control\.ts$/;
const BUNDLE_KEY = /^gateway\/policy\/bundle\/bundle-key\.ts$/;
/** Amounts as people write them. */
const AMOUNTS = /^gateway\/policy\/build\/(amounts|assets)\.ts$/;
const SOURCE_CONFIG = /^gateway\/policy\/sources\/source-config\.ts$/;
const SIGNER_CONTRACT = /^signers\/signer\.ts$/;
const KEY_CREATOR_CONTRACT = /^signers\/key-creator\.ts$/;
const RAW_KEYS = /^signers\/ed25519-key\.ts$/;
const RELAYER_CONTRACTS = /^relayer\/(relayer|chain-reader|landing-hints|wallet-history|fee-market)\.ts$/;
const FEE_PAYER_CONTRACT = /^relayer\/fee-payer\.ts$/;
/** Reads keys and checks signatures; knows no wallet. */
const SIGNATURES = /^signers\/(verify|ed25519-key|local-keypair\/import-key)\.ts$/;
const OBSERVER_CONTRACT = /^gateway\/pipeline\/observer\.ts$/;
const STAGES_THAT_DO_NOT_SIGN = /^gateway\/pipeline\/(?!(sign|ask-signer|ask-fee-payer)\.ts$)/;
const RATE_LIMITER = /^gateway\/replicas\/(rate-limiter|in-process\/local-rate-limiter)\.ts$/;
const FAN_OUT_CONTRACT = /^gateway\/replicas\/fan-out\.ts$/;
const REDIS_TARGET = /^gateway\/replicas\/redis\/redis-target\.ts$/;
const LISTEN_ADDRESS = /^gateway\/rpc\/listen-address\.ts$/;
const EVERYTHING = /^/;

/** Tests, and what only they may import. */
const TEST_FILES = /\.test\.ts$|^test\/|\/testing\//;

const anyPackage = () => true;
const only =
  (...allowed: readonly RegExp[]) =>
  (found: Import) =>
    allowed.some((pattern) => pattern.test(found.target));

/** kit's types, and of what runs only its codecs and checks of an address: pure functions. */
const KIT_VALUES =
  /^(get|create|fix|add|transform|offset|pad|resize|reverse)\w*(Codec|Encoder|Decoder)(Size|SizePrefix|Sentinel)?$/;
const KIT_CHECKS = /^(address|isAddress|assertIsAddress)$/;
const kitTypesAndCodecs = ({ target, values }: Import) =>
  target === '@solana/kit' && values.every((name) => KIT_VALUES.test(name) || KIT_CHECKS.test(name));

const ZONES: readonly Zone[] = [
  { name: 'tests', files: TEST_FILES, mayImport: [EVERYTHING], mayUsePackage: anyPackage },
  { name: 'generated code', files: GENERATED, mayImport: [GENERATED], mayUsePackage: only(/^@bufbuild\/protobuf/) },
  { name: 'core', files: CORE, mayImport: [CORE], mayUsePackage: kitTypesAndCodecs },
  {
    name: 'the stage that signs',
    files: /^gateway\/pipeline\/(sign|ask-signer|ask-fee-payer)\.ts$/,
    mayImport: [
      CORE,
      /^gateway\/pipeline\//,
      STATE_CONTRACT,
      SIGNER_CONTRACT,
      FEE_PAYER_CONTRACT,
      /^signers\/verify\.ts$/,
    ],
    mayUsePackage: only(/^node:crypto$/),
  },
  {
    name: 'what reads and seals keys that admins bring or take',
    files: /^gateway\/pipeline\/administration\/wallets\/(key-pair|seal-key)\.ts$/,
    mayImport: [CORE, RAW_KEYS],
    mayUsePackage: only(/^age-encryption$/),
  },
  {
    name: 'pipeline',
    files: /^gateway\/pipeline\//,
    mayImport: [CORE, /^gateway\/pipeline\//, STATE_CONTRACT, POLICY_CONTRACT, RELAYER_CONTRACTS],
    mayImportTypes: [SIGNER_CONTRACT, KEY_CREATOR_CONTRACT, FEE_PAYER_CONTRACT],
    mayUsePackage: only(/^node:(crypto|timers\/promises|events)$/),
  },
  {
    name: 'policy',
    files: /^gateway\/policy\//,
    mayImport: [CORE, /^gateway\/policy\//, STATE_CONTRACT],
    mayUsePackage: anyPackage,
  },
  {
    name: 'the tools of policy authors',
    files: /^gateway\/authoring\//,
    mayImport: [CORE, /^gateway\/(policy|authoring)\//],
    mayUsePackage: anyPackage,
  },
  {
    name: 'state',
    files: /^gateway\/state\//,
    mayImport: [CORE, /^gateway\/state\//],
    mayImportTypes: [FAN_OUT_CONTRACT],
    mayUsePackage: anyPackage,
  },
  {
    name: 'what replicas share',
    files: /^gateway\/replicas\//,
    mayImport: [/^gateway\/replicas\//],
    mayUsePackage: only(/^node:(crypto|net)$/, /^ioredis$/),
  },
  {
    name: 'audit',
    files: /^gateway\/audit\//,
    mayImport: [CORE, /^gateway\/audit\//, STATE_CONTRACT],
    mayUsePackage: anyPackage,
  },
  {
    name: 'telemetry',
    files: /^gateway\/telemetry\//,
    mayImport: [CORE, /^gateway\/telemetry\//, OBSERVER_CONTRACT, LISTEN_ADDRESS],
    mayImportTypes: [/^gateway\/rpc\/serve-call\.ts$/],
    mayUsePackage: anyPackage,
  },
  {
    name: 'config',
    files: /^gateway\/config\//,
    mayImport: [CORE, /^gateway\/config\//, LISTEN_ADDRESS, BUNDLE_KEY, DATABASE_URL, REDIS_TARGET, AMOUNTS],
    mayImportTypes: [/^gateway\/rpc\/(server-tls|call-limits)\.ts$/, SOURCE_CONFIG],
    mayUsePackage: only(/^node:/, /^zod$/, /^yaml$/),
  },
  {
    name: 'gRPC edge',
    files: /^gateway\/rpc\//,
    mayImport: [CORE, GENERATED, /^gateway\/rpc\//, STAGES_THAT_DO_NOT_SIGN, STATE_CONTRACT, RATE_LIMITER],
    mayImportTypes: [POLICY_CONTROL],
    mayUsePackage: anyPackage,
  },
  {
    name: 'composition',
    files: /^gateway\/(compose\/|main\.ts$)/,
    mayImport: [/^(gateway|signers|relayer|net|proto\/gen)\//, /^package\.json$/],
    mayUsePackage: anyPackage,
  },
  {
    name: 'the commands that start a gateway',
    files: /^gateway\/cli\/commands\/(serve|dev)\.ts$/,
    mayImport: [/^gateway\/cli\//, /^gateway\/main\.ts$/, /^scripts\/dev\/run\.ts$/],
    mayUsePackage: only(/^node:fs\/promises$/, /^commander$/),
  },
  {
    name: 'the commands of policy authors',
    files: /^gateway\/cli\/policy\/author\//,
    mayImport: [CORE, GENERATED, /^gateway\/(cli|policy|authoring)\//],
    mayUsePackage: anyPackage,
  },
  {
    name: 'command line',
    files: /^gateway\/cli\//,
    mayImport: [CORE, GENERATED, /^gateway\/cli\//, /^gateway\/audit\//, LISTEN_ADDRESS, SIGNATURES],
    mayUsePackage: anyPackage,
  },
  {
    name: 'calls of remote services',
    files: /^net\//,
    mayImport: [/^net\//],
    mayUsePackage: only(/^node:(http|https|tls)$/),
  },
  {
    name: 'signers',
    files: /^signers\//,
    mayImport: [/^(signers|net)\//, /^proto\/gen\/(countersign\/signer|google\/rpc)\//],
    mayUsePackage: anyPackage,
  },
  {
    name: 'relayers',
    files: /^relayer\//,
    mayImport: [/^(relayer|net)\//, /^signers\/verify\.ts$/],
    mayUsePackage: anyPackage,
  },
  {
    name: 'tour',
    files: /^tour\//,
    mayImport: [/^tour\//, GENERATED, CORE, /^gateway\/(cli|audit)\//],
    mayUsePackage: anyPackage,
  },
  { name: 'examples', files: /^examples\//, mayImport: [/^examples\//, GENERATED], mayUsePackage: anyPackage },
  { name: 'scripts', files: /^(scripts|bench)\/|^[a-z.]+\.ts$/, mayImport: [EVERYTHING], mayUsePackage: anyPackage },
];

/** Where a value of a brand may be made by `as`: in the files that own its check. */
const BRANDS: Readonly<Record<string, RegExp>> = {
  // The relayers cannot see the gateway's.
  Address: /^(gateway\/core\/(address|base58)|relayer\/rpc\/answer-shape)\.ts$/,
  Signature: /^$/,
  SignatureBytes: /^$/,
  Blockhash: /^$/,
  Lamports: /^$/,
  SigningPermit: /^gateway\/core\/permit\/signing-permit\.ts$/,
};

/** Zones that do not run in production. */
const AROUND_THE_PRODUCT = /^(tests|scripts)$/;

/** Every rule that the module breaks, as `path:line: what is wrong`. Empty: none. */
export function violations(module: ModuleFacts): readonly string[] {
  const zone = ZONES.find(({ files }) => files.test(module.path));
  if (zone === undefined) return [`${module.path}:1: stands in no zone of scripts/boundaries/rules.ts`];
  const imports = module.imports
    .filter((found) => !mayImport(zone, found))
    .map((found) => `${module.path}:${found.line}: ${zone.name} may not import ${shown(found)}`);
  const casts = module.casts.flatMap(({ type, line }) =>
    brandsIn(type)
      .filter((brand) => BRANDS[brand]?.test(module.path) !== true)
      .map((brand) => `${module.path}:${line}: makes a ${brand} by \`as\`; call the function that checks it`),
  );
  const evasions = AROUND_THE_PRODUCT.test(zone.name) ? [] : module.evasions;
  return [...imports, ...casts, ...evasions.map(({ what, line }) => `${module.path}:${line}: ${what} hides an import`)];
}

function mayImport(zone: Zone, found: Import): boolean {
  if (!found.local) return zone.mayUsePackage(found);
  if (TEST_FILES.test(found.target) && !AROUND_THE_PRODUCT.test(zone.name)) return false;
  const matches = (pattern: RegExp) => pattern.test(found.target);
  if (zone.mayImport.some(matches)) return true;
  return found.values.length === 0 && (zone.mayImportTypes ?? []).some(matches);
}

function shown({ target, local, values }: Import): string {
  return local || values.length === 0 ? target : `${values.join(', ')} from ${target}`;
}

function brandsIn(type: string): readonly string[] {
  return [...new Set(type.match(/\w+/g))].filter((word) => Object.hasOwn(BRANDS, word));
}
