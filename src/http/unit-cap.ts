import type { UnitView } from '../core/view.ts';

/** At most `cap` units have series. Those with a problem come first, so that a crowd of calm ones hides no loop. */
export function capUnits(
  units: readonly UnitView[],
  cap: number,
): { readonly kept: readonly UnitView[]; readonly cut: readonly UnitView[] } {
  if (units.length <= cap) return { kept: units, cut: [] };
  const troubled = units.filter((unit) => unit.verdict !== 'calm');
  const calm = units.filter((unit) => unit.verdict === 'calm');
  const ranked = [...troubled, ...calm];
  return { kept: ranked.slice(0, cap), cut: ranked.slice(cap) };
}
