// Owns the entries of RPC nodes: of the chain that is read, and of relayers of the type `rpc`.
import * as z from 'zod';
import type { KeyPath } from './problem.ts';
import { path, text } from './schema-parts.ts';
import type { Secret } from './secret.ts';
import type { SectionReader } from './section-reader.ts';
import { RPC_URL, resolveUrl, WEBSOCKET_URL } from './url-secrets.ts';

const rateLimit = z.int().min(1).max(1_000_000);

const endpointSchema = z.strictObject({
  url: text.optional().describe('URL of the node. This or `url_file`.'),
  url_file: path.optional().describe('File that holds the URL, for one with a key in it.'),
  weight: z.int().min(1).max(1_000).default(1).describe('Share of the load, against the weights of the others.'),
  requests_per_second: rateLimit
    .optional()
    .describe('How often it is asked at most, by each gateway. Absent: as often as there is something to ask.'),
  ws_url: text
    .optional()
    .describe('Its WebSocket URL, where it is not the URL with `ws` for `http`. This, `ws_url_file`, or neither.'),
  ws_url_file: path.optional().describe('File that holds that URL, for one with a key in it.'),
});

export const endpointsSchema = z.array(endpointSchema).min(1).max(16).optional();

type Endpoints = z.output<typeof endpointsSchema>;

export interface RpcEndpointConfig {
  /** Secret, because providers put keys into it. */
  readonly url: Secret;
  /** `null`: derived from the URL. */
  readonly wsUrl: Secret | null;
  readonly weight: number;
  /** `null`: no limit. */
  readonly requestsPerSecond: number | null;
  /** Key of the URL in its section, for example `endpoints[1].url_file`. */
  readonly field: string;
}

interface EndpointKeys {
  /** The section. */
  readonly at: KeyPath;
  /** Of the short form for one node: `url` or `rpc_url`. */
  readonly key: string;
  readonly value: string | undefined;
  readonly file: string | undefined;
  readonly endpoints: Endpoints;
}

/** Either the short form or the list must be given, and each URL be of the kind. Never empty. */
export async function resolveEndpoints(
  reader: SectionReader,
  { at, key, value, file, endpoints }: EndpointKeys,
): Promise<readonly RpcEndpointConfig[] | undefined> {
  const short = value !== undefined || file !== undefined;
  if (endpoints === undefined) {
    if (!short) return reader.refuse(at, `needs ${key}, ${key}_file or endpoints`);
    const url = await resolveUrl(reader, RPC_URL, { at, key, value, file });
    const field = value === undefined ? `${key}_file` : key;
    return url === undefined ? undefined : [{ url, wsUrl: null, weight: 1, requestsPerSecond: null, field }];
  }
  if (short) {
    return reader.refuse([...at, value === undefined ? `${key}_file` : key], `give ${key} or endpoints, not both`);
  }
  const resolved = await Promise.all(
    endpoints.map((endpoint, n) => resolveEndpoint(reader, [...at, 'endpoints', n], `endpoints[${n}]`, endpoint)),
  );
  const complete = resolved.filter((endpoint) => endpoint !== undefined);
  if (complete.length < resolved.length) return undefined;
  return refuseRepeats(reader, at, complete) ? undefined : complete;
}

async function resolveEndpoint(
  reader: SectionReader,
  at: KeyPath,
  name: string,
  endpoint: NonNullable<Endpoints>[number],
): Promise<RpcEndpointConfig | undefined> {
  const { ws_url, ws_url_file, weight, requests_per_second } = endpoint;
  const url = await resolveUrl(reader, RPC_URL, { at, key: 'url', value: endpoint.url, file: endpoint.url_file });
  const socket = { at, key: 'ws_url', value: ws_url, file: ws_url_file };
  const hasSocket = ws_url !== undefined || ws_url_file !== undefined;
  const wsUrl = hasSocket ? await resolveUrl(reader, WEBSOCKET_URL, socket) : null;
  if (url === undefined || wsUrl === undefined) return undefined;
  const field = `${name}.${endpoint.url === undefined ? 'url_file' : 'url'}`;
  return { url, wsUrl, weight, requestsPerSecond: requests_per_second ?? null, field };
}

/** One node that is asked twice is no second opinion. */
function refuseRepeats(reader: SectionReader, at: KeyPath, endpoints: readonly RpcEndpointConfig[]): boolean {
  const hrefs = endpoints.map(({ url }) => URL.parse(url.reveal())?.href);
  const repeats = endpoints.flatMap(({ field }, n) => {
    const first = hrefs.indexOf(hrefs[n]);
    return first === n ? [] : [{ n, key: field.split('.').at(-1) ?? 'url', first }];
  });
  for (const { n, key, first } of repeats) {
    reader.refuse([...at, 'endpoints', n, key], `is the URL of endpoints[${first}] too; name each node once`);
  }
  return repeats.length > 0;
}
