import type { Matcher } from './suspicion.ts';
import { saidBySystemd } from './telling-lines.ts';

const said = /Failed to determine (?:user|group) credentials|Failed at step (?:USER|GROUP)/;

export const missingUser: Matcher = {
  id: 'missing-user',
  looksFor: 'systemd could not become the user or group of the unit (217/USER, 216/GROUP)',
  match(evidence) {
    const { exit, spawn, service } = evidence;
    if (exit?.code !== 'exited' || (exit.status !== 217 && exit.status !== 216)) return undefined;
    const proof = spawn === undefined ? saidBySystemd(evidence, said).slice(-2) : [spawn.text];
    const { user = '', group = '' } = service ?? {};
    if (user === '' && group === '')
      return {
        sentence: 'systemd could not become the user or group that the unit wants.',
        proof,
        state: 'likely',
      };
    return {
      sentence: `systemd could not become ${user === '' ? `the group ${group}` : `the user ${user}`}.`,
      proof,
      state: 'likely',
      inquiry: {
        kind: 'account',
        ask: { user, group },
        conclude: ({ userKnown, groupKnown }) => {
          if (user !== '' && !userKnown)
            return {
              state: 'confirmed',
              sentence: `The user "${user}" of User= does not exist.`,
              seen: [`seen now: getent passwd ${user}: nothing`],
            };
          if (group !== '' && !groupKnown)
            return {
              state: 'confirmed',
              sentence: `The group "${group}" of Group= does not exist.`,
              seen: [`seen now: getent group ${group}: nothing`],
            };
          return {
            state: 'likely',
            sentence: `systemd could not become the user ${user || 'or group'} of the unit, which exists now.`,
            seen: [],
          };
        },
      },
    };
  },
};
