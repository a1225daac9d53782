import { managerInterface, managerPath, systemdName } from './manager.ts';

const fromSystemd = `type='signal',sender='${systemdName}'`;
const changed = `${fromSystemd},interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',path_namespace='${managerPath}/unit'`;
const managerSignal = (member: string): string =>
  `${fromSystemd},path='${managerPath}',interface='${managerInterface}',member='${member}'`;

/**
 * One rule per kind of signal. Both parts of a change are wanted: the Service part alone has neither the invocation id
 * nor the state that tells a give-up (before v260 `Result` does not say it; facts §5). A rule by the well-known name goes
 * on working when PID 1 re-executes and its unique name changes.
 */
export const matchRules: readonly string[] = [
  `${changed},arg0='${systemdName}.Service'`,
  `${changed},arg0='${systemdName}.Unit'`,
  managerSignal('UnitNew'),
  managerSignal('UnitRemoved'),
  managerSignal('Reloading'),
  `type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${systemdName}'`,
];
