// Owns the metrics of what operators decide above the policy: what is frozen, and whether the gateway only reads.
import { Gauge, type Registry } from 'prom-client';
import { FREEZE_SCOPES, type Freeze } from '../core/controls/freeze.ts';

export interface ControlsInForce {
  freezes(): readonly Pick<Freeze, 'scope'>[];
  readonly isReadOnly: boolean;
}

export function exposeControls(
  named: (name: string, help: string) => { name: string; help: string; registers: Registry[] },
  { freezes, isReadOnly }: ControlsInForce,
): void {
  new Gauge({
    ...named('freezes', 'Freezes in force by scope, as this gateway knows them.'),
    labelNames: ['scope'],
    collect() {
      const found = freezes();
      for (const scope of FREEZE_SCOPES) this.set({ scope }, found.filter((freeze) => freeze.scope === scope).length);
    },
  });
  new Gauge(named('read_only', '1: the gateway judges, and neither signs nor sends.')).set(isReadOnly ? 1 : 0);
}
