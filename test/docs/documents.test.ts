// Owns the proof that the documents point at what exists and say of request states what the code says.
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../gateway/cli/context.ts';
import { createProgram } from '../../gateway/cli/program.ts';
import { fakeTerminal } from '../../gateway/cli/testing/fake-terminal.ts';
import { ERROR_SPECS } from '../../gateway/core/errors.ts';
import { isFinal, REQUEST_EVENTS, REQUEST_STATES, transition } from '../../gateway/core/request/request-state.ts';
import { createMetrics } from '../../gateway/telemetry/metrics.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENTS = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readDocument(document);

  it('links only to files and headings that exist', () => {
    const broken = linksOf(text).filter((target) => !isReachable(document, target));
    expect(broken).toEqual([]);
  });

  it('names only files of the project that exist', () => {
    const missing = pathsIn(text).filter((path) => statSync(join(ROOT, path), { throwIfNoEntry: false }) === undefined);
    expect(missing).toEqual([]);
  });

  it('shows only commands and options of bin/countersign that exist', () => {
    const wrong = commandLines(text).filter((line) => !isCommandLine(line));
    expect(wrong).toEqual([]);
  });

  it('names only make targets that exist', () => {
    const targets = new Set([...readDocument('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
    const missing = [...text.matchAll(/`make ([a-z-]+)/g)].map(([, name]) => name).filter((name) => !targets.has(name));
    expect(missing).toEqual([]);
  });
});

describe('README.md', () => {
  it('shows the call from Python as it stands in the example', () => {
    const example = trimmedLines(readDocument('examples/python/sign_and_send.py')).join('\n');
    const [, shown = ''] = /```python\n([^`]+)```/.exec(readDocument('README.md')) ?? [];
    expect(shown).not.toBe('');
    expect(example).toContain(trimmedLines(shown).join('\n'));
  });
});

describe('docs/operating.md', () => {
  it('names the metrics that are printed, all but those of the process', async () => {
    const metrics = createMetrics({ version: '0' });
    metrics.redis(true);
    metrics.signers(() => []);
    metrics.sponsors(() => []);
    metrics.scrape({
      openApprovals: async () => 0,
      auditSequence: async () => 0n,
      openReservations: async () => ({ count: 0, oldestAgeMs: 0 }),
      controls: { freezes: () => [], isReadOnly: false },
    });
    const printed = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
    const own = printed.filter((name) => !/^countersign_(process|nodejs)_/.test(name));
    const named = code(readDocument('docs/operating.md')).filter((name) => /^countersign_.*[a-z]$/.test(name));
    expect(new Set(named)).toEqual(new Set(own));
  });
});

describe('docs/concepts.md', () => {
  const rows = tableRows(readDocument('docs/concepts.md'), 'State');

  it('has a row for every request state, and for no other', () => {
    expect(rows.map(([state]) => code(state)[0])).toEqual([...REQUEST_STATES]);
  });

  it.each(rows)('says of %s what follows it', (stateCell, _meaning, next) => {
    const state = REQUEST_STATES.find((name) => name === code(stateCell)[0]);
    if (state === undefined) throw new Error(`not a state: ${stateCell}`);
    const chain = ['CONFIRMED', 'FINALIZED', 'FAILED', 'EXPIRED', 'INDETERMINATE'];
    const said = [...code(next), ...(next?.includes('what the chain says') ? chain : [])];
    expect(next === 'final').toBe(isFinal(state));
    expect(new Set(said.filter((name) => name !== state))).toEqual(new Set(successors(state)));
  });

  it('has a row for every retry class', () => {
    const documented = tableRows(readDocument('docs/concepts.md'), '`retry`').map(([retry]) => code(retry)[0]);
    expect(new Set(documented)).toEqual(new Set(Object.values(ERROR_SPECS).map(({ retry }) => retry)));
  });
});

function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function trimmedLines(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim());
}

function successors(state: (typeof REQUEST_STATES)[number]): readonly string[] {
  return REQUEST_EVENTS.flatMap((event) => {
    const next = transition(state, event);
    return next.kind === 'moves' ? [next.to] : [];
  });
}

function linksOf(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^https?:/.test(target));
}

function isReachable(document: string, target: string): boolean {
  const [file = '', heading] = target.split('#');
  const path = file === '' ? document : relative(ROOT, join(ROOT, dirname(document), file));
  if (statSync(join(ROOT, path), { throwIfNoEntry: false }) === undefined) return false;
  return heading === undefined || anchorsOf(readDocument(path)).includes(heading);
}

/** As GitHub makes them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

/** Paths in code marks that begin with one of the project's own folders. */
function pathsIn(text: string): readonly string[] {
  const folders = 'gateway|policies|signers|relayer|test|deploy|examples|scripts|proto|docs|bench|tour';
  return [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g'))].map(([, path = '']) => path);
}

/** What stands after `bin/countersign` in blocks of shell. */
function commandLines(text: string): readonly string[] {
  return [...text.matchAll(/^(?:[A-Z_]+=\S+ )*bin\/countersign (.+?)(?: +#.*)?$/gm)].map(([, line = '']) => line);
}

function isCommandLine(line: string): boolean {
  const words = line.split(' ');
  let command: Command | undefined = createProgram(createContext(fakeTerminal({}), () => undefined));
  for (const word of words) {
    if (command === undefined || command.commands.length === 0) break;
    command = command.commands.find((each) => each.name() === word);
  }
  const known = command?.options.map(({ long }) => long) ?? [];
  return command !== undefined && words.filter((word) => word.startsWith('--')).every((word) => known.includes(word));
}

/** Cells of the rows of the table whose first heading is `heading`. */
function tableRows(text: string, heading: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  if (start < 0) throw new Error(`there is no table that begins with ${heading}`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function code(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([A-Za-z_]+)`/g)].map(([, text = '']) => text);
}
