// Owns the schema of the section `policy` of countersign.yaml: where bundles come from, and whose signature they need.
import * as z from 'zod';
import { SIGNATURE_ALGORITHMS } from '../policy/bundle/bundle-key.ts';

const path = z.string().min(1).max(4096);
const url = z.string().min(1).max(2048);

const TOKEN = 'File that holds the token. Read anew at each question, so that it may be replaced.';
const CA = 'PEM file with the authorities that may vouch for the server; without it, those that the machine trusts.';
const PLAIN_HTTP =
  'Let the URL be plain http off loopback. Who sits between can read the token and hold new policies back; only signatures say whose ' +
  'they are.';

const pollInterval = z.int().min(200).max(3_600_000).default(5_000);

const directory = z.strictObject({
  type: z.literal('directory').describe('A bundle on this machine, which is watched.'),
  path: path.describe(
    'The bundle: a .tar.gz file, as `countersign policy build` makes it, or a folder with what is in such a file.',
  ),
});

const refName = z.string().regex(/^(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$))[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}$/, {
  error: 'must be the name of a branch or tag alone, such as main',
});

const git = z.strictObject({
  type: z.literal('git').describe('A Git repository, which is asked again and again. Needs git 2.34 or later.'),
  url: url.describe('URL of the repository, without a secret: https://…, ssh://git@…, or file:///….'),
  branch: refName.optional().describe('Name of the branch that is followed. This or `tag`.'),
  tag: refName.optional().describe('Name of the tag that is followed.'),
  path: z
    .string()
    .max(1024)
    .regex(/^(?:\.|(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\\\p{Cc}]+(?:\/[^/\\\p{Cc}]+)*)$/u, {
      error: 'must be a path in the repository, such as policies or dist/bundle.tar.gz; not absolute, without . and ..',
    })
    .default('.')
    .describe(
      'Where in the repository: a folder with policy sources, which the gateway compiles, or a bundle that is built, *.tar.gz.',
    ),
  poll_interval_ms: pollInterval.describe('How long between two questions.'),
  token_file: path.optional().describe(`For https. ${TOKEN}`),
  username: z
    .string()
    .regex(/^[\x21-\x39\x3b-\x7e]{1,255}$/, { error: 'must be visible ASCII characters without a colon' })
    .default('x-access-token')
    .describe('Goes with the token, where the server asks for a certain one.'),
  ca_file: path.optional().describe(`For https. ${CA}`),
  allow_plain_http: z.boolean().default(false).describe(PLAIN_HTTP),
  ssh_key_file: path.optional().describe('For ssh. File with the private key, without a passphrase.'),
  known_hosts_file: path.optional().describe('For ssh. File with the keys of the server, as in sshd(8).'),
  allowed_signers_file: path
    .optional()
    .describe(
      'Who may sign commits, as in ssh-keygen(1). When given, the newest commit must have an SSH signature of one of them; of sources, ' +
        'that is all the signature that is asked for.',
    ),
});

const http = z.strictObject({
  type: z.literal('http').describe("A bundle server that speaks OPA's protocol."),
  url: url.describe('URL of the bundle, without a secret.'),
  token_file: path.optional().describe(`Sent as bearer. ${TOKEN}`),
  client_cert_file: path.optional().describe('PEM file with the certificate that is shown to the server.'),
  client_key_file: path.optional().describe('PEM file with the private key of the certificate.'),
  ca_file: path.optional().describe(CA),
  allow_plain_http: z.boolean().default(false).describe(PLAIN_HTTP),
  long_poll_seconds: z
    .int()
    .min(0)
    .max(600)
    .default(30)
    .describe('How long the server is asked to wait until there is a new bundle. 0: it is not asked to.'),
  poll_interval_ms: pollInterval.describe('How long between two questions to a server that does not wait.'),
});

const key = z.strictObject({
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: 'must be 1 to 128 visible ASCII characters' })
    .describe('What the signature names it by (`keyid`).'),
  algorithm: z
    .enum(SIGNATURE_ALGORITHMS)
    .describe('Of the key. What a signature says of its own algorithm must be the same.'),
  public_key_file: path.describe('PEM file with the public key.'),
  scope: z.string().min(1).max(256).optional().describe('When given, the signature must name the same scope.'),
});

export const policySchema = z
  .strictObject({
    source: z
      .discriminatedUnion('type', [directory, git, http], { error: 'must be one of directory, git, http' })
      .describe('Where bundles come from.'),
    signatures: z
      .strictObject({
        keys: z
          .array(key)
          .max(100)
          .default([])
          .describe('Who may sign bundles. Several at once, so that keys can be changed without a gap.'),
        allow_unsigned: z
          .boolean()
          .default(false)
          .describe(
            'Take bundles that nobody signed: who can write to the source then decides what is signed with your keys. A bundle without ' +
              'signature is refused unless this is true.',
          ),
      })
      .prefault({})
      .describe('Whose bundles are taken.'),
  })
  .describe('What decides.');

export type PolicySection = z.output<typeof policySchema>;
