import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LIBRARY } from './bundle-sources.ts';
import { assembleDataSchema } from './data-schema.ts';

/** As the library writes it: `guards := ["…", "…"] if {`. */
async function guardsOfLibrary(): Promise<readonly string[]> {
  const main = await readFile(join(LIBRARY, 'main', 'main.rego'), 'utf8');
  const guards = /^guards := \[([^\]]+)\] if \{$/m.exec(main)?.[1] ?? '';
  return [...guards.matchAll(/"(\w+)"/g)].flatMap(([, name]) => name ?? []);
}

it('lets a wallet waive exactly the guards that the library asks for', async () => {
  const guards = await guardsOfLibrary();
  expect(guards.length).toBeGreaterThan(3);
  const schema = assembleDataSchema({ definitions: {}, settings: new Map(), rules: guards });
  expect(schema).toMatchObject({
    definitions: { wallet: { properties: { waived: { items: { enum: guards.toSorted() } } } } },
  });
});
