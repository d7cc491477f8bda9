// Owns HTTP/2 frames written by hand, for what no gRPC client would send: repeated headers, broken lengths, garbage.
import { connect } from 'node:net';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = 4;
const HEADERS = 1;
const DATA = 0;
const END_HEADERS = 4;
const END_STREAM = 1;

/** Sends one call and collects what comes back, as readable as HPACK leaves it, until `until` matches or the peer hangs up. */
export function rawCall(
  target: string,
  call: { readonly path: string; readonly headers: readonly [string, string][]; readonly body: Uint8Array },
  until: RegExp,
): Promise<string> {
  const [host = '', port = ''] = target.split(':');
  const socket = connect(Number(port), host);
  const headers: readonly [string, string][] = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', call.path],
    [':authority', target],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...call.headers,
  ];
  socket.write(
    Buffer.concat([
      PREFACE,
      frame(SETTINGS, 0, 0, Buffer.alloc(0)),
      frame(HEADERS, END_HEADERS, 1, Buffer.concat(headers.map(literal))),
      frame(DATA, END_STREAM, 1, call.body),
    ]),
  );
  return new Promise((resolve, reject) => {
    let seen = '';
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1');
      if (until.test(seen)) socket.destroy();
    });
    socket.on('close', () => resolve(seen));
    socket.on('error', reject);
  });
}

/** A gRPC message with its five bytes of prefix. */
export function message(bytes: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

// HPACK "literal header field without indexing, new name", no Huffman.
function literal([name, value]: readonly [string, string]): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length > 126) throw new Error('a raw header is too long for its one-byte length');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function frame(type: number, flags: number, stream: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}
