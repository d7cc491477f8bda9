// Owns the schema of countersign.yaml: every key with its bounds, default and description. docs/configuration.md is written from it.
import * as z from 'zod';
import { OPTIONAL_FORBIDDEN } from '../core/controls/forbidden.ts';
import { LOG_LEVELS, SIMULATION_MODES } from './config.ts';
import { policySchema } from './policy-schema.ts';
import { relayerSchema } from './relayers/relayers.ts';
import { rateLimitsSchema, redisSchema } from './replicas-schema.ts';
import { endpointsSchema } from './rpc-endpoints.ts';
import { milliseconds, name, path, text } from './schema-parts.ts';
import { signerSchema } from './signers/signers.ts';
import { templateSchema } from './templates/templates.ts';

const tls = z
  .strictObject({
    cert_file: path.describe('PEM file with the certificate of the server, its own first. Read again when it changes.'),
    key_file: path.describe('PEM file with the private key of the certificate.'),
    client_ca_file: path
      .optional()
      .describe('PEM file; when given, clients must show a certificate that one of these authorities signed.'),
  })
  .optional()
  .describe('TLS 1.3 for this listener. Without it, the address must be on loopback.');

const listener = (address: string, who: string) =>
  z
    .strictObject({
      address: z.string().default(address).describe(`Where ${who} call, as host:port. Port 0 takes a free one.`),
      tls,
    })
    .prefault({});

const wallet = z.strictObject({
  id: name.describe('What agents call it. Its address is that of the signer.'),
  signer: name.describe('Name of the signer that holds its key.'),
  signer_fallbacks: z
    .array(name)
    .max(7)
    .default([])
    .describe('Names of signers that hold the same key: asked in this order where the first is unavailable.'),
  relayer: name.describe('Name of the relayer that sends for it.'),
  relayer_fallbacks: z
    .array(name)
    .max(7)
    .default([])
    .describe('Names of relayers that get the same bytes, in this order, where the answer of the one before is lost.'),
});

