import { expect, it } from 'vitest';
import { openState } from './open-state.ts';
import { createTestDatabase } from './testing/test-database.ts';

it.each(['', 'not a url', 'http://user:hunter2@host/db', 'postgres//user:hunter2@host'])(
  'refuses the database URL "%s" without repeating it',
  async (databaseUrl) => {
    const opening = openState({ databaseUrl, instanceId: 'test' });
    await expect(opening).rejects.toThrow('it should look like postgres://user:password@host:5432/name');
    await expect(opening).rejects.not.toThrow('hunter2');
  },
);

it('says that a wrong password keeps it out, without the password', async () => {
  const database = await createTestDatabase();
  const databaseUrl = database.url.replace(new URL(database.url).password, 'hunter2');
  const opening = openState({ databaseUrl, instanceId: 'test' });
  await expect(opening).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE', metadata: { cause: '28P01' } });
  await expect(opening).rejects.not.toThrow('hunter2');
  await database.drop();
});
