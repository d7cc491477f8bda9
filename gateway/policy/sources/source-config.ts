// Owns what the configuration says of where policies come from. All of it is checked before: paths are absolute, files are there.

export type PolicySourceConfig = DirectorySourceConfig | GitSourceConfig | HttpSourceConfig;

export interface DirectorySourceConfig {
  readonly kind: 'directory';
  /** A bundle: a folder, or a .tar.gz file. */
  readonly path: string;
}

export interface GitSourceConfig {
  readonly kind: 'git';
  /** https, http, ssh or file; without a secret. */
  readonly url: string;
  readonly ref: { readonly kind: 'branch' | 'tag'; readonly name: string };
  /** In the repository, with `/`; empty: all of it. */
  readonly path: string;
  /** A folder of sources, which the gateway compiles, or a .tar.gz file. */
  readonly holds: 'sources' | 'bundle';
  readonly pollIntervalMs: number;
  readonly login: GitLogin;
  /** PEM; `null`: the authorities that the machine trusts. */
  readonly caFile: string | null;
  /** As in ssh-keygen(1); `null`: commits need no signature. */
  readonly allowedSignersFile: string | null;
}

export type GitLogin =
  | { readonly kind: 'none' }
  /** The token is read anew at each question. */
  | { readonly kind: 'token'; readonly username: string; readonly tokenFile: string }
  | { readonly kind: 'ssh'; readonly keyFile: string; readonly knownHostsFile: string };

export interface HttpSourceConfig {
  readonly kind: 'http';
  /** https, or http; without a secret. */
  readonly url: string;
  /** How long the server is asked to wait for a new bundle; 0: not at all. */
  readonly longPollSeconds: number;
  /** Between questions to a server that does not wait. */
  readonly pollIntervalMs: number;
  /** Sent as bearer; read anew at each question. `null`: none. */
  readonly tokenFile: string | null;
  /** Read anew at each question. `null`: none. */
  readonly client: { readonly certFile: string; readonly keyFile: string } | null;
  /** PEM; `null`: the authorities that Node.js trusts. */
  readonly caFile: string | null;
}
