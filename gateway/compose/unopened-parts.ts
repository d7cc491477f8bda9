// Owns what relayers and wallet templates that could not be opened at the start say of whether the gateway is ready, there and in the log.
import type { ReadyPart } from '../telemetry/http.ts';
import type { Log } from '../telemetry/log.ts';
import type { OpenedRelayer } from './relayers.ts';
import { type Reopening, unopenedPart } from './reopening.ts';

interface UnopenedOptions {
  /** By name. */
  readonly relayers: ReadonlyMap<string, Pick<OpenedRelayer, 'reopening'>>;
  readonly templates: ReadonlyMap<string, Pick<Reopening<unknown>, 'fault' | 'tryAgain'>>;
  readonly log: Log;
}

/** One part for each that is not open; each look has it tried again. */
export function watchUnopened({ relayers, templates, log }: UnopenedOptions): () => readonly ReadyPart[] {
  const said = new Map<string, string>();
  return () => {
    const parts = [
      ...[...relayers].flatMap(([name, { reopening }]) =>
        reopening === undefined ? [] : unopenedPart(`relayer ${name}`, reopening),
      ),
      ...[...templates].flatMap(([name, template]) => unopenedPart(`wallet template ${name}`, template)),
    ];
    const open = new Set(said.keys());
    for (const { part, detail = '' } of parts) {
      open.delete(part);
      if (said.get(part) !== detail) log.warn({ part, reason: detail }, 'it cannot be opened yet');
      said.set(part, detail);
    }
    for (const part of open) {
      said.delete(part);
      log.info({ part }, 'it is open');
    }
    return parts;
  };
}

/** What is not open says why by itself. */
export function partsOnce(unopened: readonly ReadyPart[], others: readonly ReadyPart[]): readonly ReadyPart[] {
  const known = new Set(unopened.map(({ part }) => part));
  return [...unopened, ...others.filter(({ part }) => !known.has(part))];
}
