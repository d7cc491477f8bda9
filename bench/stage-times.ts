// Owns the per-stage times of a gateway, from the histograms that it shows at /metrics.

export interface StageTime {
  readonly stage: string;
  readonly meanMicroseconds: number;
  readonly calls: number;
}

/** Mean of each stage since the process started. */
export async function readStageTimes(httpAddress: string): Promise<readonly StageTime[]> {
  const text = await (await fetch(`http://${httpAddress}/metrics`)).text();
  const sums = samples(text, 'countersign_stage_seconds_sum');
  const counts = samples(text, 'countersign_stage_seconds_count');
  return [...counts].map(([stage, calls]) => ({
    stage,
    calls,
    meanMicroseconds: ((sums.get(stage) ?? 0) / calls) * 1e6,
  }));
}

function samples(text: string, name: string): ReadonlyMap<string, number> {
  const found = text.matchAll(new RegExp(`^${name}\\{stage="([a-z_]+)"\\} (\\S+)$`, 'gm'));
  return new Map([...found].map(([, stage = '', value]) => [stage, Number(value)]));
}