export const fileSchema = z.strictObject({
  data_plane: listener('127.0.0.1:50051', 'agents').describe('The gRPC listener of agents.'),
  control_plane: listener('127.0.0.1:50052', 'operators').describe('The gRPC listener of operators.'),
  http: z
    .strictObject({
      address: z.string().default('127.0.0.1:9464').describe('Where /metrics, /livez and /readyz are served.'),
      allow_remote: z
        .boolean()
        .default(false)
        .describe(
          'Let the address be off loopback. It is plaintext; what is served names wallets, but holds no secrets.',
        ),
    })
    .prefault({})
    .describe('The HTTP listener for monitoring.'),
  database: z
    .strictObject({
      url: text
        .optional()
        .describe(
          'postgres:// URL without a password. With one, give DATABASE_URL or `url_file` instead. Several servers, with commas ' +
            'between them: the one that is the primary is used. A server off this machine needs `sslmode`.',
        ),
      url_file: path.optional().describe('File that holds the URL.'),
      embedded: z
        .strictObject({ data_directory: path.describe('Folder of its data; made if it is not there.') })
        .optional()
        .describe('A Postgres that the gateway starts and stops itself.'),
      pool_size: z.int().min(3).max(100).default(8).describe('Connections of this gateway at most.'),
      connect_timeout_ms: milliseconds(100, 60_000)
        .default(3_000)
        .describe('How long a connection to one server may take, or the wait for one that is free.'),
      statement_timeout_ms: milliseconds(500, 60_000)
        .default(5_000)
        .describe('How long one statement may take, and how long a transaction may wait for its next one.'),
      lock_timeout_ms: milliseconds(100, 60_000)
        .default(4_000)
        .describe('How long a statement may wait for what another transaction holds.'),
    })
    .prefault({})
    .describe('The record. Exactly one of `url`, `url_file` and `embedded`.'),
  redis: redisSchema,
  chain: z
    .strictObject({
      rpc_url: text
        .optional()
        .describe('URL of the JSON-RPC node that is asked about the chain. This, `rpc_url_file` or `endpoints`.'),
      rpc_url_file: path.optional().describe('File that holds the URL, for one with a key in it.'),
      endpoints: endpointsSchema.describe(
        'Several nodes: each question is answered by one of them, and asked of another where that one fails or is slow.',
      ),
      witnesses: z
        .int()
        .min(1)
        .max(16)
        .optional()
        .describe(
          'How many of the nodes must each prove that a transaction can never land, or show that it failed or landed for good, before that ' +
            'counts. Absent: 2 where there are several.',
        ),
      subscribe: z
        .boolean()
        .default(true)
        .describe(
          'Hear over a WebSocket of a node that a transaction is confirmed, and look at once. Without it, or where it breaks, statuses ' +
            'are asked for all the same.',
        ),
      verify_rpc_url: text
        .optional()
        .describe(
          'URL of a second node, of another operator: what the two tell of an account must be the same, or nothing is signed that ' +
            'hangs on it. This, `verify_rpc_url_file`, or neither.',
        ),
      verify_rpc_url_file: path.optional().describe('File that holds that URL, for one with a key in it.'),
      timeout_ms: milliseconds(100, 60_000).default(5_000).describe('How long one question may take.'),
    })
    .prefault({})
    .describe('How the gateway sees the cluster.'),
  simulation: z
    .strictObject({
      mode: z
        .enum(SIMULATION_MODES)
        .default('when_needed')
        .describe(
          'When a transaction is simulated before it is judged. `when_needed`: where an instruction is one whose effects its ' +
            'message does not tell. `off`: never, so that a rule which wants a simulation denies.',
        ),
      timeout_ms: milliseconds(100, 60_000)
        .default(2_000)
        .describe('How long it may take. Later, the policy is told that there is none.'),
    })
    .prefault({})
    .describe('What the node of `chain` is asked to try. It can only make a decision stricter.'),
  policy: policySchema,
  signers: z.array(signerSchema).max(1000).default([]).describe('Who holds keys.'),
  relayers: z.array(relayerSchema).min(1).max(1000).describe('Who sends transactions.'),
  wallets: z.array(wallet).max(10_000).default([]).describe('What agents can be allowed to use.'),
  wallet_templates: z
    .array(templateSchema)
    .max(100)
    .default([])
    .describe('What further wallets can be made from while the gateway runs: `countersign wallets create`.'),
  limits: z
    .strictObject({
      max_request_bytes: z.int().min(8_192).max(4_194_304).default(131_072).describe('Size of one request.'),
      request_timeout_ms: milliseconds(100, 600_000)
        .default(30_000)
        .describe('How long a call may take when its client sets no earlier deadline.'),
      signer_timeout_ms: milliseconds(50, 120_000).default(5_000).describe('How long a signer may take.'),
      max_in_flight: z
        .int()
        .min(1)
        .max(100_000)
        .default(2_048)
        .describe('Calls that a listener works on at once; the next are answered RESOURCE_EXHAUSTED.'),
    })
    .prefault({})
    .describe('What one caller can cost.'),
  rate_limits: rateLimitsSchema,
  retention: z
    .strictObject({
      requests_days: z
        .int()
        .min(2)
        .max(36_500)
        .optional()
        .describe(
          'Days after which a request that is over is removed, with its approvals. Absent: never. What it left in the audit chain ' +
            'stays; an idempotency key is free again, and the request cannot be replayed.',
        ),
      session_keys_days: z
        .int()
        .min(2)
        .max(36_500)
        .default(30)
        .describe(
          'Days after its end that a session key stays listed, with its budgets. What it left in the audit chain and in requests stays.',
        ),
    })
    .prefault({})
    .describe('How long the record keeps what is over. Audit records stay until `countersign audit prune`.'),
  approvals: z
    .strictObject({
      require_signed_votes: z
        .boolean()
        .default(false)
        .describe('Count only votes that approvers sign with a key that an administrator registered for them.'),
    })
    .prefault({})
    .describe('What votes of approvers must have.'),
  bootstrap: z
    .strictObject({
      operator: name.describe('Its id.'),
      api_key_file: path.describe(
        'File with its API key. Where there is none, a new key is written to it, with mode 0600.',
      ),
    })
    .optional()
    .describe('The first operator, with all roles: made when the gateway starts and there is none yet.'),
  read_only: z
    .boolean()
    .default(false)
    .describe('For maintenance: everything is judged and looked up, nothing is signed or sent.'),
  controls: z
    .strictObject({
      unfreeze_quorum: z
        .int()
        .min(1)
        .max(100)
        .default(1)
        .describe(
          'How many different admins must vote before a freeze is lifted. Whoever froze counts like anybody else.',
        ),
      wallet_quorum: z
        .int()
        .min(1)
        .max(10)
        .default(2)
        .describe(
          'How many different admins must vote before a wallet that was made through the gateway is destroyed, or its key is exported or imported. Whoever proposes it counts as the first.',
        ),
      new_admin_wait_hours: z
        .int()
        .min(0)
        .max(720)
        .default(24)
        .describe(
          'Where it takes more than one operator, admins for freezes and keys or approvers for an approval: how old an operator, its API key, and the role and groups that it votes by must be before its vote counts, so that an admin who was taken over cannot make the others. As long, an operator with the role policy that is new, or whose key or role is, does not take the policy back. 0: any.',
        ),
      forbid: z
        .array(z.enum(OPTIONAL_FORBIDDEN))
        .max(OPTIONAL_FORBIDDEN.length)
        .default([])
        .describe(
          'Actions that no policy can allow on this gateway, by name, beside those that none can allow on any (security.md).',
        ),
    })
    .prefault({})
    .describe('What operators decide above the policy.'),
  wallet_watch: z
    .strictObject({
      interval_seconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(60)
        .describe(
          'How long a wallet is left alone between two comparisons of what landed with what was signed here. 0: never compared.',
        ),
    })
    .prefault({})
    .describe('A wallet that something else moved is told: in the log, the audit chain, the metrics.'),
  compute_budget: z
    .strictObject({
      max_price_micro_lamports: z
        .int()
        .min(0)
        .max(1_000_000_000_000)
        .default(1_000_000)
        .describe('Price of a compute unit that the gateway sets at most where an agent asks it to set one.'),
      unit_margin_percent: z
        .int()
        .min(0)
        .max(1_000)
        .default(10)
        .describe(
          'Added to the compute units that a simulation used, where an agent asks for a limit; 1,000 units at least.',
        ),
    })
    .prefault({})
    .describe('What agents may let the gateway put into their transactions before they are judged.'),
  session_keys: z
    .strictObject({
      max_lifetime_seconds: z
        .int()
        .min(60)
        .max(86_400)
        .default(86_400)
        .describe('How long a session key may be valid at most.'),
    })
    .prefault({})
    .describe('Short-lived keys of agents that may do less than the agent.'),
  log: z
    .strictObject({ level: z.enum(LOG_LEVELS).default('info').describe('The least severe entry that is written.') })
    .prefault({})
    .describe('Structured log: JSON lines on standard error.'),
  shutdown_grace_ms: milliseconds(0, 600_000)
    .default(10_000)
    .describe('How long calls may go on after SIGTERM before they are ended.'),
});

export type FileConfig = z.output<typeof fileSchema>;
