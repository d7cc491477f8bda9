// Owns what the URL of a database says: the servers that may be the primary, who calls, and how the connection is protected.

export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
}

export type DatabaseTls =
  | { readonly kind: 'off' }
  /** The certificate is checked against `caFile`, or the authorities of Node where it is null; its name too, unless `anyName`. */
  | {
      readonly kind: 'verified';
      readonly caFile: string | null;
      readonly anyName: boolean;
      /** What the gateway shows of itself; `null`: nothing. */
      readonly client: { readonly certFile: string; readonly keyFile: string } | null;
    };

export interface DatabaseTarget {
  /** Tried in this order until one is the primary. */
  readonly servers: readonly DatabaseServer[];
  /** Absent parts come from the environment of the driver (PGUSER, PGPASSWORD, PGDATABASE). */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly tls: DatabaseTls;
}

export type ParsedDatabaseUrl = { readonly target: DatabaseTarget } | { readonly problem: string };

const URL_PARTS = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const SERVER = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]*)(?::([0-9]{1,5}))?$/;
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];
const PARAMETERS = ['host', 'port', 'password', 'sslmode', ...FILES, 'target_session_attrs'];
const DEFAULT_PORT = 5432;

const UNREADABLE = 'cannot be read; it should look like postgres://user:password@host:5432/name';

/** What is wrong is said without repeating any of the URL. */
export function parseDatabaseUrl(url: string): ParsedDatabaseUrl {
  const [matched, login = '', authority = '', path = '', query = ''] = URL_PARTS.exec(url) ?? [];
  const [user, ...password] = login.split(':').map(decoded);
  const database = decoded(path);
  if (matched === undefined || password.length > 1 || user === null || password[0] === null || database === null) {
    return { problem: UNREADABLE };
  }
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((key) => !PARAMETERS.includes(key));
  if (unknown !== undefined) return { problem: `has a parameter that is none of ${PARAMETERS.join(', ')}` };
  const servers = serversOf(parameters, authority);
  if (servers === null) return { problem: UNREADABLE };
  const attributes = parameters.get('target_session_attrs') ?? 'read-write';
  if (attributes !== 'read-write' && attributes !== 'primary') {
    return { problem: 'asks for a server that cannot be written to; target_session_attrs is read-write' };
  }
  const tls = tlsOf(parameters, servers);
  if (typeof tls === 'string') return { problem: tls };
  const given = (text: string | null | undefined) => text || undefined;
  return {
    target: {
      servers,
      user: given(user),
      password: given(password[0]) ?? given(parameters.get('password')),
      database: given(database),
      tls,
    },
  };
}

/** Throws a plain error, fit to be shown. */
export function requireTarget(url: string): DatabaseTarget {
  const parsed = parseDatabaseUrl(url);
  if ('problem' in parsed) throw new Error(`the database URL ${parsed.problem}`);
  return parsed.target;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** As libpq: `host=` names a folder of a Unix socket too, and takes the place of what stands before the path. */
function serversOf(parameters: URLSearchParams, authority: string): readonly DatabaseServer[] | null {
  const named = parameters.get('host');
  if (named !== null) {
    const port = parameters.get('port') ?? String(DEFAULT_PORT);
    return named === '' || !/^[0-9]{1,5}$/.test(port) ? null : [{ host: named, port: Number(port) }];
  }
  const servers = authority.split(',').map((text) => {
    const [matched, host = '', port = parameters.get('port') ?? String(DEFAULT_PORT)] = SERVER.exec(text) ?? [];
    const number = Number(port);
    const name = decoded(host.replace(/^\[|\]$/g, ''));
    if (matched === undefined || name === null || !(number >= 1 && number <= 65_535)) return null;
    return { host: name === '' ? 'localhost' : name, port: number };
  });
  return servers.some((server) => server === null) ? null : servers.filter((server) => server !== null);
}

function tlsOf(parameters: URLSearchParams, servers: readonly DatabaseServer[]): DatabaseTls | string {
  const relative = FILES.find((key) => parameters.get(key)?.startsWith('/') === false);
  if (relative !== undefined) return `has an ${relative} that is no absolute path`;
  const [caFile, certFile, keyFile] = FILES.map((key) => parameters.get(key) ?? null);
  if (caFile === undefined || certFile === undefined || keyFile === undefined) return UNREADABLE;
  if ((certFile === null) !== (keyFile === null)) return 'has one of sslcert and sslkey without the other';
  const client = certFile === null || keyFile === null ? null : { certFile, keyFile };
  const usesTls = caFile !== null || client !== null;
  const mode = parameters.get('sslmode') ?? (usesTls ? 'verify-full' : servers.every(isLocal) ? 'disable' : null);
  switch (mode) {
    case 'disable':
      return usesTls ? 'names files of certificates, but sslmode=disable uses no TLS' : { kind: 'off' };
    case 'verify-full':
      return { kind: 'verified', caFile, anyName: false, client };
    case 'verify-ca':
      if (caFile === null) return 'has sslmode=verify-ca without sslrootcert: any certificate would do';
      return { kind: 'verified', caFile, anyName: true, client };
    case null:
      return 'names a server off this machine without saying how the connection is protected: add sslmode=verify-full (and sslrootcert=<file> for an authority of your own), or sslmode=disable';
    default:
      return 'has an sslmode that does not check who answers; use verify-full or verify-ca, or disable';
  }
}

function isLocal({ host }: DatabaseServer): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host);
}
