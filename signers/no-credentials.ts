// Owns what may be said of why a vendor's library finds no credentials.

/** Of the engine's parser, which quotes what it was given. Libraries put its words into errors of their own. */
const PARSER_WORDS = /SyntaxError|is not valid JSON|JSON at position|JSON input/;

/** In the library's words, but for those of a parser: it quotes credentials. */
export function whyNoCredentials(error: unknown): string {
  if (!(error instanceof Error)) return 'they cannot be had';
  return error.name === 'SyntaxError' || PARSER_WORDS.test(error.message)
    ? 'what should hold them is not JSON'
    : error.message;
}
