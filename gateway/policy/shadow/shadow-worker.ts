// Owns the thread in which a shadow judges: off the answer path, and with a memory of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { readArchive } from '../bundle/read-archive.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { generationOf } from '../evaluation/open-generation.ts';
import type { ShadowAnswer, ShadowBatch, ShadowWork } from './shadow-messages.ts';
import { createShadowCounter } from './shadow-tally.ts';

const { archive, label }: ShadowWork = workerData;
const port = parentPort;
if (port === null) throw new Error('shadow-worker.ts runs in a thread of the gateway');

const answer = (message: ShadowAnswer): void => port.postMessage(message);
const counter = createShadowCounter();
const shadow = await generationOf(readBundle(readArchive(archive, label), label));

port.on('message', ({ judged }: ShadowBatch) => {
  for (const { input, verdict, time } of judged) counter.count(input, verdict, shadow.evaluate(input), time);
  answer({ kind: 'counted', judged: judged.length, findings: counter.take() });
});
answer({ kind: 'ready' });
