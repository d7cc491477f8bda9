// Owns the metrics of policies: which one decides, how long that took, what was refused, and what a shadow would have decided.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { boundedLabel } from './bounded-label.ts';

/** What is told of policies. */
export interface PolicyObserver {
  /** It decides from now on; seconds from the start of its preparation. */
  policyActivated(revision: string, seconds: number): void;
  /** A step of an activation took so many seconds. */
  policyStepped(step: string, seconds: number): void;
  /** A bundle or a revision was not let decide; the code says why. */
  policyRefused(code: string): void;
  policyShadowed(kind: string, decisions: number): void;
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const REASON = /^[A-Z_]{3,64}$/;
const NAME = /^[a-z0-9_-]{1,40}$/;
const MAX_LABELS = 32;

type Named = (name: string, help: string) => { name: string; help: string; registers: Registry[] };

export function policyMetrics(named: Named): PolicyObserver {
  const bundle = new Gauge({
    ...named('bundle_revision_info', 'Always 1; the label names the active policy bundle.'),
    labelNames: ['revision'],
  });
  const seconds = new Histogram({
    ...named('policy_activation_seconds', 'Seconds from the start of preparing a policy bundle until it decided.'),
    buckets: BUCKETS,
  });
  const stepSeconds = new Histogram({
    ...named('policy_activation_step_seconds', 'Seconds that one step of activating a policy bundle took.'),
    labelNames: ['step'],
    buckets: BUCKETS,
  });
  const last = new Gauge(named('policy_last_activation_timestamp_seconds', 'When the active policy began to decide.'));
  const refusals = new Counter({
    ...named('policy_refusals_total', 'Policy bundles and revisions that were not let decide, by reason.'),
    labelNames: ['reason'],
  });
  const shadowed = new Counter({
    ...named(
      'policy_shadow_decisions_total',
      'Decisions that a shadow judged, left out, failed on, or would have made otherwise.',
    ),
    labelNames: ['kind'],
  });
  const reason = boundedLabel(REASON, MAX_LABELS, 'OTHER');
  const kindOf = boundedLabel(NAME, MAX_LABELS, 'other');
  const step = boundedLabel(NAME, MAX_LABELS, 'other');
  return {
    policyActivated(revision, took) {
      bundle.reset();
      bundle.set({ revision: revision.slice(0, 128) }, 1);
      seconds.observe(took);
      last.setToCurrentTime();
    },
    policyStepped: (name, took) => stepSeconds.observe({ step: step(name) }, took),
    policyRefused: (code) => refusals.inc({ reason: reason(code) }),
    policyShadowed: (kind, decisions) => shadowed.inc({ kind: kindOf(kind) }, decisions),
  };
}
