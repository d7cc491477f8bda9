import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BundleServer, startBundleServer } from '../../gateway/policy/sources/testing/bundle-server.ts';
import {
  type BuiltBundle,
  builtOf,
  type Folder,
  type GitopsScene,
  newFolder,
  newPolicyRepository,
  openScene,
  type Release,
  releaseBy,
  SERVED_WITHIN_MS,
  SOL,
  withLimit,
} from './gitops-scene.ts';

const START = Date.now() - 60 * 60_000;
const IN_FLIGHT = 32;

let folder: Folder;
let server: BundleServer;
let release: Release;
let first: BuiltBundle;
let scene: GitopsScene;

beforeAll(async () => {
  folder = await newFolder('gitops-long-poll');
  release = await releaseBy('ES256', folder);
  first = await builtOf(await newPolicyRepository(folder.path), START);
  server = await startBundleServer();
  server.publish(release.archiveOf(first));
  scene = await openScene({
    source: { type: 'http', url: server.url, long_poll_seconds: 30, poll_interval_ms: 200 },
    signatures: release.signatures,
  });
}, 180_000);

afterAll(async () => {
  await scene?.stop();
  await server?.close();
  await folder?.remove();
});

function limited(revision: string, minutes: number, lamports: bigint): BuiltBundle {
  return withLimit(first, revision, START + minutes * 60_000, lamports);
}

describe('a bundle server that waits with its answer', { timeout: 120_000 }, () => {
  it('brings a stricter revision at once', async () => {
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'signed', revision: 'first' });
    server.publish(release.archiveOf(limited('strict', 10, SOL / 2n)));
    const { revision, ms } = await scene.decidedAnew(SOL, 'denied', 'first');
    expect(revision).toBe('strict');
    expect(ms).toBeLessThan(SERVED_WITHIN_MS);
  });

  it('changes nothing where a download breaks off, and goes on when it is whole', async () => {
    const whole = release.archiveOf(limited('whole', 15, SOL / 2n));
    server.misbehave((_request, response) => {
      response.writeHead(200, { etag: '"half"', 'content-type': 'application/gzip', 'content-length': whole.length });
      response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
    });
    // Whoever waits is answered, so that the next question meets the broken server.
    server.publish(release.archiveOf(limited('strict', 10, SOL / 2n)));
    await scene.problem(/./);
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'denied', revision: 'strict' });
    server.publish(whole);
    server.misbehave(null);
    await scene.decidedAnew(SOL, 'denied', 'strict');
    expect(await scene.active()).toBe('whole');
    await scene.noProblem();
  });

  it('swaps under load: each call is judged by one revision, whole, and none fails', async () => {
    const limits = new Map([['whole', SOL / 2n]]);
    for (const [n, lamports] of [SOL / 4n, SOL, SOL / 8n].entries()) {
      const before = await scene.active();
      const revision = `load-${n}`;
      limits.set(revision, lamports);
      const archive = release.archiveOf(limited(revision, 20 + n, lamports));
      const seen = await underLoad(
        () => server.publish(archive),
        (revisions) => revisions.has(revision),
      );
      expect([...new Set(seen.map((one) => one.revision))].sort()).toEqual([before, revision].sort());
      for (const { revision: by, outcome, lamports: asked } of seen) {
        const isWithin = asked < (limits.get(by) ?? 0n);
        expect(outcome, `${asked} lamports by ${by}`).toBe(isWithin ? 'signed' : 'denied');
      }
    }
  });

  /** Calls without a pause, amounts on both sides of every limit, until the new revision has answered for a while. */
  async function underLoad(swap: () => void, isOver: (revisions: ReadonlySet<string>) => boolean) {
    const seen: { revision: string; outcome: string; lamports: bigint }[] = [];
    const revisions = new Set<string>();
    let left = 2 * IN_FLIGHT;
    const caller = async (n: number) => {
      for (;;) {
        const lamports = [SOL / 10n, SOL / 5n, SOL / 3n, (SOL * 3n) / 4n, 2n * SOL][(n + seen.length) % 5] ?? 0n;
        const { revision, outcome } = await scene.transfer(lamports);
        seen.push({ revision, outcome, lamports });
        revisions.add(revision);
        if (seen.length === IN_FLIGHT) swap();
        if (isOver(revisions)) left -= 1;
        if (left <= 0) return;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => caller(n)));
    return seen;
  }
});
