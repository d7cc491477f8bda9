// Owns which questions the Grafana dashboard answers, row by row.

interface Query {
  readonly expr: string;
  /** Labels in double braces; they must be labels of the result. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: 'timeseries' | 'stat';
  readonly unit: 'short' | 's' | 'reqps' | 'percentunit' | 'bytes';
  /** Of 24 columns. */
  readonly width: 4 | 6 | 8 | 12;
  readonly queries: readonly Query[];
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const SELECTED = 'instance=~"$instance"';

function rate(metric: string, matchers = ''): string {
  return `rate(${metric}{${SELECTED}${matchers}}[$__rate_interval])`;
}

function quantiles(metric: string, label: string | null): readonly Query[] {
  const by = label === null ? 'le' : `le, ${label}`;
  const name = label === null ? '' : ` {{${label}}}`;
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${by}) (${rate(`${metric}_bucket`)}))`,
    legend: `p${quantile * 100}${name}`,
  }));
}

function series(title: string, description: string, unit: Panel['unit'], queries: readonly Query[]): Panel {
  return { title, description, kind: 'timeseries', unit, width: 12, queries };
}

function stat(title: string, description: string, unit: Panel['unit'], query: Query): Panel {
  return { title, description, kind: 'stat', unit, width: 6, queries: [query] };
}

export const ROWS: readonly Row[] = [
  {
    title: 'Decisions',
    panels: [
      stat('Requests', 'Answered signing requests a second.', 'reqps', {
        expr: `sum(${rate('countersign_requests_total')})`,
        legend: '',
      }),
      stat('Denied', 'Share of the requests that the policy or an approver denied.', 'percentunit', {
        expr: `sum(${rate('countersign_requests_total', ', outcome="denied"')}) / sum(${rate('countersign_requests_total')})`,
        legend: '',
      }),
      stat('Faults', 'Share of the requests that ended in an error, not in a decision.', 'percentunit', {
        expr: `sum(${rate('countersign_requests_total', ', outcome="error"')}) / sum(${rate('countersign_requests_total')})`,
        legend: '',
      }),
      stat('Open approvals', 'Approvals that wait for a vote.', 'short', {
        expr: `max(countersign_approvals_open{${SELECTED}})`,
        legend: '',
      }),
      stat('Frozen', 'Freezes in force: nothing of what they name is signed or sent.', 'short', {
        expr: `sum(max by (scope) (countersign_freezes{${SELECTED}}))`,
        legend: '',
      }),
      stat('Read only', 'Gateways that judge, and neither sign nor send.', 'short', {
        expr: `sum(countersign_read_only{${SELECTED}})`,
        legend: '',
      }),
      stat('Oldest reservation', 'Age of the oldest request that has something reserved of a budget.', 's', {
        expr: `max(countersign_reservation_oldest_seconds{${SELECTED}})`,
        legend: '',
      }),
      stat('Clock offset', "How far clocks are from the database's. Beyond 2 s a replica is not ready.", 's', {
        expr: `max(abs(countersign_clock_offset_seconds{${SELECTED}}))`,
        legend: '',
      }),
      stat(
        'Trackers at rest',
        "Gateways that carry no request on, as their clock is more than five minutes from the database's.",
        'short',
        {
          expr: `sum(abs(countersign_clock_offset_seconds{${SELECTED}}) > bool 300)`,
          legend: '',
        },
      ),
      stat(
        'Wallets moved elsewhere',
        'Transactions of the last day that a wallet signed and Countersign did not.',
        'short',
        {
          expr: `sum(increase(countersign_wallet_foreign_transactions_total{${SELECTED}}[1d]))`,
          legend: '',
        },
      ),
      series('Outcomes', 'What callers were answered.', 'reqps', [
        { expr: `sum by (outcome) (${rate('countersign_requests_total')})`, legend: '{{outcome}}' },
      ]),
      series('Why not', 'First reason of each denial, pending approval and error.', 'reqps', [
        {
          expr: `sum by (outcome, reason) (${rate('countersign_requests_total', ', outcome!~"signed|submitted"')})`,
          legend: '{{outcome}} {{reason}}',
        },
      ]),
      series(
        'No room',
        'Limits over time that had no room for a request, by whose they are and what they count.',
        'reqps',
        [
          {
            expr: `sum by (scope, measure, on_exceed) (${rate('countersign_budget_exceeded_total')})`,
            legend: '{{scope}} {{measure}}: {{on_exceed}}',
          },
        ],
      ),
    ],
  },
  {
    title: 'Time',
    panels: [
      series(
        'Stages',
        'Seconds that one stage took for one request.',
        's',
        quantiles('countersign_stage_seconds', 'stage'),
      ),
      series(
        'gRPC calls',
        'Seconds until the answer; streams until they end.',
        's',
        quantiles('countersign_grpc_call_seconds', 'method'),
      ),
      series('Calls by status', 'gRPC status of every call, by method.', 'reqps', [
        { expr: `sum by (method, status) (${rate('countersign_grpc_calls_total')})`, legend: '{{method}} {{status}}' },
      ]),
      series('Rate limited', 'Calls that were answered RATE_LIMITED, by the limit that they met.', 'reqps', [
        { expr: `sum by (limit) (${rate('countersign_rate_limited_total')})`, legend: '{{limit}}' },
      ]),
      series('Redis', '1 while Redis answers the gateway. Without it each counts calls by itself.', 'short', [
        { expr: `countersign_redis_up{${SELECTED}}`, legend: '{{instance}}' },
      ]),
      series('Event loop', 'How late timers run: one long turn holds up every request.', 's', [
        { expr: `countersign_nodejs_eventloop_lag_p99_seconds{${SELECTED}}`, legend: '{{instance}}' },
      ]),
    ],
  },
  {
    title: 'Record',
    panels: [
      series(
        'Commits',
        'Seconds until one group commit was durable.',
        's',
        quantiles('countersign_commit_seconds', null),
      ),
      series('Rows a commit', 'Mean size of a group commit; it grows with the load.', 'short', [
        {
          expr: `sum by (instance) (${rate('countersign_commit_batch_size_sum')}) / sum by (instance) (${rate('countersign_commit_batch_size_count')})`,
          legend: '{{instance}}',
        },
      ]),
      series('Audit records', 'New records of the audit chain a second.', 'reqps', [
        { expr: `max(deriv(countersign_audit_sequence{${SELECTED}}[$__rate_interval]))`, legend: 'records' },
      ]),
      series(
        'Policy bundle',
        'Replicas by the revision that they decide by. More than one line: a rollout is under way.',
        'short',
        [{ expr: `count by (revision) (countersign_bundle_revision_info{${SELECTED}})`, legend: '{{revision}}' }],
      ),
    ],
  },
  {
    title: 'Signers and relayers',
    panels: [
      series('Signer calls', 'By backend and result.', 'reqps', [
        {
          expr: `sum by (backend, result) (${rate('countersign_signer_calls_total')})`,
          legend: '{{backend}} {{result}}',
        },
      ]),
      series('Signer time', 'Seconds of one call.', 's', quantiles('countersign_signer_call_seconds', 'backend')),
      series('Signers that are not ready', '1: the last check did not find the key.', 'short', [
        { expr: `1 - countersign_signer_ready{${SELECTED}}`, legend: '{{signer}} {{instance}}' },
      ]),
      series('Signers that are left alone', '0: asked; 1: one call may try it; 2: left alone.', 'short', [
        { expr: `countersign_signer_breaker_state{${SELECTED}}`, legend: '{{signer}} {{instance}}' },
      ]),
      series('Signers at rest', 'How long a service that had too much to do is left alone yet; 0: it is asked.', 's', [
        { expr: `countersign_signer_rest_seconds{${SELECTED}}`, legend: '{{signer}} {{instance}}' },
      ]),
      series('Calls at signers', 'With the signer, and waiting for it.', 'short', [
        { expr: `countersign_signer_calls_in_flight{${SELECTED}}`, legend: '{{signer}} in flight' },
        { expr: `countersign_signer_calls_waiting{${SELECTED}}`, legend: '{{signer}} waiting' },
      ]),
      series('Relayer calls', 'By backend and result.', 'reqps', [
        {
          expr: `sum by (backend, result) (${rate('countersign_relayer_calls_total')})`,
          legend: '{{backend}} {{result}}',
        },
      ]),
      series('Relayer time', 'Seconds of one call.', 's', quantiles('countersign_relayer_call_seconds', 'backend')),
    ],
  },
  {
    title: 'RPC nodes',
    panels: [
      series('RPC requests', 'By pool, host and result; and those that came because another took long.', 'reqps', [
        {
          expr: `sum by (pool, host, result) (${rate('countersign_rpc_requests_total')})`,
          legend: '{{pool}} {{host}} {{result}}',
        },
        {
          expr: `sum by (pool, host) (${rate('countersign_rpc_hedges_total')})`,
          legend: '{{pool}} {{host}} hedged',
        },
      ]),
      series('RPC time', 'Seconds of one answer.', 's', quantiles('countersign_rpc_request_seconds', 'host')),
      series('RPC lag', 'Slots from the newest that is believed.', 'short', [
        { expr: `max by (pool, host) (abs(countersign_rpc_lag_slots{${SELECTED}}))`, legend: '{{pool}} {{host}}' },
      ]),
      series('RPC WebSockets', '1: open.', 'short', [
        { expr: `max by (host) (countersign_rpc_socket_up{${SELECTED}})`, legend: '{{host}}' },
      ]),
    ],
  },
  {
    title: 'Process',
    panels: [
      series('CPU', 'Cores in use.', 'short', [
        { expr: rate('countersign_process_cpu_seconds_total'), legend: '{{instance}}' },
      ]),
      series('Memory', 'Resident memory.', 'bytes', [
        { expr: `countersign_process_resident_memory_bytes{${SELECTED}}`, legend: '{{instance}}' },
      ]),
    ],
  },
];
