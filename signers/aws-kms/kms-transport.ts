// Owns how the AWS SDK's requests reach KMS: over our own bounded HTTP client, which knows whether a lost call may have arrived.
import type { HttpClient } from '../../net/http-client.ts';

/** A call that KMS did not answer, or not in a way that makes sense. */
export class KmsCallLost extends Error {
  readonly mayHaveArrived: boolean;

  constructor(reason: string, mayHaveArrived: boolean) {
    super(reason);
    this.name = 'KmsCallLost';
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** What the SDK gives its handler of requests. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** A handler of requests for the SDK. */
export function kmsTransport(client: HttpClient) {
  return {
    handle: async (
      { protocol, hostname, port, path, headers, body }: SdkRequest,
      { abortSignal }: { readonly abortSignal?: unknown } = {},
    ): Promise<{ readonly response: SdkResponse }> => {
      const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
      if (!(abortSignal instanceof AbortSignal)) throw new Error('a call of KMS must have a signal');
      const answer = await client.call({ method: 'POST', url, headers, body: textOf(body) }, abortSignal);
      if (answer.kind === 'lost') throw new KmsCallLost(answer.reason, answer.mayHaveArrived);
      // Operations that have nothing to tell, as CreateAlias, are answered without a body.
      const isEmpty = answer.status === 200 && answer.body === '';
      if (!isEmpty && !isJson(answer.body))
        throw new KmsCallLost(`HTTP status ${answer.status} with a body that is not KMS's`, true);
      const { status: statusCode } = answer;
      return { response: { statusCode, headers: flat(answer.headers), body: Buffer.from(answer.body) } };
    },
    /** The SDK asks for these where it has extensions of its own to tell. */
    updateHttpClientConfig: (): void => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  throw new Error('the SDK made a request of KMS whose body is neither text nor bytes');
}

function isJson(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null;
  } catch {
    return false;
  }
}

function flat(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
