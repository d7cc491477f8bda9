// Owns the URLs of remote services that are no secrets: by https, or by http on loopback; credentials stand elsewhere.
import { isLoopback } from '../rpc/listen-address.ts';
import type { KeyPath } from './problem.ts';
import type { SectionReader } from './section-reader.ts';

/** `example`: a right one, for the problem. `undefined`, with a problem, where it cannot be used. */
export function checkedServiceUrl(
  reader: SectionReader,
  path: KeyPath,
  text: string,
  example: string,
): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return reader.refuse(path, `is not a URL of the kind ${example}`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return reader.refuse(path, `must be a URL without user, password, query and fragment, such as ${example}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) {
    return reader.refuse(path, `would send credentials in the clear: take https, such as ${example}`);
  }
  return text;
}

/** As `checkedServiceUrl`, for a service whose paths are its own: one in the URL would be dropped. */
export function checkedServerUrl(
  reader: SectionReader,
  path: KeyPath,
  text: string,
  example: string,
): string | undefined {
  const checked = checkedServiceUrl(reader, path, text, example);
  if (checked === undefined) return undefined;
  const { pathname, origin } = new URL(checked);
  if (pathname === '/') return checked;
  return reader.refuse(path, `must be the URL of the server alone, without the path ${pathname}: ${origin}`);
}
