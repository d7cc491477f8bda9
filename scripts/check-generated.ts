// Owns the check that proto/gen is exactly what buf generates from proto/ today.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process, { stdout } from 'node:process';

const GENERATED = 'proto/gen';

function filesUnder(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

function differences(committed: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): readonly string[] {
  const paths = [...new Set([...committed.keys(), ...fresh.keys()])].sort();
  return paths.flatMap((path) => {
    if (!committed.has(path)) return [`${GENERATED}/${path} is missing`];
    if (!fresh.has(path)) return [`${GENERATED}/${path} comes from no .proto file`];
    return committed.get(path) === fresh.get(path) ? [] : [`${GENERATED}/${path} is out of date`];
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'countersign-generated-'));
try {
  execFileSync('buf', ['generate', '--output', scratch], { stdio: ['ignore', 'inherit', 'inherit'] });
  const found = differences(filesUnder(GENERATED), filesUnder(join(scratch, GENERATED)));
  if (found.length > 0) {
    stdout.write(`${found.join('\n')}\nrun \`make generate\` and commit the result\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
