// Owns what every remote signer must do, alone and behind the guard, beside what all signers must (signer-conformance.ts).
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { describeChecks } from './remote/checks.ts';
import { describeGuarded } from './remote/guarded.ts';
import { type Overheard, overhear } from './remote/overheard.ts';
import { describeRawAttempts } from './remote/raw-attempts.ts';
import { type RemoteScene, remoteSceneOf } from './remote/scene.ts';
import type { OpenRemoteSigner } from './remote-signer.ts';

/**
 * `open` is called once. What it gives fits `describeSignerConformance` as well, which the tests of a backend run beside this:
 * `describeSignerConformance('…', open); describeRemoteSigner('…', open);`
 */
export function describeRemoteSigner(name: string, open: OpenRemoteSigner): void {
  describe(`${name} as a remote signer`, () => {
    let overheard: Overheard;
    let scene: RemoteScene;
    beforeAll(async () => {
      overheard = overhear();
      scene = remoteSceneOf(await open(), overheard);
    });
    afterEach(async () => {
      const { service } = scene.subject;
      await service.misbehave(null);
      overheard.expectNone([...service.secrets, ...(service.echoed?.() ?? [])]);
    });
    afterAll(async () => {
      overheard.stop();
      await scene.subject.signer.close();
      await scene.subject.service.close();
    });

    describeRawAttempts(() => scene);
    describeChecks(() => scene);
    describeGuarded(() => scene);

    it('shows no secret when it is printed', async () => {
      const { signer } = scene.subject;
      await overheard.hear(Promise.resolve(`${inspect(signer, { depth: 10, showHidden: true })}`));
    });
  });
}
