/** What stands in the place of a secret. */
const mask = '***';

/**
 * Names whose value is nobody's business, as in `DB_PASSWORD=…`, `"api_key": "…"`, `--token …`. The letters before are
 * part of the name, so that `MYSQL_PWD` counts as `pwd`.
 */
const secretName =
  '(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|auth(?:orization)?|credentials?|cookie|session[-_]?id)';

const patterns: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@'"]{0,200}:)[^\s/@'"]{1,500}@/gi, `$1${mask}@`],
  // Authorization: Bearer …, Basic …
  [/\b(bearer|basic)\s+[a-z0-9+/._~=-]{8,}/gi, `$1 ${mask}`],
  // NAME=value, "name": "value", name: value
  [
    new RegExp(
      `\\b([\\w.-]{0,60}${secretName}(?:[-_]\\w{0,30})?["']?\\s{0,3}[=:]\\s{0,3})("[^"]{1,500}"|'[^']{1,500}'|[^\\s,;&"']{1,500})`,
      'gi',
    ),
    `$1${mask}`,
  ],
  // --password value
  [new RegExp(`(--?[\\w-]{0,30}${secretName}[\\w-]{0,20}\\s{1,3})([^\\s-][^\\s]{0,500})`, 'gi'), `$1${mask}`],
  // Keys that are known by their beginning: AWS, GitHub, GitLab, Slack, Google, Stripe, JSON Web Tokens.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, mask],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AIza|[rs]k_live_)[\w-]{10,}/g, mask],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}/g, mask],
];

/** Words that stand after `password:` and are no password: what the sentence says about it. */
const words =
  /^["']?(?:\*+|bearer|basic|authentication|is|was|not|failed|for|has|required|missing|incorrect|invalid|expired|wrong|error|denied|no|none|null|true|false|yes)\b/i;

/** What looks like a secret, masked. Errs on the side of masking; the names of the secrets stay. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of patterns) {
    masked = masked.replace(pattern, (...groups: unknown[]) => {
      const [whole, before, value] = groups.map((group) => (typeof group === 'string' ? group : ''));
      if (value !== undefined && value !== '' && words.test(value)) return whole ?? '';
      return replacement.replace('$1', () => before ?? '');
    });
  }
  return masked;
}
