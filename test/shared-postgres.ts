// Owns the one Postgres server of a run of tests: to start one for each file would take a tenth of the whole run.
import { SHARED_SERVER, startSharedServer } from '../gateway/state/testing/test-database.ts';

export default async function setup(): Promise<void> {
  process.env[SHARED_SERVER] = await startSharedServer();
}
