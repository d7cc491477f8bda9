// Owns the `simulation` part of a policy input. Keys stand in code point order.
import { assertNever } from '../assert-never.ts';
import type { Divergence, SimulatedInstruction, Simulation } from '../simulation/simulation.ts';
import { effectsJson } from './effects-json.ts';
import { list, text, whole } from './json-text.ts';
import { instructionJson } from './transaction-json.ts';

export function simulationJson(simulation: Simulation): string {
  switch (simulation.status) {
    case 'not_run':
      return '{"status":"not_run"}';
    case 'unavailable':
      return `{"reason":${text(simulation.reason)},"status":"unavailable"}`;
    case 'failed':
      return `{"error":${text(simulation.error)},"slot":${simulation.slot},"status":"failed"}`;
    case 'succeeded':
      return (
        `{"complete":${simulation.missing.length === 0}` +
        `,"divergences":${list(simulation.divergences, divergenceJson)}` +
        `,"diverges":${simulation.divergences.length > 0}` +
        `,"effects":${effectsJson(simulation.effects)}` +
        `,"instructions":${list(simulation.instructions, simulatedInstructionJson)}` +
        `,"missing":${list(simulation.missing, text)}` +
        `,"slot":${simulation.slot},"status":"succeeded","units_consumed":${simulation.unitsConsumed}}`
      );
    default:
      return assertNever(simulation);
  }
}

function divergenceJson({ account, change, detail }: Divergence): string {
  return `{"account":${text(account)},"change":${text(change)},"detail":${text(detail)}}`;
}

function simulatedInstructionJson({ depth, instruction }: SimulatedInstruction): string {
  return `{"depth":${whole(depth)},"instruction":${instructionJson(instruction)}}`;
}
