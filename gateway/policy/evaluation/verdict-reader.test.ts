import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/decision/decision.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { verdictReader } from './verdict-reader.ts';

const LIMIT = `{"id":"a","max":${2n ** 80n},"measure":{"asset":"SOL","kind":"outflow"},"on_exceed":"deny","scope":"agent","window":{"kind":"lifetime"}}`;
const REASON = '{"code":"ALLOWED","facts":{"n":1},"message":"agreed","rule":"main"}';

function text(decision: string, max = LIMIT): string {
  return `{"approval":null,"decision":"${decision}","limits":[${max}],"reasons":[${REASON}],"v":1}`;
}

function objectsIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

describe('the reader of verdicts', () => {
  it('gives for every text what it says, also the second time', () => {
    const read = verdictReader();
    const other = text('allow', LIMIT.replace('"max":1', '"max":2'));
    const texts = [text('allow'), other, text('deny'), text('permit'), '', `${text('allow')} `, text('allow')];
    for (const each of [...texts, ...texts]) expect(read(each)).toEqual(parseVerdict(each));
  });

  it('reads what allows once, and nobody can change what others get', () => {
    const read = verdictReader();
    const verdict: Verdict = read(text('allow'));
    expect(read(text('allow'))).toBe(verdict);
    const objects = objectsIn(verdict);
    expect(objects.length).toBeGreaterThan(7);
    expect(objects.filter((each) => !Object.isFrozen(each))).toEqual([]);
  });

  it('remembers no denials, no long texts, and no more than it has room for', () => {
    const read = verdictReader();
    expect(read(text('deny'))).not.toBe(read(text('deny')));
    const long = text('allow').replace('agreed', 'x'.repeat(9_000));
    expect(read(long)).not.toBe(read(long));
    const first = read(text('allow'));
    for (let n = 0; n < 600; n++) read(text('allow').replace('agreed', `agreed ${n}`));
    expect(read(text('allow'))).not.toBe(first);
    expect(read(text('allow'))).toEqual(first);
  });
});
