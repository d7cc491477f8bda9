// Owns the bundles of the record: kept by revision, their archives by what they hash to, in parts that hold nobody up.
import { createHash } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import type { NewPolicyBundle, PolicyRevisionRecord, PolicyStore } from '../contract/policy-store.ts';
import type { Database, Session, Statement } from '../sql/database.ts';
import { bytes, integer, milliseconds, millisecondsOrNull, oneOf, type Row, text, textOrNull } from '../sql/row.ts';

const PART_BYTES = 1024 * 1024;

const COLUMNS = `revision, archive_sha256, content_sha256, origin, git_commit, built_at_ms, signed_by, pushed_by, stored_at_ms,
  first_active_at_ms`;

const FIND: Statement = { name: 'find_bundle', text: `SELECT ${COLUMNS} FROM policy_bundles WHERE revision = $1` };
const LIST: Statement = {
  name: 'list_bundles',
  text: `SELECT ${COLUMNS} FROM policy_bundles ORDER BY position DESC LIMIT $1`,
};
// Two that keep the same revision at once wait for each other here.
const INSERT: Statement = {
  name: 'insert_bundle',
  text: `INSERT INTO policy_bundles
      (revision, archive_sha256, content_sha256, origin, git_commit, built_at_ms, signed_by, pushed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (revision) DO NOTHING`,
};
const LOCK: Statement = {
  name: 'lock_bundle',
  text: `SELECT ${COLUMNS} FROM policy_bundles WHERE revision = $1 FOR UPDATE`,
};
// It never becomes older: whoever replays an earlier archive of the same content could make room for what it had replaced.
const REPLACE: Statement = {
  name: 'replace_bundle_archive',
  text: `UPDATE policy_bundles SET archive_sha256 = $2, git_commit = $3, built_at_ms = greatest(built_at_ms, $4), signed_by = $5,
      origin = $6, pushed_by = $7
    WHERE revision = $1 RETURNING ${COLUMNS}`,
};
// The next that the source brings must descend from this commit.
const BROUGHT: Statement = {
  name: 'bring_bundle',
  text: `UPDATE policy_bundles SET git_commit = $2, signed_by = $3, origin = $4, pushed_by = NULL
    WHERE revision = $1 RETURNING ${COLUMNS}`,
};
const DELETE_PARTS: Statement = {
  name: 'delete_archive_parts',
  text: 'DELETE FROM policy_archives WHERE archive_sha256 = $1',
};
const INSERT_PART: Statement = {
  name: 'insert_archive_part',
  text: 'INSERT INTO policy_archives (archive_sha256, part, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
};
const PARTS: Statement = {
  name: 'count_archive_parts',
  text: `SELECT b.archive_sha256, count(a.part)::integer AS parts FROM policy_bundles b
    LEFT JOIN policy_archives a USING (archive_sha256) WHERE b.revision = $1 GROUP BY b.archive_sha256`,
};
const PART: Statement = {
  name: 'read_archive_part',
  text: 'SELECT bytes FROM policy_archives WHERE archive_sha256 = $1 AND part = $2',
};

export function createBundleRecord(database: Database): Pick<PolicyStore, 'keep' | 'find' | 'archive' | 'list'> {
  return {
    keep: (bundle) => keep(database, bundle),
    async find(revision) {
      const [row] = await database.query(FIND, [revision]);
      return row === undefined ? null : parseRevision(row);
    },
    archive: (revision) => readArchive(database, revision),
    async list(limit) {
      return (await database.query(LIST, [limit])).map(parseRevision);
    },
  };
}

