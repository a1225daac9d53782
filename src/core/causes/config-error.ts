import type { Matcher } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

const pattern =
  /\b(?:configuration|config) (?:file )?.{0,120}\b(?:test failed|is invalid|error|could not be parsed|failed to parse)\b|\b(?:invalid|bad|wrong|unknown|unrecogni[sz]ed|unexpected|unsupported|duplicate) (?:configuration|config|directive|keyword|option|command-line|setting|parameter|argument|flag|key)\b|\b(?:error|failed to (?:parse|load|read)) .{0,40}\bconfig(?:uration)?\b|\bsyntax error\b.{0,200}\b(?:line|conf|ya?ml|json|toml|ini)\b|\byaml: |\bCan't parse\b|\[emerg\].{0,200}\bin \/\S+:\d+|\bFATAL CONFIG FILE ERROR\b|\bunknown directive\b|\bIllegalConfig|\bConfigurationError\b|\bValidationError\b|\bparse error\b.{0,100}\b(?:line|conf)/i;

/** "in /etc/nginx/nginx.conf:12", "on line 5 of /etc/apache2/x.conf", "/etc/x.yml: yaml: line 3" */
const place =
  /(\/[^\s:;,'"()]{2,200}):(\d{1,6})\b|\bline (\d{1,6}) of (?:file )?["']?(\/[^\s:;,'"()]{2,200})|(\/[^\s:;,'"()]{2,200})["']?,?:? (?:\w+: ){0,2}(?:on |at )?line (\d{1,6})/;

const exConfig = 78;
const notConfigured = 6;

export const configError: Matcher = {
  id: 'config-error',
  looksFor: 'status 78/CONFIG, or the log says that the configuration is wrong',
  isGeneral: true,
  match(evidence) {
    const { exit } = evidence;
    const bySystemd = evidence.spawn !== undefined;
    const byStatus =
      !bySystemd && exit?.code === 'exited' && (exit.status === exConfig || exit.status === notConfigured);
    const found = told(evidence, pattern);
    if (!byStatus && found === undefined) return undefined;
    const where = found === undefined ? undefined : placeIn([found.line.text, ...found.near]);
    const says = byStatus && exit.status === exConfig ? ', as its status 78/CONFIG says' : '';
    return {
      sentence: `Its configuration is wrong${where === undefined ? '' : ` in ${where}`}${says}.`,
      proof: proofOf(evidence, pattern),
      // Two signs that do not hang together: the status that means nothing else, and the words.
      state: says !== '' && found !== undefined ? 'confirmed' : 'likely',
    };
  },
};

function placeIn(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const match = place.exec(text);
    if (match === null) continue;
    const [, a, aLine, bLine, b, c, cLine] = match;
    return `${a ?? b ?? c}, line ${aLine ?? bLine ?? cLine}`;
  }
  return undefined;
}
