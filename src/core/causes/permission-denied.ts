import { accessFault, type Access } from '../evidence/access.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, PathFound } from '../evidence/inquiry.ts';
import { endpointNear, endpointWords } from './endpoint.ts';
import { pathOfComplaint } from './path-in.ts';
import { coveringSetting, readOnlySetting } from './sandbox-cover.ts';
import { accessAsk } from './path-ask.ts';
import type { Matcher, Suspicion } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

const pattern =
  /\bpermission denied\b|\bEACCES\b|\baccess denied\b|\boperation not permitted\b|\bEPERM\b|\bread-only file system\b|\bEROFS\b|\bnot writ(?:e)?able\b|\bnot readable\b/i;
const bind = /\b(?:bind|listen)/i;
const writes =
  /\b(?:writ(?:e|ing|able)|creat(?:e|ing)|mkdir|open\(?\)? .{0,200}(?:O_CREAT|for (?:writing|append))|log file|pid ?file|lock|unlink|rename|touch|read-only file system|EROFS)\b|\bcannot create\b/i;

/** A database that turns a login down denies no file. */
const notAFile = /\bfor user\b|\bpublickey\b|\busing password\b|\bselinux\b/i;

export const permissionDenied: Matcher = {
  id: 'permission-denied',
  looksFor: 'the log says that the service may not read, write or bind something',
  match(evidence) {
    const found = told(evidence, pattern);
    if (found === undefined || notAFile.test(found.line.text)) return undefined;
    const { line, index, groups } = found;
    const proof = proofOf(evidence, pattern);
    const path = pathOfComplaint(line.text, index, groups[0]?.length ?? 0, evidence.service);
    if (bind.test(line.text) && path === undefined) {
      const endpoint = endpointNear([line.text]);
      if (endpoint !== undefined && endpoint.port < 1024)
        return lowPort(evidence, endpointWords(endpoint), endpoint.port, proof);
    }
    if (path === undefined)
      return { sentence: 'Something that it needs is forbidden to it.', proof, state: 'likely' };
    const access: Access = writes.test(line.text) ? 'write' : 'read';
    return {
      sentence: `${path} is forbidden to ${who(evidence)}.`,
      proof,
      state: 'likely',
      inquiry: {
        kind: 'path',
        ask: accessAsk(evidence, path),
        conclude: (answer) => conclude(evidence, path, access, answer),
      },
    };
  },
};

function who({ service }: Evidence): string {
  const user = service?.user ?? '';
  return user === '' ? 'the service' : `the user ${user} that it runs as`;
}

function lowPort(evidence: Evidence, words: string, port: number, proof: readonly string[]): Suspicion {
  return {
    sentence: `It may not listen on ${words}.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'low-ports',
      ask: undefined,
      conclude: ({ firstUnprivileged }) => {
        const user = evidence.service?.user ?? '';
        const held = user !== '' && user !== 'root' && evidence.service?.mayBindLowPorts === false;
        if (!held || port >= firstUnprivileged)
          return { state: 'likely', sentence: `It may not listen on ${words}.`, seen: [] };
        const sentence = `The user ${user} may not listen on ${words}: ports below ${firstUnprivileged} need CAP_NET_BIND_SERVICE, which the unit does not give (AmbientCapabilities=).`;
        return {
          state: 'confirmed',
          sentence,
          seen: [`seen now: net.ipv4.ip_unprivileged_port_start is ${firstUnprivileged}`],
        };
      },
    },
  };
}

function conclude(evidence: Evidence, path: string, access: Access, found: PathFound): Conclusion {
  const { service } = evidence;
  if (service !== undefined && service.root !== '') {
    const sentence = `${path} is forbidden to ${who(evidence)}, below its own root ${service.root}.`;
    return { state: 'could-not-check', sentence, seen: [] };
  }
  const cover = coveringSetting(service?.sandbox, path);
  if (cover !== undefined)
    return {
      state: 'confirmed',
      sentence: `${path} is forbidden to the service: ${cover} hides it.`,
      seen: [],
    };
  const readOnly = readOnlySetting(service?.sandbox, path);
  if (access === 'write' && readOnly !== undefined) {
    const sentence = `${path} is read-only for the service: ${readOnly}, and no ReadWritePaths= that allows it.`;
    return { state: 'confirmed', sentence, seen: [] };
  }
  if (access === 'write' && found.mount?.options.includes('ro') === true) {
    const sentence = `${path} is not writable: ${found.mount.point} is mounted read-only.`;
    return {
      state: 'confirmed',
      sentence,
      seen: [`seen now: ${found.mount.point} is mounted ${found.mount.options.join(',')}`],
    };
  }
  return concludeByModes(evidence, path, access, found);
}

function concludeByModes(evidence: Evidence, path: string, access: Access, found: PathFound): Conclusion {
  const { account, steps, missing } = found;
  const doubt = { state: 'likely', sentence: `${path} is forbidden to ${who(evidence)}.` } as const;
  if (account === undefined)
    return {
      ...doubt,
      state: 'could-not-check',
      seen: ['not seen from here: whose it is, or whom the service runs as'],
    };
  const rights = { account, isOverriding: account.uid === 0 && evidence.service?.rootReadsAll !== false };
  // What a message calls forbidden may be read, written, or both: reading is what everybody needs.
  const fault = accessFault({ steps, missing, path: found.path, access, ...rights });
  if (fault === undefined) {
    const more =
      account.uid === 0
        ? ' although it runs as root: AppArmor, SELinux or a missing capability may forbid it'
        : ', although its modes allow it: AppArmor, SELinux or something on the way may forbid it';
    return {
      ...doubt,
      sentence: `${path} is forbidden to ${who(evidence)}${more}.`,
      seen: [`seen now: the modes of ${path} allow ${account.name} to ${access} it`],
    };
  }
  if (fault.step.hasAcl)
    return {
      ...doubt,
      state: 'could-not-check',
      seen: [`seen now: ${fault.words}, and an access list that was not read`],
    };
  const sentence = `The user ${account.name} may not ${fault.needs} ${fault.step.path}${fault.step.path === found.path ? '' : `, on the way to ${path}`}.`;
  return {
    state: 'confirmed',
    sentence,
    seen: [`seen now: ${fault.words}`],
  };
}
