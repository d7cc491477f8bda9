// Owns the thread in which kept revisions explain inputs that people ask about: whatever those do, no request waits for it.
import { parentPort } from 'node:worker_threads';
import { readArchive } from '../bundle/read-archive.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import { reasonOf } from '../evaluation/opa-module.ts';
import { generationOf } from '../evaluation/open-generation.ts';
import type { PolicyGeneration } from '../policy-engine.ts';
import type { ExplainAnswer, ExplainQuestion } from './explainer.ts';

const port = parentPort;
if (port === null) throw new Error('explain-worker.ts runs in a thread of the gateway');

/** The one that was asked last. */
let open: PolicyGeneration | null = null;

async function answer({ revision, archive, input }: ExplainQuestion): Promise<ExplainAnswer> {
  if (archive !== null) {
    open = null;
    const label = `revision ${revision}`;
    open = await generationOf(readBundle(readArchive(archive, label), label));
  }
  if (open?.bundleRevision !== revision) throw new Error(`what is kept as ${revision} is ${open?.bundleRevision}`);
  return { kind: 'explained', verdict: open.evaluate(input), explanation: open.explain(input) };
}

port.on('message', (question: ExplainQuestion) => {
  void answer(question)
    .catch((error: unknown): ExplainAnswer => ({ kind: 'failed', message: reasonOf(error) }))
    .then((said) => port.postMessage(said));
});
