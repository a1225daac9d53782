import { severities, type Finding } from './finding.ts';

/** So many names are listed where one place is many units'. */
const mostUnits = 100;

/**
 * Instances share their template's unit file, and a drop-in in service.d is every service's: what one rule finds at one
 * place is one finding, in the words that are gravest, of the unit that the file belongs to or else of the first, and
 * names those it holds for.
 */
export function joinByPlace(findings: readonly Finding[]): readonly Finding[] {
  const atPlace = new Map<string, Finding[]>();
  const seen = new Map<string, number>();
  for (const finding of findings) {
    const { id, unit, file, line, column } = finding;
    const place = `${id} ${file}:${line}:${column}`;
    // What one unit has there several times is several findings.
    const times = (seen.get(`${unit} ${place}`) ?? 0) + 1;
    seen.set(`${unit} ${place}`, times);
    const key = `${place} ${times}`;
    const before = atPlace.get(key);
    if (before === undefined) atPlace.set(key, [finding]);
    else before.push(finding);
  }
  return [...atPlace.values()].map(joined);
}

function joined(findings: readonly Finding[]): Finding {
  const [first] = findings.toSorted(byGravity);
  if (first === undefined) throw new Error('a place without a finding');
  if (findings.length === 1) return first;
  const others = findings.flatMap(({ unit }) => (unit === first.unit ? [] : unit));
  return { ...first, units: [first.unit, ...others].slice(0, mostUnits), unitsTotal: findings.length };
}

function byGravity(a: Finding, b: Finding): number {
  const gravity = severities.indexOf(a.severity) - severities.indexOf(b.severity);
  return gravity || Number(isOwn(b)) - Number(isOwn(a));
}

/** Its unit file, or a drop-in for it alone: instances look into those of their template. */
function isOwn({ file, unit }: Finding): boolean {
  return file.includes(`/${unit}`);
}
