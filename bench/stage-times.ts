// Owns the per-stage times of a gateway, from the histograms that it shows at /metrics.

export interface StageTime {
  readonly stage: string;
  readonly meanMicroseconds: number;
  readonly calls: number;
}

/** Mean of each stage of a request since the process started. */
export function readStageTimes(httpAddress: string): Promise<readonly StageTime[]> {
  return readTimes(httpAddress, 'countersign_stage_seconds', 'stage');
}

/** Mean of each step of activating a policy bundle. */
export function readActivationSteps(httpAddress: string): Promise<readonly StageTime[]> {
  return readTimes(httpAddress, 'countersign_policy_activation_step_seconds', 'step');
}

async function readTimes(httpAddress: string, name: string, label: string): Promise<readonly StageTime[]> {
  const text = await (await fetch(`http://${httpAddress}/metrics`)).text();
  const sums = samples(text, `${name}_sum`, label);
  const counts = samples(text, `${name}_count`, label);
  return [...counts].map(([stage, calls]) => ({
    stage,
    calls,
    meanMicroseconds: ((sums.get(stage) ?? 0) / calls) * 1e6,
  }));
}

function samples(text: string, name: string, label: string): ReadonlyMap<string, number> {
  const found = text.matchAll(new RegExp(`^${name}\\{${label}="([a-z_]+)"\\} (\\S+)$`, 'gm'));
  return new Map([...found].map(([, stage = '', value]) => [stage, Number(value)]));
}
