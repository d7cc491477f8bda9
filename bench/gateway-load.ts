// Owns the measurement of the whole road: SignTransaction with a durable record against a bare gRPC echo, in one run.
import { fromBinary } from '@bufbuild/protobuf';
import { openState } from '../gateway/state/open-state.ts';
import { SignTransactionResponseSchema } from '../proto/gen/countersign/v1/signing_pb.ts';
import { ECHO_PATH } from './echo-server.ts';
import { type GatewayScene, IN_FLIGHT, startChild, stopChild, withGateway } from './gateway-scene.ts';
import { type Load, measureLoad } from './load.ts';
import { readStageTimes, type StageTime } from './stage-times.ts';

export interface RoadMeasurement {
  readonly echo: Load;
  readonly gateway: Load;
  readonly oneAtATime: Load;
  readonly stages: readonly StageTime[];
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** Signatures that were answered, and how many of them are not in the record; must be 0. */
  readonly signed: number;
  readonly lost: number;
}

/** Runs echo and gateway in turn, a few rounds, so that a slow moment of the machine meets both. */
export function measureRoad(seconds: number, rounds: number): Promise<RoadMeasurement> {
  return withGateway((scene) => measure(scene, seconds, rounds));
}

async function measure(
  { target, databaseUrl, http }: GatewayScene,
  seconds: number,
  rounds: number,
): Promise<RoadMeasurement> {
  const [sample] = (await measureLoad(target, 1, 0.05)).calls;
  const answerBytes = sample?.answer.length ?? 0;
  const echo = await startChild('./echo-server.ts', [String(answerBytes)], {});
  const echoTarget = { ...target, address: echo.message.address ?? '', path: ECHO_PATH, apiKey: null };
  try {
    await measureLoad(echoTarget, IN_FLIGHT, 2);
    const echoes: Load[] = [];
    const loads: Load[] = [];
    for (let i = 0; i < rounds; i++) {
      echoes.push(await measureLoad(echoTarget, IN_FLIGHT, seconds));
      loads.push(await measureLoad(target, IN_FLIGHT, seconds));
    }
    // After the load, when everything is compiled: what a gateway that has run for a while does.
    const oneAtATime = await measureLoad(target, 1, seconds);
    const stages = await readStageTimes(http);
    const answers = [...loads, oneAtATime].flatMap((load) => load.calls.map(({ answer }) => answer));
    const lost = await countLost(databaseUrl, answers);
    return {
      echo: median(echoes),
      gateway: median(loads),
      oneAtATime,
      stages,
      requestBytes: target.requests[0]?.length ?? 0,
      answerBytes,
      signed: answers.length,
      lost,
    };
  } finally {
    await stopChild(echo.child);
  }
}

/** Every answer must be a signature whose request stands in the record as SIGNED, with the same signature. */
async function countLost(databaseUrl: string, answers: readonly Buffer[]): Promise<number> {
  const state = await openState({ databaseUrl, instanceId: 'bench' });
  let lost = 0;
  const check = async (answer: Buffer): Promise<void> => {
    const { requestId, outcome } = fromBinary(SignTransactionResponseSchema, answer);
    const recorded = await state.requests.find(requestId);
    const signature = outcome.case === 'signed' ? outcome.value.signature : null;
    if (signature === null || recorded?.walletSignature !== signature) lost += 1;
  };
  for (let i = 0; i < answers.length; i += 200) await Promise.all(answers.slice(i, i + 200).map(check));
  await state.close();
  return lost;
}

function median(loads: readonly Load[]): Load {
  const sorted = loads.toSorted((a, b) => a.callsPerSecond - b.callsPerSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}
