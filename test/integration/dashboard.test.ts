// The dashboard and the alert rules ask only for metrics and labels that the gateway prints.
import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { createMetrics } from '../../gateway/telemetry/metrics.ts';

/** Labels that Prometheus adds when it scrapes, and metrics that it makes itself. */
const SCRAPE_LABELS = ['instance', 'job'];
const OWN_METRICS: Readonly<Record<string, readonly string[]>> = { up: [] };

const dashboardSchema = z.object({
  templating: z.object({ list: z.array(z.object({ query: z.string() })) }),
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});
const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ alert: z.string(), expr: z.string(), annotations: z.record(z.string(), z.string()) })),
    }),
  ),
});

interface Question {
  readonly name: string;
  readonly expr: string;
  /** Labels that its legend or its text shows. */
  readonly shown: readonly string[];
}

function fileText(path: string): string {
  return readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');
}

const dashboard = dashboardSchema.parse(JSON.parse(fileText('grafana/countersign.json')));
const rules = rulesSchema.parse(parse(fileText('prometheus/countersign.rules.yml')));

const questions: readonly Question[] = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }, n) => ({
      name: `panel ${title}, query ${n + 1}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
      shown: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
    })),
  ),
  ...rules.groups.flatMap((group) =>
    group.rules.map(({ alert, expr, annotations }) => ({
      name: `alert ${alert}`,
      expr,
      shown: Object.values(annotations).flatMap((text) =>
        [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
      ),
    })),
  ),
];

interface Asked {
  readonly metrics: readonly string[];
  /** Of matchers and groupings. */
  readonly labels: readonly string[];
  readonly isValid: boolean;
}

function asked(expr: string): Asked {
  const metrics: string[] = [];
  const labels: string[] = [];
  let isValid = true;
  parser.parse(expr).iterate({
    enter({ name, from, to, node }) {
      if (node.type.isError) isValid = false;
      if (name === 'Identifier') metrics.push(expr.slice(from, to));
      if (name === 'LabelName') labels.push(expr.slice(from, to));
    },
  });
  return { metrics, labels, isValid };
}

/** What /metrics prints once everything has happened at least once: the labels of each name. */
async function printedMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const metrics = createMetrics({ version: '0.0.0' });
  metrics.stage('evaluate', 0.001);
  metrics.rateLimited('agent');
  metrics.redis(true);
  metrics.outcome('denied', 'SPENDING_LIMIT_EXCEEDED');
  metrics.overBudget('agent', 'outflow', 'deny');
  metrics.signerCall('local-keypair', 'signed', 0.001);
  metrics.relayerCall('rpc', 'accepted', 0.001);
  metrics.feePayerCall('sponsor', 'signed', 0.001);
  const guard = { breaker: 'closed', inFlight: 1, waiting: 0, restMs: 0 } as const;
  metrics.signers(() => [{ name: 'vault', backend: 'vault-transit', isReady: true, checkedAt: 1, guard }]);
  metrics.sponsors(() => [{ name: 'gas-station', lamports: 1n, alertBelow: 2n }]);
  const node = metrics.rpcPool('chain');
  node.call('rpc.example', 'answered', 0.01);
  node.lag('rpc.example', 2);
  node.hedge('rpc.example');
  node.socket('rpc.example', true);
  metrics.reconciled(1);
  metrics.grpcCall('countersign.v1.SigningService', 'SignTransaction', 'OK', 0.001);
  metrics.commit(3, 0.001);
  metrics.policyActivated('r1', 0.2);
  metrics.policyRefused('SIGNATURE_INVALID');
  metrics.scrape({
    openApprovals: async () => 1,
    auditSequence: async () => 1n,
    openReservations: async () => ({ count: 1, oldestAgeMs: 1_000 }),
    controls: { freezes: () => [], isReadOnly: false },
  });
  const printed = new Map<string, Set<string>>();
  for (const line of (await metrics.registry.metrics()).split('\n')) {
    const [, name, labels = ''] = /^([a-z0-9_]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = printed.get(name) ?? new Set(SCRAPE_LABELS);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    printed.set(name, known);
  }
  for (const [name, labels] of Object.entries(OWN_METRICS)) printed.set(name, new Set([...SCRAPE_LABELS, ...labels]));
  return printed;
}

describe('the Grafana dashboard and the Prometheus rules', () => {
  let printed: ReadonlyMap<string, ReadonlySet<string>>;
  beforeAll(async () => {
    printed = await printedMetrics();
  });

  it.each(questions)('$name asks for what /metrics prints', ({ expr, shown }) => {
    const { metrics, labels, isValid } = asked(expr);
    expect(isValid).toBe(true);
    expect(metrics).not.toEqual([]);
    expect(metrics.filter((name) => !printed.has(name))).toEqual([]);
    const known = new Set(metrics.flatMap((name) => [...(printed.get(name) ?? [])]));
    expect([...labels, ...shown].filter((label) => !known.has(label))).toEqual([]);
  });

  it('picks gateways by a metric that is printed', () => {
    const [metric, label] =
      /label_values\((\w+), (\w+)\)/.exec(dashboard.templating.list[1]?.query ?? '')?.slice(1) ?? [];
    expect(printed.get(metric ?? '')?.has(label ?? '')).toBe(true);
  });

  it('is read by a parser that finds mistakes', () => {
    expect(asked('sum by (le) (rate(countersign_requests_total[5m])').isValid).toBe(false);
    expect(asked('rate(a{b="c"}[5m])')).toEqual({ metrics: ['a'], labels: ['b'], isValid: true });
  });
});
