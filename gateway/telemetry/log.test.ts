import { describe, expect, it } from 'vitest';
import { formatApiKey } from '../core/principal/api-key.ts';
import { newApiKey } from '../pipeline/administration/administration.ts';
import { createLog, withoutSecrets } from './log.ts';

function capture() {
  const lines: string[] = [];
  return { lines, log: createLog('info', { write: (line) => void lines.push(line) }) };
}

const key = newApiKey();

describe('the log', () => {
  it('writes one JSON line with level, time and service', () => {
    const { lines, log } = capture();
    log.info({ bundle_revision: 'r1' }, 'started');
    log.debug('not at this level');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      service: 'countersign',
      bundle_revision: 'r1',
      msg: 'started',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it.each([
    ['by name', { authorization: 'hunter2', secret: 'hunter2', privateKey: 'hunter2' }],
    ['by name, one level down', { headers: { authorization: 'hunter2' }, ask: { transaction: 'hunter2' } }],
    ['by name, two levels down', { a: { b: { passphrase: 'hunter2', signed_transaction: 'hunter2' } } }],
    ['in the URL of a database', { url: 'postgres://gateway:hunter2@db:5432/countersign' }],
    ['in the message of an error', { err: new Error('cannot reach postgres://gateway:hunter2@db/x') }],
    ['in the cause of an error', { err: new Error('no', { cause: new Error('redis://:hunter2@cache') }) }],
  ])('hides secrets %s', (_name, facts) => {
    const { lines, log } = capture();
    log.error(facts, 'something failed');
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('something failed');
  });

  it('hides an API key wherever it stands, but not its id', () => {
    const { lines, log } = capture();
    log.warn({ x: [`Bearer ${formatApiKey(key)}`] }, `called with ${formatApiKey(key)}`);
    expect(lines.join()).not.toContain(key.secret);
    expect(lines.join()).toContain(key.keyId);
    expect(withoutSecrets('nothing here: http://host:80/a@b')).toBe('nothing here: http://host:80/a@b');
  });
});
