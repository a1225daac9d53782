const mostChars = 200;
/** Parts of a secret that would be recognised; shorter ones are words. */
const tokenPattern = /[A-Za-z0-9]{6,}/gu;

/**
 * The start of what a server answered, as ` ("no_service")`, or nothing where it may repeat what it was sent: a server
 * that echoes its request must not put a token into the log.
 */
export function answerExcerpt(body: string, secrets: readonly string[]): string {
  const text = body.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  // an HTML page says nothing in its first line that the status does not
  if (text === '' || text.startsWith('<')) return '';
  const plain = decoded(text);
  const isEcho = secrets.flatMap((secret) => [
    ...(secret.match(tokenPattern) ?? []),
    ...(decoded(secret).match(tokenPattern) ?? []),
  ]);
  if (isEcho.some((token) => text.includes(token) || plain.includes(token))) return '';
  return ` ("${text.length <= mostChars ? text : `${text.slice(0, mostChars)}…`}")`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
