import type { Effect } from './effect.ts';
import type { Incident } from './incident.ts';
import { maxClosedIncidents, type State } from './state.ts';
import type { UnitRecord } from './unit-record.ts';

/** Puts a record, and what became of its incident, in its place. */
export function put(state: State, record: UnitRecord, effects: readonly Effect[]): void {
  state.units.set(record.unit, record);
  if (record.loaded) state.unloaded.delete(record.unit);
  else state.unloaded.add(record.unit);
  if (record.incident === undefined) state.open.delete(record.unit);
  else state.open.add(record.unit);
  for (const effect of effects) {
    if (effect.kind === 'incident-opened') state.incidentsTotal[effect.incident.kind] += 1;
    else if (effect.kind === 'incident-worsened' && effect.why === 'braked' && !effect.incident.leader)
      state.incidentsTotal.braked += 1;
    else if (effect.kind === 'incident-closed') remember(state, effect.incident);
  }
}

/** An incident that the past told of already takes the place of what was told. */
function remember(state: State, incident: Incident): void {
  const known = state.closed.findLastIndex(
    ({ unit, closed }) => unit === incident.unit && closed?.at.wallMs === incident.closed?.at.wallMs,
  );
  if (known >= 0) state.closed[known] = incident;
  else state.closed.push(incident);
  if (state.closed.length <= maxClosedIncidents) return;
  // Those that were told with another one are the first to go.
  const least = state.closed.findIndex(({ leader }) => leader !== undefined);
  state.closed.splice(Math.max(0, least), 1);
}
