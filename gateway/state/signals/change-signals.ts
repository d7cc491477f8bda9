// Owns how readers learn that something changed: at once for what this process committed; for what others did by a shared poll, which
// their hints wake early.
import type { FanOut, Hint } from '../../replicas/fan-out.ts';
import type { Database } from '../sql/database.ts';
import { bigint, text } from '../sql/row.ts';
import { createLook } from './look.ts';

export interface ChangeSignals {
  onRequest(requestId: string, callback: () => void): () => void;
  onAppend(callback: () => void): () => void;
  onSelection(callback: () => void): () => void;
  /** Calls back at each look with the version that was seen, and when the look began by `performance.now()`. */
  onControls(callback: (version: bigint, lookedAt: number) => void): () => void;
  requestsChanged(requestIds: Iterable<string>): void;
  appended(): void;
  selected(): void;
  controlsChanged(): void;
  stop(): void;
}

const POLL_MS = 200;

const HEAD = { name: 'poll_head', text: 'SELECT sequence FROM audit_head' };
const SELECTION = { name: 'poll_selection', text: 'SELECT version FROM policy_selection' };
const CONTROLS = { name: 'poll_controls', text: 'SELECT version FROM controls' };
const REVISIONS = {
  name: 'poll_revisions',
  text: 'SELECT request_id, revision FROM requests WHERE request_id = ANY ($1)',
};

interface Watched {
  readonly callbacks: Set<() => void>;
  /** As the last poll saw it; `null` before the first. */
  revision: bigint | null;
}

/** A callback that throws is logged, and hinders neither the others nor the commit. `fanOut`: to and from other gateways; may be absent. */
export function createChangeSignals(
  database: Database,
  log: (line: string) => void,
  fanOut: FanOut | null = null,
): ChangeSignals {
  const requests = new Map<string, Watched>();
  const appends = new Set<() => void>();
  const selections = new Set<() => void>();
  const controls = new Set<(version: bigint, lookedAt: number) => void>();
  let sequence: bigint | null = null;
  let version: bigint | null = null;
  let timer: NodeJS.Timeout | null = null;
  const due = new Set<string>();
  const looks = {
    controls: createLook(pollControls),
    audit: createLook(pollHead),
    policy: createLook(pollSelection),
    requests: createLook(pollRequests),
  };
  const stopHints = fanOut?.onHint(hinted);

  function callAll<T extends readonly unknown[]>(callbacks: Iterable<(...seen: T) => void>, ...seen: T): void {
    for (const callback of [...callbacks]) {
      try {
        callback(...seen);
      } catch (error) {
        log(`a listener for changes failed: ${error instanceof Error ? error.message : 'unknown'}`);
      }
    }
  }

  function poll(): void {
    for (const requestId of requests.keys()) due.add(requestId);
    for (const look of Object.values(looks)) look.tick();
  }

  /** A hint is a reason to look, and only where somebody listens. */
  function hinted({ topics, requests: named }: Hint): void {
    for (const topic of topics) looks[topic].wake();
    const listenedTo = named.filter((requestId) => requests.has(requestId));
    if (listenedTo.length === 0) return;
    for (const requestId of listenedTo) due.add(requestId);
    looks.requests.wake();
  }

  async function pollControls(): Promise<void> {
    if (controls.size === 0) return;
    const started = performance.now();
    const [row] = await database.query(CONTROLS, []);
    if (row !== undefined) callAll(controls, bigint(row, 'version'), started);
  }

  async function pollHead(): Promise<void> {
    if (appends.size === 0) return;
    const [row] = await database.query(HEAD, []);
    if (row === undefined) return;
    const now = bigint(row, 'sequence');
    if (now === sequence) return;
    sequence = now;
    callAll(appends);
  }

  async function pollSelection(): Promise<void> {
    if (selections.size === 0) return;
    const [row] = await database.query(SELECTION, []);
    if (row === undefined) return;
    const now = bigint(row, 'version');
    if (now === version) return;
    version = now;
    callAll(selections);
  }

  async function pollRequests(): Promise<void> {
    if (due.size === 0) return;
    const asked = [...due];
    due.clear();
    for (const row of await database.query(REVISIONS, [asked])) {
      const watched = requests.get(text(row, 'request_id'));
      const revision = bigint(row, 'revision');
      if (watched === undefined || watched.revision === revision) continue;
      watched.revision = revision;
      callAll(watched.callbacks);
    }
  }

  function keepPolling(): void {
    if (requests.size + appends.size + selections.size + controls.size === 0) {
      if (timer !== null) clearInterval(timer);
      timer = null;
    } else {
      timer ??= setInterval(poll, POLL_MS).unref();
    }
  }

  return {
    onRequest(requestId, callback) {
      const watched = requests.get(requestId) ?? { callbacks: new Set(), revision: null };
      requests.set(requestId, watched);
      return listen(watched.callbacks, callback, () => {
        if (watched.callbacks.size === 0 && requests.get(requestId) === watched) requests.delete(requestId);
        keepPolling();
      });
    },
    onAppend: (callback) => listen(appends, callback, keepPolling),
    onSelection: (callback) => listen(selections, callback, keepPolling),
    onControls: (callback) => listen(controls, callback, keepPolling),
    requestsChanged(requestIds) {
      const changed = [...requestIds];
      for (const requestId of changed) callAll(requests.get(requestId)?.callbacks ?? []);
      if (changed.length > 0) fanOut?.publish({ topics: [], requests: changed });
    },
    appended() {
      callAll(appends);
      fanOut?.publish({ topics: ['audit'], requests: [] });
    },
    selected() {
      callAll(selections);
      fanOut?.publish({ topics: ['policy'], requests: [] });
    },
    controlsChanged: () => fanOut?.publish({ topics: ['controls'], requests: [] }),
    stop() {
      stopHints?.();
      for (const look of Object.values(looks)) look.stop();
      requests.clear();
      appends.clear();
      selections.clear();
      controls.clear();
      keepPolling();
    },
  };
}

// Wrapped, so that the same function may listen twice.
function listen<T extends readonly unknown[]>(
  listeners: Set<(...seen: T) => void>,
  callback: (...seen: T) => void,
  changed: () => void,
): () => void {
  const own = (...seen: T) => callback(...seen);
  listeners.add(own);
  changed();
  return () => {
    listeners.delete(own);
    changed();
  };
}
