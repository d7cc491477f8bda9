import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findOpa, PROJECT } from '../../policy/build/opa.ts';
import { readModules } from '../rego/read-modules.ts';
import { lint, lintDirectory, surroundings } from './lint.ts';
import { lintFiles } from './testing/lint-files.ts';

/** Everything that Rego's grammar has, in places where checks look. */
const STRANGE: Readonly<Record<string, string>> = {
  'an empty package': 'package a\n',
  'a package of the rules themselves': 'package countersign.rules\n\nverdict := 1\n',
  'quoted package parts': 'package a["b-c"].d\n\nx := data.a["b-c"].d\n',
  'rules of every kind':
    'package countersign.rules.a\n\nimport data.x.y as z\nimport input.effects as e\n\ns contains 1\np[x] := y if some x, y in e\nq.r[x].t := 1 if some x in z\nf(_) := 1\nf([a, {"b": b}]) := a + b\ng(1)\nverdict = {"decision": d} if { d := "allow" } else := 1 if { false } else := null\n',
  'expressions of every kind':
    'package countersign.rules.a\n\nverdict := v if {\n\tsome i\n\tinput.transaction.instructions[i][_] == 1\n\tnot not_there(1)\n\twalk(input, [p, v])\n\t[a, {"b": c}] = [1, {"b": 2}]\n\tx := [y | y := -a] with input as {} with data.x as 1\n\tevery k, w in {1: 2} { k != w; every z in [w] { z in {1, null} } }\n\t{1: 2}[1] == $"a {b} {1 + c} {`x`}"\n\tp in x\n\tcount({q: r | some q, r in x}) == 0\n\tset() == {m | m := x[_]} & {1} | {2}\n}\n\nnot_there(_) if false\n\nb := `raw\n"text"`\n',
  'a rule without a body beside a default':
    'package countersign.rules.a\n\ndefault verdict := 1\n\nverdict := data.x.y.z[input.q]\n',
  'letters beyond ASCII':
    'package countersign.rules.a\n\nverdict := {"décision": "allow"} if "ü𝄞" == input.context["ü𝄞"] # é\n',
  'functions that call each other with what they are given':
    'package countersign.rules.a\n\nverdict := {"decision": "allow"} if f(input.effects)\n\nf(x) if g(x.outflows)\n\ng(x) if h(x[0])\n\nh(x) if not x.amount > 1\n',
};

describe('lint', () => {
  it.each(Object.entries(STRANGE))('reads %s without a fault', async (_, text) => {
    const { files, findings } = await lintFiles({ 'a.rego': text });
    expect(files).toBe(1);
    for (const { at } of findings) expect(at.row).toBeGreaterThan(0);
  });

  it('reads every Rego file of the project, alone and without what it belongs to', async () => {
    const around = await surroundings();
    const files = (await Array.fromAsync(glob('policies/**/*.rego', { cwd: PROJECT }))).filter(
      (file) => !file.includes('build/'),
    );
    expect(files.length).toBeGreaterThan(20);
    for (const module of await readModules(findOpa(), PROJECT, files)) {
      expect(() => lint([module], [], around)).not.toThrow();
    }
  });

  it('tells places in characters, as editors do', async () => {
    const { findings } = await lintFiles({ 'a.rego': 'package a\n\nx := ["ü𝄞", 1 / 2]\n' });
    expect(findings.find(({ code }) => code === 'division')?.at).toMatchObject({ row: 3, col: 15 });
  });

  it('does not judge tests, which may do what rules may not', async () => {
    const { findings } = await lintFiles({ 'a_test.rego': 'package a_test\n\nx := time.now_ns() / 2.5\n' });
    expect(findings).toEqual([]);
  });

  it('finds nothing that counts as an error in the library and the examples', async () => {
    const { findings } = await lintDirectory(findOpa(), join(PROJECT, 'policies'));
    const errors = findings.filter(({ level }) => level === 'error');
    expect(errors.map(({ at, code, what }) => `${at.file}:${at.row} ${code}: ${what}`)).toEqual([]);
  });

  it('knows as functions of WebAssembly what the capabilities name', async () => {
    const capabilities: unknown = JSON.parse(await readFile(join(PROJECT, 'policies/capabilities.json'), 'utf8'));
    expect((await surroundings()).builtins.size).toBe(Object(capabilities).builtins.length);
  });
});
