// Owns the reading of a decision log from a file: one decision after the other, however large the file is.
import { createReadStream } from 'node:fs';
import { type LoggedDecision, parseDecisionLine } from '../../policy/decision-log/decision-line.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Far above the largest input. */
const LONGEST_LINE = 8 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** Throws an Error that names file and line. */
export async function* decisionsInFile(file: string): AsyncIterable<LoggedDecision> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of chunksOf(file)) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      number += 1;
      yield decisionAt(file, number, bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_LINE) throw new Error(`${file}:${number + 1}: it is longer than ${LONGEST_LINE} bytes`);
  }
  if (rest.length > 0) yield decisionAt(file, number + 1, rest);
}

async function* chunksOf(file: string): AsyncIterable<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: CHUNK_BYTES });
  } catch (error) {
    throw new Error(`${file} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

function decisionAt(file: string, number: number, line: Uint8Array): LoggedDecision {
  try {
    return parseDecisionLine(line);
  } catch (error) {
    throw new Error(`${file}:${number}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
