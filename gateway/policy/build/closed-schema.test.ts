import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../core/decision/json-value.ts';
import { POLICIES } from './bundle-sources.ts';
import { openPlace } from './closed-schema.ts';

describe('a schema of settings', () => {
  it('is closed in the library', async () => {
    const files = await Array.fromAsync(glob('*.json', { cwd: join(POLICIES, 'schema', 'rules') }));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const schema = parseJson(await readFile(join(POLICIES, 'schema', 'rules', file), 'utf8'));
      expect(openPlace(schema), file).toBeNull();
    }
  });

  const CLOSED = '"type": "object", "additionalProperties": false';
  it.each([
    ['a map with a schema of what it holds', `{"type": "object", "additionalProperties": {"type": "integer"}}`],
    ['a branch that says more of it', `{${CLOSED}, "anyOf": [{"properties": {"a": {"const": 1}}}]}`],
    ['a condition', `{${CLOSED}, "if": {"properties": {"a": {"const": 1}}}}`],
    ['a setting of the name of a keyword', `{${CLOSED}, "properties": {"properties": {"type": "integer"}}}`],
    ['data that looks like a schema', `{${CLOSED}, "default": {"type": "object"}}`],
  ])('is closed with %s', (_, text) => {
    expect(openPlace(parseJson(text))).toBeNull();
  });

  it.each([
    ['', '{"type": "object"}'],
    ['', '{"type": "object", "additionalProperties": {}}'],
    ['properties.a: ', `{${CLOSED}, "properties": {"a": {"type": ["object", "null"]}}}`],
    ['properties.a: ', `{${CLOSED}, "properties": {"a": {"properties": {"b": {}}}}}`],
    ['properties.a.anyOf.1: ', `{${CLOSED}, "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "object"}]}}}`],
    ['definitions.a: ', `{${CLOSED}, "definitions": {"a": {"type": "object"}}}`],
    ['additionalProperties: ', '{"type": "object", "additionalProperties": {"type": "object"}}'],
  ])('is open, at the place "%s"', (place, text) => {
    expect(openPlace(parseJson(text))).toBe(
      `${place}this object must have "additionalProperties": false, or a schema of what may stand under any key`,
    );
  });
});