async function keep(database: Database, bundle: NewPolicyBundle): Promise<PolicyRevisionRecord | 'revision_reused'> {
  const known = await found(database, FIND, bundle.revision);
  if (known !== null && sameBytes(bytes(known, 'archive_sha256'), bundle.archiveDigest)) {
    return keepAgain(database, bundle, parseRevision(known));
  }
  if (known !== null && !sameBytes(bytes(known, 'content_sha256'), bundle.contentDigest)) return 'revision_reused';
  return database.transaction(async (session) => {
    const { revision, archiveDigest, origin, gitCommit, builtAt, signedBy, pushedBy } = bundle;
    await insertParts(session, bundle);
    const digests = [buffer(archiveDigest), buffer(bundle.contentDigest)];
    await session.query(INSERT, [revision, ...digests, origin, gitCommit, builtAt, signedBy, pushedBy]);
    const row = await found(session, LOCK, revision);
    if (row === null || !sameBytes(bytes(row, 'content_sha256'), bundle.contentDigest)) return 'revision_reused';
    if (sameBytes(bytes(row, 'archive_sha256'), archiveDigest)) return parseRevision(row);
    const [replaced] = await session.query(REPLACE, [
      revision,
      buffer(archiveDigest),
      gitCommit,
      builtAt,
      signedBy,
      origin,
      pushedBy,
    ]);
    return replaced === undefined ? 'revision_reused' : parseRevision(replaced);
  });
}

async function insertParts(session: Session, { archive, archiveDigest }: NewPolicyBundle): Promise<void> {
  for (let part = 0; part * PART_BYTES < archive.length; part++) {
    const slice = archive.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    await session.query(INSERT_PART, [buffer(archiveDigest), part, buffer(slice)]);
  }
}

/** The same archive once more. */
async function keepAgain(
  database: Database,
  bundle: NewPolicyBundle,
  known: PolicyRevisionRecord,
): Promise<PolicyRevisionRecord> {
  const { revision, origin, gitCommit, signedBy, archiveDigest } = bundle;
  if (origin === 'push') {
    await database.transaction(async (session) => {
      await session.query(DELETE_PARTS, [buffer(archiveDigest)]);
      await insertParts(session, bundle);
    });
    return known;
  }
  if (known.origin === origin && known.gitCommit === gitCommit && known.signedBy === signedBy) return known;
  const row = (await database.query(BROUGHT, [revision, gitCommit, signedBy, origin]))[0];
  return row === undefined ? known : parseRevision(row);
}

async function found(session: Session, statement: Statement, revision: string): Promise<Row | null> {
  return (await session.query(statement, [revision]))[0] ?? null;
}

async function readArchive(database: Database, revision: string): Promise<Uint8Array | null> {
  const counted = await found(database, PARTS, revision);
  if (counted === null) return null;
  const digest = bytes(counted, 'archive_sha256');
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  for (let part = 0; part < integer(counted, 'parts'); part++) {
    const [row] = await database.query(PART, [buffer(digest), part]);
    const piece = row === undefined ? new Uint8Array(0) : bytes(row, 'bytes');
    hash.update(piece);
    parts.push(piece);
  }
  if (sameBytes(hash.digest(), digest)) return new Uint8Array(Buffer.concat(parts));
  throw new GatewayError(
    'INTERNAL',
    `the archive of policy revision ${revision} in the database does not hash to what it should; push the bundle again`,
  );
}

function parseRevision(row: Row): PolicyRevisionRecord {
  return {
    revision: text(row, 'revision'),
    archiveDigest: bytes(row, 'archive_sha256'),
    origin: oneOf(row, 'origin', ['directory', 'git', 'http', 'push']),
    gitCommit: textOrNull(row, 'git_commit'),
    builtAt: millisecondsOrNull(row, 'built_at_ms'),
    signedBy: textOrNull(row, 'signed_by'),
    pushedBy: textOrNull(row, 'pushed_by'),
    storedAt: milliseconds(row, 'stored_at_ms'),
    firstActiveAt: millisecondsOrNull(row, 'first_active_at_ms'),
  };
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** The driver takes a Buffer for bytes; this one shares them. */
function buffer(of: Uint8Array): Buffer {
  return Buffer.from(of.buffer, of.byteOffset, of.byteLength);
}
