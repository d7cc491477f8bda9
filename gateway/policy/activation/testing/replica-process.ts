// Owns one replica as a process of its own: started by a test with the URL of the record, it says over IPC what decides.
import { argv } from 'node:process';
import { openRecord, openReplica } from './replica-scene.ts';
import { scriptedSource } from './scripted-source.ts';

const [databaseUrl = '', name = ''] = argv.slice(2);
const state = await openRecord(databaseUrl, name);
const tell = (message: unknown) => {
  if (process.connected) process.send?.(message);
};
const replica = await openReplica(state, scriptedSource(), {
  replica: name,
  startWaitMs: 0,
  observer: {
    activated: (activated) => tell({ activated }),
    stepped: () => {},
    refused: (refused) => tell({ refused }),
    shadowed: () => {},
  },
});
process.on('message', () => tell({ says: replica.says() }));
process.on('disconnect', () => {
  void replica.policy.close().finally(() => state.close().finally(() => process.exit(0)));
});
