// Owns what a command takes for a policy input: a file, or the id of a request whose input a gateway has recorded.
import { readFile } from 'node:fs/promises';
import { inputIn } from '../../../authoring/fixtures/fixture-document.ts';
import type { CanonicalValue } from '../../../core/canonical-json.ts';
import { parseJson } from '../../../core/decision/json-value.ts';
import type { CliContext, ConnectOptions } from '../../context.ts';
import type { ExitCode } from '../../exit.ts';
import { inLines, runInLines } from './in-lines.ts';
import { recordedRequest } from './recorded-request.ts';

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** For the help of such a command. */
export const NAMED_INPUT =
  'a file (what `countersign explain --json` prints, a recorded decision, a fixture), or the id of a request that the gateway judged';

/** Runs the command with a way to the input that is named. */
export function withInput(
  context: CliContext,
  options: ConnectOptions,
  named: string,
  work: (input: () => Promise<CanonicalValue>) => Promise<ExitCode>,
): Promise<void> {
  if (!REQUEST_ID.test(named)) {
    return runInLines(context, () => work(async () => inputIn(await readFile(named, 'utf8'), named)));
  }
  return context.withGateway(options, (gateway) =>
    inLines(context.terminal, () =>
      work(async () => parseJson(new TextDecoder().decode((await recordedRequest(gateway, named)).input))),
    ),
  );
}
