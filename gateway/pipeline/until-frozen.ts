// Owns a signal that ends when operators freeze what is to be signed.
import { type Controls, freezeText, frozenBy } from '../core/controls/freeze.ts';
import { GatewayError } from '../core/errors.ts';
import type { ControlStore } from '../state/contract/control-store.ts';
import type { BoundedSignal } from './bounded-signal.ts';
import { type Intent, termsOf } from './intent.ts';

/** Ends with `outer` too. The reason of one that a freeze ended is a GatewayError FROZEN; at once, where the freeze is known already. */
export function untilFrozen(
  controls: Pick<ControlStore, 'current' | 'onChange'>,
  intent: Intent,
  outer: AbortSignal,
): BoundedSignal {
  const { controls: judgedUnder } = termsOf(intent);
  const controller = new AbortController();
  const look = ({ version, freezes }: Controls): void => {
    if (version === judgedUnder || controller.signal.aborted) return;
    const freeze = frozenBy(freezes, intent.subject);
    if (freeze !== null) controller.abort(new GatewayError('FROZEN', freezeText(freeze)));
  };
  const leave = (): void => controller.abort(outer.reason);
  if (outer.aborted) leave();
  else outer.addEventListener('abort', leave, { once: true });
  const unlisten = controls.onChange(look);
  look(controls.current());
  return {
    signal: controller.signal,
    release: () => {
      unlisten();
      outer.removeEventListener('abort', leave);
    },
  };
}
