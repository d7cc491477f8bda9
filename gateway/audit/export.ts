// Owns the export of the audit chain: newline-delimited JSON, one record a line, and its strict reader.
import type { AuditRecord } from '../core/audit/audit-record.ts';
import { GatewayError } from '../core/errors.ts';

/** Characters of a line at most: a body holds one transaction and one policy input. */
const MAX_LINE = 4 * 1024 * 1024;

const LINE =
  /^\{"sequence":([1-9][0-9]{0,19}),"previous_hash":"([0-9a-f]{64})","hash":"([0-9a-f]{64})","body":(".*")\}$/s;

/**
 * One line with its newline: `{"sequence":1,"previous_hash":"<hex>","hash":"<hex>","body":"<the body's text>"}`, in exactly this form.
 * Throws INTERNAL when the body is not UTF-8: then the record was tampered with, and an export would hide it.
 */
export function exportLine(record: AuditRecord): string {
  const body = decodeBody(record);
  return `{"sequence":${record.sequence},"previous_hash":"${hex(record.previousHash)}","hash":"${hex(record.hash)}","body":${JSON.stringify(body)}}\n`;
}

export async function* exportRecords(records: AsyncIterable<AuditRecord>): AsyncGenerator<string> {
  for await (const record of records) yield exportLine(record);
}

function decodeBody(record: AuditRecord): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(record.body);
  } catch {
    throw new GatewayError(
      'INTERNAL',
      `the body of audit record ${record.sequence} is not UTF-8: it was tampered with`,
    );
  }
}

/**
 * Reads what `exportRecords` wrote, from text in any pieces; accepts no other form. Throws INVALID_FIELD with the number of the first
 * line that is not a record. Whether the records hold together is for `verifyChain`.
 */
export async function* readExport(text: AsyncIterable<string>): AsyncGenerator<AuditRecord> {
  let number = 0;
  for await (const line of lines(text)) {
    number++;
    yield parseLine(line, number);
  }
}

async function* lines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of text) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE)
      throw new GatewayError('INVALID_FIELD', 'the export holds a line that is too long for a record');
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function parseLine(line: string, number: number): AuditRecord {
  const match = LINE.exec(line);
  const [, sequence = '', previousHash = '', hash = '', bodyJson = ''] = match ?? [];
  const body = match === null ? null : parseText(bodyJson);
  if (body === null || BigInt(sequence) > 0xffff_ffff_ffff_ffffn) {
    throw new GatewayError(
      'INVALID_FIELD',
      `line ${number} of the export is no audit record; expected {"sequence":…,"previous_hash":"…","hash":"…","body":"…"}`,
    );
  }
  return {
    sequence: BigInt(sequence),
    previousHash: fromHex(previousHash),
    hash: fromHex(hash),
    body: new TextEncoder().encode(body),
  };
}

// The text that stands there must be the one that the writer would write.
function parseText(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' && value.isWellFormed() && JSON.stringify(value) === json ? value : null;
  } catch {
    return null;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
